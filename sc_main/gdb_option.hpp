// --gdb [HOST:]PORT|/PATH[,wait=on|off]
#pragma once

#include <string>

namespace tw::command {

struct GdbOption {
  std::string address;  ///< as gdb::Listener takes it
  bool wait = true;     ///< before the first instruction, for a debugger
};
/// Throws UserError.
GdbOption parse_gdb(const std::string& text);

}  // namespace tw::command
