#include "sc_main/command.hpp"

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
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
     "boots a guest on the virt platform, or studies DMA without one"},
#ifdef TW_TRACES
    {"import", command_import, "makes a trace of other tools': valgrind's lackey, ChampSim, gem5"},
    {"record", command_record, "a run with a trace of its accesses"},
    {"trace", command_trace, "what is in a trace: counts, or its records as CSV"},
    {"replay", command_replay, "a trace through an MMU, without a CPU; miss curves"},
#endif
    {"sweep", command_sweep, "many points of a study, in parallel, each kept as it ends"},
    {"software", command_software, "fetches real software from Debian: list, show NAME, get NAME"},
    {"parameters", command_parameters, "lists every parameter with default, unit, range and source"},
    {"report", command_report, "prints a JSON report as text, or makes a page of it"},
    {"compare", command_compare, "shows two JSON reports side by side, largest differences first"},
    {"help", command_help, "this page; trapwalk help COMMAND, or trapwalk COMMAND --help: all of one command"},
    {"--help", command_help, ""},
    {"-h", command_help, ""},
    {"--version", command_version, "the version"},
};

const Command& find_command(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    if (command.name == name) return command;
    names.emplace_back(command.name);
  }
  throw UserError(Complaint{"trapwalk", fmt::format("no command is called '{}'{}; see trapwalk help", name,
                                                    config::did_you_mean(name, names))});
}

/// `trapwalk help run` is `trapwalk run --help`.
int command_help(Arguments arguments) {
  if (!arguments.empty() && arguments.front() != "help") {
    const std::string help = "--help";
    return find_command(arguments.front()).run({&help, 1});
  }
  fmt::print("trapwalk: a virtual platform of Arm's virtualization hardware that says what every trap costs\n\n");
  for (const Command& command : kCommands) {
    if (!command.what.empty()) fmt::print("  trapwalk {:<12} {}\n", command.name, command.what);
  }
  fmt::print(
      "\nExit status of all: 0 it is done; 1 the simulator failed; 2 something is wrong with what was given, which "
      "one\n"
      "message names; 5 software or a package cannot be had. trapwalk help run, and help sweep, say what more there "
      "is.\n");
  return 0;
}

int dispatch(Arguments arguments, const Extension& extension) {
  if (arguments.empty()) {
    command_help(arguments);
    return kUser;
  }
  const Command& command = find_command(arguments.front());
  return command.name == "run" ? command_run(arguments.subspan(1), extension) : command.run(arguments.subspan(1));
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
