#include "platforms/console/stdio_port.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tw::console {

namespace {

constexpr u8 kControlA = 0x01, kControlC = 0x03;

/// A file, or a device that answers at once (/dev/null), is read when the guest takes a byte; else somebody has to
/// type.
Input kind_of_input() {
  struct stat status;
  if (fstat(STDIN_FILENO, &status) != 0) return Input::None;
  if (isatty(STDIN_FILENO) != 0) {
    // In the background, reading or changing the terminal would stop the process.
    return tcgetpgrp(STDIN_FILENO) == getpgrp() ? Input::Later : Input::None;
  }
  if (S_ISREG(status.st_mode) || S_ISCHR(status.st_mode)) return Input::Ready;
  return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ? Input::Later : Input::None;
}

bool readable(int timeout_ms) {
  pollfd descriptor{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&descriptor, 1, timeout_ms) > 0;
}

}  // namespace

StdioPort::StdioPort() : output_is_terminal_(isatty(STDOUT_FILENO) != 0), input_(kind_of_input()) {
  if (input_ != Input::Later || tcgetattr(STDIN_FILENO, &saved_) != 0) return;
  keyboard_ = true;
  termios raw = saved_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_iflag &= ~static_cast<tcflag_t>(ICRNL);
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

StdioPort::~StdioPort() {
  if (keyboard_) tcsetattr(STDIN_FILENO, TCSANOW, &saved_);
}

void StdioPort::write(u8 byte) {
  std::fputc(byte, stdout);
  if (byte == '\n' || input_ == Input::Later || output_is_terminal_) std::fflush(stdout);
}

void StdioPort::flush() { std::fflush(stdout); }

std::optional<u8> StdioPort::read() {
  if (input_ == Input::None || (input_ == Input::Later && !readable(0))) return std::nullopt;
  u8 byte;
  const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
  if (count == 1) return keyboard_ ? keyboard(byte) : byte;
  if (count == 0 || (errno != EINTR && errno != EAGAIN)) input_ = Input::None;
  return std::nullopt;
}

std::optional<u8> StdioPort::keyboard(u8 byte) {
  if (!command_) {
    command_ = byte == kControlA;
    return command_ ? std::nullopt : std::optional(byte);
  }
  command_ = false;
  switch (byte) {
    case 'x':
      std::raise(SIGINT);  // as Ctrl-C
      return std::nullopt;
    case 'p':
      press_power_key();
      return std::nullopt;
    case 'c':
      return kControlC;
    case 'a':
    case kControlA:
      return kControlA;
    default:
      return std::nullopt;
  }
}

void StdioPort::wait(std::chrono::milliseconds limit) {
  if (input_ == Input::Later) readable(static_cast<int>(limit.count()));
}

}  // namespace tw::console
