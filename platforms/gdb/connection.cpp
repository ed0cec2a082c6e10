#include "platforms/gdb/connection.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

namespace tw::gdb {

namespace {

/// Milliseconds: a signal that comes between a look and a wait is noticed this late.
constexpr int kPatience = 500;
/// Pieces that somebody may still send who is not listened to any more.
constexpr unsigned kLastWords = 64;

}  // namespace

std::optional<PacketReader::Item> Connection::next() {
  fill();
  std::optional<PacketReader::Item> item = reader_.next();
  closed_ = !item && (at_end_ || reader_.is_overlong());
  return item;
}

bool Connection::has_ended() {
  fill();
  return at_end_ || reader_.is_overlong();
}

void Connection::fill() {
  std::array<char, 65536> bytes;
  while (!at_end_ && !reader_.is_overlong()) {
    const ssize_t count = recv(socket_.number(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count > 0) {
      reader_.add({bytes.data(), static_cast<std::size_t>(count)});
      continue;
    }
    at_end_ = count == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK);
    return;
  }
}

void Connection::send(std::string_view bytes, const std::function<bool()>& given_up) {
  while (!bytes.empty() && !at_end_ && !given_up()) {
    const ssize_t count = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd writable{.fd = socket_.number(), .events = POLLOUT, .revents = 0};
      poll(&writable, 1, kPatience);
    } else if (errno != EINTR) {
      return;  // what it still sent can be read
    }
  }
}

void Connection::part() {
  shutdown(socket_.number(), SHUT_WR);
  pollfd readable{.fd = socket_.number(), .events = POLLIN, .revents = 0};
  std::array<char, 4096> bytes;
  for (unsigned n = 0; n < kLastWords; ++n) {
    if (poll(&readable, 1, kPatience) <= 0) return;
    if (recv(socket_.number(), bytes.data(), bytes.size(), MSG_DONTWAIT) <= 0) return;
  }
}

void wait_for_input(int one, int other) {
  pollfd readable[] = {{.fd = one, .events = POLLIN, .revents = 0}, {.fd = other, .events = POLLIN, .revents = 0}};
  poll(readable, 2, kPatience);
}

}  // namespace tw::gdb
