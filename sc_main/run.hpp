// `trapwalk run`: builds the platform that the user describes, runs it, and says what happened.
#pragma once

#include <functional>
#include <span>
#include <string>

namespace tw::virt {
class Platform;
}

namespace tw::command {

/// What a program of the user's own adds to the machine; see docs/tutorials/adding-a-device.md.
struct Extension {
  /// Called once when the virt platform stands, before the simulation starts. What it makes must outlive the run.
  std::function<void(virt::Platform&)> attach;
};

/// Returns the exit status (see --help). Throws UserError. Called below sc_main: it elaborates and starts a simulation.
int command_run(std::span<const std::string> arguments, const Extension& extension = {});

}  // namespace tw::command
