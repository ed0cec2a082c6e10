#include "sc_main/command.hpp"

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/software/child_process.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/run.hpp"

namespace tw::command {

namespace {

constexpr std::string_view kVersion = TW_VERSION;
enum ExitStatus : int { kFailure = 1, kUser = 2, kUnavailable = 5 };

using Arguments = std::span<const std::string>;

int command_version(Arguments) {
  fmt::print("trapwalk {}\n", kVersion);
  return 0;
}

int command_help(Arguments);

struct Command {
  std::string_view name;
  int (*run)(Arguments);
  std::string_view what;
};

constexpr Command kCommands[] = {
    {"run", [](Arguments arguments) { return command_run(arguments); },
     "boots a guest on the virt platform, or studies DMA without one (trapwalk help run)"},
#ifdef TW_TRACES
    {"import", command_import, "traces of other tools: valgrind's lackey, ChampSim, gem5"},
    {"record", command_record,
     "run --record: a run with a trace of its accesses; FILE[,OPTION...], then the options of run"},
    {"trace", command_trace, "what is in a trace: counts, or its records as CSV"},
    {"replay", command_replay, "a trace through an MMU, without a CPU; miss curves"},
#endif
    {"sweep", command_sweep, "many points of a study, in parallel, each kept as it ends (trapwalk help sweep)"},
    {"software", command_software, "fetches real software from Debian: list, show NAME, get NAME"},
    {"parameters", command_parameters, "lists every parameter with default, unit, range and source"},
    {"report", command_report, "prints a JSON report as text"},
    {"compare", command_compare, "shows two JSON reports side by side"},
    {"help", command_help, "this page"},
    {"--help", command_help, ""},
    {"--version", command_version, "the version"},
};

/// `trapwalk help run` is `trapwalk run --help`.
int command_help(Arguments arguments) {
  if (!arguments.empty()) {
    const std::string help = "--help";
    for (const Command& command : kCommands) {
      if (command.name == arguments.front() && command.run != command_help) return command.run({&help, 1});
    }
    throw UserError(Complaint{"trapwalk help", "no command is called '" + arguments.front() + "'"});
  }
  fmt::print("trapwalk: a virtual platform of Arm's virtualization hardware that says what every trap costs\n\n");
  for (const Command& command : kCommands) {
    if (!command.what.empty()) fmt::print("  trapwalk {:<12} {}\n", command.name, command.what);
  }
  return 0;
}

int dispatch(Arguments arguments, const Extension& extension) {
  if (arguments.empty()) {
    command_help(arguments);
    return kUser;
  }
  for (const Command& command : kCommands) {
    if (command.name != arguments.front()) continue;
    return command.name == "run" ? command_run(arguments.subspan(1), extension) : command.run(arguments.subspan(1));
  }
  throw UserError(Complaint{"trapwalk", "no command is called '" + arguments.front() + "'; see trapwalk help"});
}

}  // namespace

int run_command(const std::vector<std::string>& arguments, const Extension& extension) {
  try {
    return dispatch(arguments, extension);
  } catch (const UserError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUser;
  } catch (const software::Unavailable& error) {
    fmt::print(stderr, "trapwalk: {}\n", error.what());
    return kUnavailable;
  } catch (const std::exception& error) {
    fmt::print(stderr, "trapwalk: internal error: {}\n", error.what());
    return kFailure;
  }
}

}  // namespace tw::command
