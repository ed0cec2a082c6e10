// The host's end of a serial line. Only wait() ever blocks.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/types.hpp"

namespace tw::console {

/// What read() will return from now on.
enum class Input : u8 {
  None,   ///< nothing
  Ready,  ///< the next byte or the end of the input, whenever it is asked: the run does not depend on the host's time
  Later,  ///< a byte when somebody has typed one: the platform has to ask again and again
};

class HostPort {
 public:
  virtual ~HostPort() = default;
  virtual void write(u8 byte) = 0;
  virtual void flush() {}
  /// The next byte for the guest, if there is one.
  virtual std::optional<u8> read() { return std::nullopt; }
  virtual Input input() const { return Input::None; }
  /// Sleeps until there may be something to read, at most so long.
  virtual void wait(std::chrono::milliseconds) {}
  /// Whether a person sees on a terminal what is written.
  virtual bool on_terminal() const { return false; }
  /// Called when somebody presses the machine's power key (Ctrl-A p).
  void on_power_key(std::function<void()> call) { power_key_ = std::move(call); }

 protected:
  void press_power_key() const {
    if (power_key_) power_key_();
  }

 private:
  std::function<void()> power_key_;
};

/// "stdio", "file:PATH" (output only), "socket:PORT" (one TCP client on the local host at a time, any number one after
/// another; what is printed while there is none is lost), "none". Throws UserError naming `option`.
/// Standard input is read whatever it is: a file byte by byte as the guest takes them, always at the same simulated
/// times; a pipe when something comes; a terminal without echo and line editing, where Ctrl-C ends the run and Ctrl-A
/// begins a command as in QEMU (x ends the run, p presses the power key, c types Ctrl-C, a or Ctrl-A types Ctrl-A).
std::unique_ptr<HostPort> open_host_port(const std::string& description, const std::string& option);

}  // namespace tw::console
