#include "sc_main/platform_option.hpp"

#include <optional>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"

namespace tw::command {

namespace {

constexpr const char* kOption = "--platform";

struct Row {
  const char* name;
  PlatformName platform;
};
constexpr Row kRows[] = {
    {"virt", PlatformName::Virt}, {"dma-study", PlatformName::DmaStudy}, {"replay", PlatformName::Replay}};

PlatformName named(const std::string& name) {
  std::vector<std::string> names;
  for (const Row& row : kRows) {
    if (name == row.name) return row.platform;
    names.emplace_back(row.name);
  }
  throw UserError(
      Complaint{kOption, fmt::format("no platform is called \"{}\"{} There are: {}", name,
                                     config::nearest(name, names).empty() ? "." : config::did_you_mean(name, names),
                                     fmt::join(names, ", "))});
}

}  // namespace

PlatformName take_platform(std::vector<std::string>& arguments) {
  std::optional<PlatformName> found;
  for (auto at = arguments.begin(); at != arguments.end();) {
    const std::string assigned = std::string(kOption) + "=";
    const bool joined = at->starts_with(assigned);
    if (!joined && *at != kOption) {
      ++at;
      continue;
    }
    if (found) throw UserError(Complaint{kOption, "is given twice"});
    if (joined) {
      found = named(at->substr(assigned.size()));
      at = arguments.erase(at);
    } else if (at + 1 == arguments.end()) {
      throw UserError(Complaint{kOption, "needs a name"});
    } else {
      found = named(*(at + 1));
      at = arguments.erase(at, at + 2);
    }
  }
  return found.value_or(PlatformName::Virt);
}

}  // namespace tw::command
