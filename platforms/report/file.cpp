#include "platforms/report/file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.hpp"
#include "platforms/report/html/html.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/text.hpp"

namespace tw::report {

void write_atomically(const std::filesystem::path& path, std::string_view text) {
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    if (std::filesystem::is_directory(path, error)) throw UserError(Complaint{path.string(), "is a folder"});
    // A pipe or /dev/stdout cannot be renamed onto.
    std::ofstream file(path, std::ios::binary);
    file << text << std::flush;
    if (!file) throw UserError(Complaint{path.string(), "cannot be written"});
    return;
  }
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.part", getpid());
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  if (!file) {
    throw UserError(Complaint{path.string(), fmt::format("cannot be written: {}", std::strerror(errno))});
  }
  file << text;
  file.close();
  if (!file) {
    const std::string why = std::strerror(errno);
    std::filesystem::remove(temporary, error);
    throw UserError(Complaint{path.string(), "cannot be written: " + why});
  }
  std::filesystem::rename(temporary, path, error);
  if (error) {
    const std::string why = error.message();
    std::filesystem::remove(temporary, error);
    throw UserError(Complaint{path.string(), "cannot be written: " + why});
  }
}

void write(const Report& report, const std::filesystem::path& path) {
  const std::filesystem::path extension = path.extension();
  write_atomically(path, extension == ".json"   ? to_json(report)
                         : extension == ".html" ? to_html(report)
                                                : to_text(report));
}

void write_all(const Report& report, const std::vector<std::string>& paths) {
  std::vector<Complaint> complaints;
  for (const std::string& path : paths) {
    try {
      write(report, path);
    } catch (const UserError& error) {
      complaints.insert(complaints.end(), error.complaints().begin(), error.complaints().end());
    }
  }
  if (!complaints.empty()) throw UserError(complaints);
}

}  // namespace tw::report
