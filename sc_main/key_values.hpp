// Options that are lists of keys and values.
#pragma once

#include <string>
#include <vector>

namespace tw::command {

/// At single commas; two are one of the text.
std::vector<std::string> split_at_commas(const std::string& text);

}  // namespace tw::command
