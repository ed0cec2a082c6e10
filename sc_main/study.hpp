// `trapwalk run --platform dma-study`.
#pragma once

#include <span>
#include <string>

namespace tw::command {

/// `arguments` without --platform. Returns the exit status (see --help). Throws UserError.
int command_study(std::span<const std::string> arguments);

}  // namespace tw::command
