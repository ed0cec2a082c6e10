// --platform: which of the platforms a command is about.
#pragma once

#include <string>
#include <vector>

namespace tw::command {

/// Replay is of `trapwalk replay`: it has parameters and is no platform that runs.
enum class PlatformName { Virt, DmaStudy, Replay };

/// Takes `--platform NAME` out of `arguments`; virt without one. Throws UserError, with the nearest name.
PlatformName take_platform(std::vector<std::string>& arguments);

}  // namespace tw::command
