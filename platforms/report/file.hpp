// Writing files whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/report/report.hpp"

namespace tw::report {

/// Writes to a temporary file next to `path` and renames it: `path` is old or new, never half. Throws UserError.
void write_atomically(const std::filesystem::path& path, std::string_view text);

/// JSON when the name ends in .json, else text. Throws UserError.
void write(const Report& report, const std::filesystem::path& path);

/// All that can be written. Then throws a UserError with what is wrong with the others.
void write_all(const Report& report, const std::vector<std::string>& paths);

}  // namespace tw::report
