#include "platforms/control/channel.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "platforms/control/broken_pipe.hpp"

namespace tw::control {

namespace {

/// Milliseconds: a signal that comes between a look and a wait is noticed this late.
constexpr int kPatience = 500;

}  // namespace

Channel::Channel(int descriptor, const std::string& option) : descriptor_(descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) throw UserError(Complaint{option, fmt::format("file descriptor {} is not open", descriptor)});
  if ((flags & O_ACCMODE) != O_RDWR) {
    throw UserError(Complaint{
        option, fmt::format("file descriptor {} is not open for reading and writing: give a socket", descriptor)});
  }
  struct stat status;
  socket_ = fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
  if (descriptor > STDERR_FILENO) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

std::optional<std::string> Channel::read(Wait wait) {
  while (true) {
    const std::size_t end = received_.find('\n');
    if (end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    closed_ = at_end_ || received_.size() > kLongestLine;
    if (closed_) return std::nullopt;
    pollfd readable{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, wait == Wait::Yes ? kPatience : 0) <= 0) return std::nullopt;
    fill();
  }
}

void Channel::fill() {
  std::array<char, 65536> bytes;
  const ssize_t count = ::read(descriptor_, bytes.data(), bytes.size());
  if (count > 0) received_.append(bytes.data(), static_cast<std::size_t>(count));
  if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) at_end_ = true;
}

void Channel::write(std::string line) {
  line += '\n';
  std::size_t sent = 0;
  const NoBrokenPipe guard;
  while (sent < line.size() && !deaf_) {
    pollfd writable{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    if (poll(&writable, 1, -1) < 0 && errno != EINTR) return;
    const std::size_t left = line.size() - sent;
    const ssize_t count = socket_ ? send(descriptor_, line.data() + sent, left, MSG_DONTWAIT | MSG_NOSIGNAL)
                                  : ::write(descriptor_, line.data() + sent, left);
    if (count > 0) sent += static_cast<std::size_t>(count);
    if (count < 0 && errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) deaf_ = true;
  }
}

}  // namespace tw::control
