// The host's end of a serial line. Never blocks.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/types.hpp"

namespace tw::console {

class HostPort {
 public:
  virtual ~HostPort() = default;
  virtual void write(u8 byte) = 0;
  virtual void flush() {}
  /// The next byte that somebody typed, if there is one.
  virtual std::optional<u8> read() = 0;
  /// Whether read() may ever return something: then the platform polls, and the run depends on when somebody types.
  virtual bool interactive() const = 0;
};

/// "stdio" (input only from a terminal), "file:PATH" (output only), "socket:PORT" (one TCP client on the local host at
/// a time), "none". Throws UserError.
std::unique_ptr<HostPort> open_host_port(const std::string& description);

}  // namespace tw::console
