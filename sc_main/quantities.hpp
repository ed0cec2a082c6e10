// Numbers with units, as users write them.
#pragma once

#include <string>

#include "base/types.hpp"

namespace tw::command {

/// Decimal, or 0x for hexadecimal. These throw UserError naming `option`.
u64 parse_number(const std::string& text, const std::string& option);
/// "1G", "512M", "64K", "4096".
u64 parse_size(const std::string& text, const std::string& option);
/// "2s", "10ms", "5us", "100ns", "1ps".
u64 parse_time_ps(const std::string& text, const std::string& option);

/// The number of a file descriptor; whether it is open is not asked here.
int parse_descriptor(const std::string& text, const std::string& option);

}  // namespace tw::command
