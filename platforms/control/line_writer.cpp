#include "platforms/control/line_writer.hpp"

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

LineWriter::LineWriter(int descriptor, const std::string& option) : descriptor_(descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) throw UserError(Complaint{option, fmt::format("file descriptor {} is not open", descriptor)});
  if ((flags & O_ACCMODE) == O_RDONLY)
    throw UserError(Complaint{option, fmt::format("file descriptor {} is open for reading only", descriptor)});
  struct stat status;
  kind_ = fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode) ? Kind::Socket : Kind::Other;
  if (descriptor > STDERR_FILENO) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

void LineWriter::write(std::string line) {
  if (closed()) return;
  unsent_.erase(0, put(unsent_));
  if (closed() || !unsent_.empty()) return;
  line += '\n';
  const std::size_t sent = put(line);
  if (sent != 0) unsent_ = line.substr(sent);
}

std::size_t LineWriter::put(std::string_view bytes) {
  if (bytes.empty()) return 0;
  pollfd room{.fd = descriptor_, .events = POLLOUT, .revents = 0};
  if (poll(&room, 1, 0) <= 0) return 0;
  const NoBrokenPipe guard;
  const ssize_t sent = kind_ == Kind::Socket
                           ? send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                           : ::write(descriptor_, bytes.data(), bytes.size());
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) descriptor_ = -1;
  return 0;
}

}  // namespace tw::control
