// --pflash: what is in a flash bank.
#pragma once

#include <string>

namespace tw::command {

/// "FILE[,readonly][,snapshot=off]". By default what the guest programs is forgotten at the end of the run.
struct FlashOption {
  std::string path;
  bool readonly = false;    ///< the guest cannot program it
  bool write_back = false;  ///< the file gets the contents at the end of the run
};

/// Throws UserError.
FlashOption parse_flash(const std::string& text);

}  // namespace tw::command
