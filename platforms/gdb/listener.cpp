#include "platforms/gdb/listener.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.hpp"

namespace tw::gdb {

namespace {

constexpr int kBacklog = 4;
constexpr unsigned long kLastPort = 65535;

[[noreturn]] void refuse(const std::string& option, const std::string& message) {
  throw UserError(Complaint{option, message});
}

struct HostAndPort {
  std::string host, port;
};

HostAndPort split(const std::string& address, const std::string& option) {
  const std::size_t colon = address.rfind(':');
  HostAndPort found{"127.0.0.1", address};
  if (colon != std::string::npos) found = {address.substr(0, colon), address.substr(colon + 1)};
  if (found.host.starts_with('[') && found.host.ends_with(']'))
    found.host = found.host.substr(1, found.host.size() - 2);
  const bool is_number =
      !found.port.empty() && found.port.size() <= 5 &&
      std::all_of(found.port.begin(), found.port.end(), [](unsigned char c) { return std::isdigit(c); });
  if (found.host.empty() || !is_number || std::stoul(found.port) > kLastPort)
    refuse(option, fmt::format("'{}' is none of PORT, HOST:PORT, /PATH of a socket", address));
  return found;
}

/// A socket that a run has left behind which did not come to its end.
bool is_stale(const sockaddr_un& address) {
  struct stat status;
  if (lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(probe.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

unsigned port_of(int socket) {
  sockaddr_storage bound = {};
  socklen_t size = sizeof bound;
  getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

void Descriptor::close() {
  if (is_open()) ::close(release());
}

int Descriptor::release() { return std::exchange(number_, -1); }

Listener::Listener(const std::string& address, const std::string& option) {
  if (address.find('/') != std::string::npos) {
    listen_at_path(address, option);
  } else {
    const HostAndPort at = split(address, option);
    listen_at_port(at.host, at.port, option);
  }
}

Listener::~Listener() {
  if (!path_.empty()) unlink(path_.c_str());
}

void Listener::listen_at_path(const std::string& path, const std::string& option) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    refuse(option, fmt::format("{}: a socket's path has {} bytes at most", path, sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, path.data(), path.size());
  if (is_stale(address)) unlink(path.c_str());
  socket_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    refuse(option, fmt::format("{}: {}", path, std::strerror(errno)));
  path_ = where_ = path;
  if (listen(socket_.number(), kBacklog) != 0) {
    const int why = errno;
    unlink(path.c_str());
    refuse(option, fmt::format("{}: {}", path, std::strerror(why)));
  }
}

void Listener::listen_at_port(const std::string& host, const std::string& port, const std::string& option) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &list); error != 0)
    refuse(option, fmt::format("{}: {}", host, gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, &freeaddrinfo);
  int why = 0;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    socket_ = Descriptor(socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int yes = 1;
    setsockopt(socket_.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);  // a run just before had this port too
    if (bind(socket_.number(), at->ai_addr, at->ai_addrlen) == 0 && listen(socket_.number(), kBacklog) == 0) {
      const bool is_v6 = at->ai_family == AF_INET6;
      where_ = fmt::format("{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port_of(socket_.number()));
      return;
    }
    why = errno;
  }
  refuse(option, fmt::format("port {} of {}: {}", port, host, std::strerror(why)));
}

Descriptor Listener::accept() {
  Descriptor client(accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  const int yes = 1;  // packets are small, and each waits for its answer
  if (client.is_open() && path_.empty()) setsockopt(client.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return client;
}

}  // namespace tw::gdb
