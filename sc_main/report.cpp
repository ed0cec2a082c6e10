// `trapwalk report` and `trapwalk compare`: JSON reports as text, one or two at a time.
#include <fmt/core.h>

#include <filesystem>

#include "base/error.hpp"
#include "platforms/report/compare.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/text.hpp"
#include "sc_main/commands.hpp"

namespace tw::command {
namespace {

bool asks_for_help(std::span<const std::string> arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") return true;
  }
  return false;
}

void need(std::span<const std::string> arguments, std::size_t count, const char* usage) {
  for (const std::string& argument : arguments) {
    if (argument.starts_with("-"))
      throw UserError(Complaint{argument, fmt::format("no such option; usage: {}", usage)});
  }
  if (arguments.size() != count) throw UserError(Complaint{"", fmt::format("usage: {}", usage)});
}

}  // namespace

int command_report(std::span<const std::string> arguments) {
  constexpr const char* kUsage = "trapwalk report FILE.json";
  if (asks_for_help(arguments)) {
    fmt::print("{}: prints the report as text\n", kUsage);
    return 0;
  }
  need(arguments, 1, kUsage);
  fmt::print("{}", report::to_text(report::read_json(arguments[0])));
  return 0;
}

int command_compare(std::span<const std::string> arguments) {
  constexpr const char* kUsage = "trapwalk compare A.json B.json";
  if (asks_for_help(arguments)) {
    fmt::print("{}: prints two reports side by side with their differences\n", kUsage);
    return 0;
  }
  need(arguments, 2, kUsage);
  const report::Report a = report::read_json(arguments[0]);
  const report::Report b = report::read_json(arguments[1]);
  const std::string stem_a = std::filesystem::path(arguments[0]).stem().string();
  const std::string stem_b = std::filesystem::path(arguments[1]).stem().string();
  const bool told_apart = stem_a != stem_b;
  fmt::print("{}", report::compare(a, b, told_apart ? stem_a : "A", told_apart ? stem_b : "B"));
  return 0;
}

}  // namespace tw::command
