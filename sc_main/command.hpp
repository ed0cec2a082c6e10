// The whole of the `trapwalk` command, for programs that add devices to its machine.
#pragma once

#include <string>
#include <vector>

#include "sc_main/run.hpp"

namespace tw::command {

/// Does what `arguments` (without the program's name) say, prints what is wrong, and returns the exit status. Called
/// from sc_main().
int run_command(const std::vector<std::string>& arguments, const Extension& extension = {});

}  // namespace tw::command
