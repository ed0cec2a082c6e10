#include "platforms/config/parameter.hpp"

#include <fmt/format.h>

#include <iterator>
#include <limits>

namespace tw::config {
namespace {

constexpr std::string_view kProvenances[] = {"architecture", "measured", "trm", "paper", "choice", "placeholder"};

}  // namespace

std::string text(const Value& value) {
  if (const u64* number = std::get_if<u64>(&value)) return fmt::format("{}", *number);
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  return std::get<std::string>(value);
}

std::string_view name(Provenance provenance) { return kProvenances[static_cast<unsigned>(provenance)]; }

bool parse(std::string_view text, Provenance& provenance) {
  for (unsigned i = 0; i < std::size(kProvenances); ++i) {
    if (text == kProvenances[i]) {
      provenance = static_cast<Provenance>(i);
      return true;
    }
  }
  return false;
}

std::string range(const Parameter& parameter) {
  if (std::holds_alternative<bool>(parameter.value)) return "true | false";
  if (std::holds_alternative<std::string>(parameter.value)) {
    if (parameter.choices.empty()) return "any";
    std::string choices;
    for (const char c : parameter.choices) choices += c == '|' ? std::string(" | ") : std::string(1, c);
    return choices;
  }
  if (parameter.max == std::numeric_limits<u64>::max()) return fmt::format("{}..", parameter.min);
  return fmt::format("{}..{}", parameter.min, parameter.max);
}

}  // namespace tw::config
