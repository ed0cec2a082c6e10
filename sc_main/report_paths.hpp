// The files of --report.
#pragma once

#include <string>
#include <vector>

namespace tw::command {

/// Throws UserError for a name that says no format, or a folder that is not there: said before the run, not after it.
void check_reports(const std::vector<std::string>& paths);
/// The folder of a file that `option` names is there.
void check_folder(const std::string& option, const std::string& path);

}  // namespace tw::command
