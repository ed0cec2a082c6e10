// One debugger at the other end of a socket.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "platforms/gdb/listener.hpp"
#include "platforms/gdb/packet.hpp"

namespace tw::gdb {

class Connection final {
 public:
  explicit Connection(Descriptor socket) : socket_(std::move(socket)) {}

  int number() const { return socket_.number(); }
  /// The next that came. Never waits.
  std::optional<PacketReader::Item> next();
  /// It says nothing more. What it said may not all be read.
  bool has_ended();
  /// It is gone, and all that it sent is read.
  bool is_closed() const { return closed_; }
  /// Waits for a debugger that reads slowly, until `given_up` says that it is enough. What is not sent is lost.
  void send(std::string_view bytes, const std::function<bool()>& given_up);
  /// Nothing more is said: waits a while for the debugger to hear all that was. Closed with something unread, a socket
  /// would forget what it has not sent.
  void part();

 private:
  void fill();

  Descriptor socket_;
  PacketReader reader_;
  bool at_end_ = false;  ///< nothing more comes
  bool closed_ = false;
};

/// Until one of the two can be read, a signal comes, or for half a second; -1: no descriptor.
void wait_for_input(int one, int other);

}  // namespace tw::gdb
