#include "sc_main/gdb_option.hpp"

#include "base/error.hpp"

namespace tw::command {

GdbOption parse_gdb(const std::string& text) {
  const std::size_t comma = text.find(',');
  GdbOption option{.address = text.substr(0, comma)};
  if (comma == std::string::npos) return option;
  const std::string how = text.substr(comma + 1);
  if (how != "wait=on" && how != "wait=off")
    throw UserError(Complaint{"--gdb", "'" + how + "' is neither wait=on nor wait=off"});
  option.wait = how == "wait=on";
  return option;
}

}  // namespace tw::command
