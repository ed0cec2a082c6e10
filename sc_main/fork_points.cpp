#include "sc_main/fork_points.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"
#include "platforms/virt/timing_only.hpp"
#include "sc_main/report_paths.hpp"

namespace tw::command {

namespace {

using Json = nlohmann::json;

/// How late the end of a child, or of the user's patience, is seen.
constexpr std::chrono::milliseconds kPatience{5};

const std::vector<std::string> kMembers = {"name", "set", "report", "output"};

class PointReader final {
 public:
  PointReader(const std::string& file, unsigned number) : where_(fmt::format("{}: point {}", file, number)) {}

  ForkPoint read(const Json& json) {
    ForkPoint point;
    if (!json.is_object()) {
      complain("is no object");
      return point;
    }
    for (const auto& [key, value] : json.items()) {
      if (key == "name") {
        point.name = text(key, value);
      } else if (key == "output") {
        point.output = text(key, value);
      } else if (key == "set") {
        point.sets = texts(key, value);
      } else if (key == "report") {
        point.reports = texts(key, value);
      } else {
        complain(fmt::format("no member is called \"{}\"{}", key, config::did_you_mean(key, kMembers)));
      }
    }
    if (point.name.empty()) complain("has no name");
    if (point.reports.empty()) complain("has no report");
    return point;
  }
  std::vector<Complaint> complaints;

 private:
  void complain(std::string message) { complaints.push_back({where_, std::move(message)}); }
  std::string text(const std::string& key, const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    complain(key + " is no string");
    return {};
  }
  std::vector<std::string> texts(const std::string& key, const Json& value) {
    std::vector<std::string> list;
    if (!value.is_array()) {
      complain(key + " is no array of strings");
      return list;
    }
    for (const Json& element : value) list.push_back(text(key, element));
    return list;
  }

  std::string where_;
};

/// `descriptor` is this file from now on. False: errno says why not.
bool redirect(int descriptor, const char* path, int flags) {
  const int file = ::open(path, flags | O_CLOEXEC, 0666);
  if (file < 0) return false;
  const bool done = ::dup2(file, descriptor) >= 0;
  ::close(file);
  return done;
}

/// A file is read on from where the parent was, by an offset of its own; whatever else somebody types into is the
/// parent's.
void separate_input() {
  const off_t offset = ::lseek(STDIN_FILENO, 0, SEEK_CUR);
  if (offset >= 0 && redirect(STDIN_FILENO, "/proc/self/fd/0", O_RDONLY)) {
    ::lseek(STDIN_FILENO, offset, SEEK_SET);
    return;
  }
  redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
}

std::string describe_end(int status) {
  if (status == 0) return "done";
  return status < 0 ? fmt::format("killed by signal {}", -status) : fmt::format("status {}", status);
}

}  // namespace

std::vector<ForkPoint> read_fork_points(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw UserError(Complaint{file, std::string("cannot be read: ") + std::strerror(errno)});
  Json json;
  try {
    json = Json::parse(stream);
  } catch (const Json::exception& error) {  // a number that is too large is no parse_error
    throw UserError(Complaint{file, error.what()});
  }
  if (!json.is_array() || json.empty()) throw UserError(Complaint{file, "is no JSON array of points"});
  std::vector<ForkPoint> points;
  std::vector<Complaint> complaints;
  std::set<std::string> names, outputs;
  for (const Json& element : json) {
    PointReader reader(file, static_cast<unsigned>(points.size() + 1));
    points.push_back(reader.read(element));
    std::ranges::move(reader.complaints, std::back_inserter(complaints));
    const ForkPoint& point = points.back();
    if (!point.name.empty() && !names.insert(point.name).second) {
      complaints.push_back({file, fmt::format("two points are called \"{}\"", point.name)});
    }
    std::vector<std::string> files = point.reports;
    if (!point.output.empty()) files.push_back(point.output);
    for (const std::string& path : files) {
      if (!outputs.insert(path).second) complaints.push_back({file, fmt::format("{} is written twice", path)});
    }
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
  for (const ForkPoint& point : points) check_reports(point.reports);
  return points;
}

void require_timing_only(const ForkPoint& point, const std::vector<config::Parameter>& booted,
                         const std::vector<config::Parameter>& wanted) {
  std::vector<Complaint> complaints;
  for (std::size_t at = 0; at < booted.size(); ++at) {
    if (booted[at].value == wanted[at].value || virt::is_timing_only(booted[at].key)) continue;
    complaints.push_back(
        {fmt::format("point \"{}\"", point.name),
         fmt::format("{} cannot be another one behind the boot: the guest has seen it, or was timed by it; give it to "
                     "the whole run",
                     booted[at].key)});
  }
  if (!complaints.empty()) throw UserError(std::move(complaints));
}

std::optional<unsigned> PointForker::fork_all(const std::function<bool()>& interrupted) {
  forked_ = true;
  // What is in a buffer now would be written by every child.
  std::fflush(nullptr);
  for (unsigned point = 0; point < points_.size() && !ended_; ++point) {
    if (running_.size() == jobs_) wait_for_one(interrupted);
    if (!ended_ && start(point)) return point;
  }
  while (!running_.empty()) wait_for_one(interrupted);
  return std::nullopt;
}

bool PointForker::start(unsigned point) {
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) {
    fmt::print(stderr, "trapwalk: point {}: cannot fork: {}\n", points_[point].name, std::strerror(errno));
    ++failures_;
    return false;
  }
  if (process > 0) {
    running_.push_back({process, point});
    return false;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) std::_Exit(1);
  running_.clear();
  separate_input();
  const std::string& output = points_[point].output;
  const char* path = output.empty() ? "/dev/null" : output.c_str();
  if (!redirect(STDERR_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC) || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    fmt::print(stderr, "trapwalk: point {}: {}: {}\n", points_[point].name, path, std::strerror(errno));
    std::_Exit(2);
  }
  return true;
}

void PointForker::wait_for_one(const std::function<bool()>& interrupted) {
  int status = 0;
  pid_t process = 0;
  while ((process = ::waitpid(-1, &status, WNOHANG)) == 0 || (process < 0 && errno == EINTR)) {
    if (interrupted() && !ended_) end_children();
    std::this_thread::sleep_for(kPatience);
  }
  const auto child = std::ranges::find(running_, process, &Child::process);
  if (child == running_.end()) {
    if (process < 0) running_.clear();  // somebody else has waited for them
    return;
  }
  const int end = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  failures_ += end != 0;
  const ForkPoint& point = points_[child->point];
  fmt::print(stderr, "trapwalk: point {}: {}\n", point.name, describe_end(end));
  if (on_end_) on_end_(point, end);
  running_.erase(child);
}

void PointForker::end_children() {
  ended_ = true;
  for (const Child& child : running_) ::kill(child.process, SIGTERM);
}

}  // namespace tw::command
