#include "sc_main/report_paths.hpp"

#include <filesystem>

#include "base/error.hpp"

namespace tw::command {

void check_folder(const std::string& option, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  if (!std::filesystem::is_directory(folder)) {
    throw UserError(Complaint{option + " " + path, "cannot be written: there is no folder " + folder.string()});
  }
}

void check_reports(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (!path.ends_with(".txt") && !path.ends_with(".json") && !path.ends_with(".html")) {
      throw UserError(Complaint{"--report", path + " is neither .txt nor .json nor .html"});
    }
    check_folder("--report", path);
  }
}

}  // namespace tw::command
