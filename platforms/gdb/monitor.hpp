// gdb's `monitor`: what a machine has and a program has not, a row a command.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/gdb/attached.hpp"

namespace tw::gdb {

struct MonitorCommand {
  std::string_view name, arguments, help;
  /// `words` without the name; `text`, what was written behind it. Throws UserError.
  std::string (*perform)(Attached& attached, const std::vector<std::string>& words, const std::string& text);
};
std::span<const MonitorCommand> monitor_commands();

/// What it says; what is wrong, too.
std::string monitor(Attached& attached, const std::string& line);

}  // namespace tw::gdb
