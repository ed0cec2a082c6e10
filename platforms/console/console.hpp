// What stands between a UART and the host: it passes bytes on, watches the output for texts, and types.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platforms/console/host_port.hpp"

namespace tw::console {

class Console final {
 public:
  explicit Console(std::unique_ptr<HostPort> host) : host_(std::move(host)) {}

  /// Calls `action` once, when the output has contained `text` for the first time after this call.
  void when_printed(std::string text, std::function<void()> action);
  /// Types `reply` when `prompt` is printed. Pairs wait for one another in the order of these calls.
  void reply_to(std::string prompt, std::string reply);

  /// The guest sends a byte.
  void print(u8 byte);
  /// The next byte for the guest, if there is one: scripted replies first, then the host.
  std::optional<u8> next_input();
  bool scripted_input() const { return !typed_.empty(); }
  bool interactive() const { return host_->interactive(); }
  void flush() { host_->flush(); }

 private:
  struct Watch {
    std::string text;
    std::function<void()> action;
  };
  struct Reply {
    std::string prompt, text;
  };
  std::unique_ptr<HostPort> host_;
  std::vector<Watch> watches_;
  std::deque<Reply> replies_;
  std::deque<u8> typed_;
  std::string tail_;         ///< the last bytes of the output, as many as the longest text
  std::string since_reply_;  ///< the same, since the last reply was typed
  std::size_t longest_ = 1;
};

}  // namespace tw::console
