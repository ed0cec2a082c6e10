// The subcommands of `trapwalk` that need no simulation. Each returns the exit status, prints to standard output, and
// throws UserError for what the user got wrong (the dispatcher prints it and exits with 2).
#pragma once

#include <span>
#include <string>
#include <vector>

namespace tw::command {

/// trapwalk parameters [--cpu NAME] [--config FILE]… [--set KEY=VALUE]… [--placeholders] [--json] [PREFIX…]
int command_parameters(std::span<const std::string> arguments);
/// trapwalk report [--all] FILE.json
int command_report(std::span<const std::string> arguments);
/// trapwalk compare [--all] [--json] A.json B.json
int command_compare(std::span<const std::string> arguments);
#ifdef TW_TRACES
/// trapwalk replay TRACE [OPTION]…
/// `trapwalk record FILE… …` is `trapwalk run --record FILE… …`.
int command_record(std::span<const std::string> arguments);
int command_replay(std::span<const std::string> arguments);
/// trapwalk trace TRACE [OPTION]…
int command_trace(std::span<const std::string> arguments);
/// trapwalk import TOOL FILE TRACE [OPTION]…
int command_import(std::span<const std::string> arguments);
#endif
/// trapwalk sweep STUDY.toml [OPTION]… Returns only when there is no Python for it.
int command_sweep(std::span<const std::string> arguments);
/// trapwalk software list|show|options|get NAME…
int command_software(std::span<const std::string> arguments);
/// The arguments of `trapwalk run` for a software of the catalogue, which is fetched if it is not here. Throws
/// software::Unavailable.
std::vector<std::string> software_arguments(const std::string& name);

}  // namespace tw::command
