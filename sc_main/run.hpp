// `trapwalk run`: builds the platform that the user describes, runs it, and says what happened.
#pragma once

#include <span>
#include <string>

namespace tw::command {

/// Returns the exit status (see --help). Throws UserError. Called below sc_main: it elaborates and starts a simulation.
int command_run(std::span<const std::string> arguments);

}  // namespace tw::command
