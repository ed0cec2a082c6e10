#include "platforms/software/child_process.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tw::software {

namespace {

constexpr std::string_view kLocale = "LC_ALL=";

class Pipe final {
 public:
  Pipe() {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  }
  ~Pipe() {
    close(ends_[0]);
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environment() {
  std::vector<std::string> list{std::string(kLocale) + "C"};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(kLocale)) list.emplace_back(*entry);
  }
  return list;
}

/// Both at once: a program that fills one pipe while the other is read would wait for ever.
void drain(const Pipe& output, const Pipe& errors, Outcome& outcome) {
  std::array<pollfd, 2> waits{{{output.reader(), POLLIN, 0}, {errors.reader(), POLLIN, 0}}};
  std::array<std::string*, 2> texts{&outcome.output, &outcome.errors};
  std::array<char, 4096> piece;
  while (waits[0].fd >= 0 || waits[1].fd >= 0) {
    if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      const ssize_t size = read(waits[i].fd, piece.data(), piece.size());
      if (size > 0) texts[i]->append(piece.data(), static_cast<std::size_t>(size));
      if (size == 0 || (size < 0 && errno != EINTR)) waits[i].fd = -1;
    }
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Outcome run_program(const std::vector<std::string>& arguments, const std::string& folder) {
  std::vector<std::string> words = arguments, variables = environment();
  Pipe output, errors;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.writer(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.writer(), STDERR_FILENO);
  if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, words[0].c_str(), &actions, nullptr, pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Unavailable(words[0] + " cannot be started: " + std::strerror(error));
  output.close_writer();
  errors.close_writer();
  Outcome outcome;
  drain(output, errors, outcome);
  outcome.status = wait_for(child);
  return outcome;
}

}  // namespace tw::software
