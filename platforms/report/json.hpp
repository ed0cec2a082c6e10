// Reports as JSON, schema trapwalk-report/1 (docs/report-schema.md).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "platforms/report/report.hpp"

namespace tw::report {

/// Ordered, indented, byte-identical for equal reports; ends with a newline.
std::string to_json(const Report& report);

/// The events of a report are one long line at its end. For whoever adds members: a report's text without them, and
/// they; and with them again.
std::pair<std::string, std::string> split_events(std::string_view report);
std::string with_events(std::string report, std::string_view events);

/// `name` stands for the file in complaints. Throws UserError: not JSON (with line and column), another schema, a
/// member that is missing or of a wrong type (with its path).
Report from_json(std::string_view text, const std::string& name);

/// All of a file. Throws UserError when it cannot be read.
std::string read_text(const std::filesystem::path& path);
Report read_json(const std::filesystem::path& path);

/// A parameter list as `trapwalk parameters --json` prints it.
std::string to_json(const std::vector<config::Parameter>& parameters);

}  // namespace tw::report
