// The subcommands of `trapwalk` that need no simulation. Each returns the exit status, prints to standard output, and
// throws UserError for what the user got wrong (the dispatcher prints it and exits with 2).
#pragma once

#include <span>
#include <string>

namespace tw::command {

/// trapwalk parameters [--cpu NAME] [--config FILE]… [--set KEY=VALUE]… [--placeholders] [--json] [PREFIX…]
int command_parameters(std::span<const std::string> arguments);
/// trapwalk report [--all] FILE.json
int command_report(std::span<const std::string> arguments);
/// trapwalk compare [--all] [--json] A.json B.json
int command_compare(std::span<const std::string> arguments);

}  // namespace tw::command
