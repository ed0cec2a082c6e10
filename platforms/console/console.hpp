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
  /// The same every time that it is printed.
  void whenever_printed(std::string text, std::function<void()> action);
  /// Types `reply` when `prompt` is printed. Pairs wait for one another in the order of these calls.
  void reply_to(std::string prompt, std::string reply);

  /// Types at once.
  void type(const std::string& text) { typed_.insert(typed_.end(), text.begin(), text.end()); }
  /// Called with every byte of the guest.
  void on_output(std::function<void(u8)> call) { on_output_ = std::move(call); }

  /// The guest sends a byte.
  void print(u8 byte);
  /// The next byte for the guest, if there is one: replies first, then the host.
  std::optional<u8> next_input();
  Input input() const { return typed_.empty() ? host_->input() : Input::Ready; }
  /// Sleeps until somebody may have typed, at most so long; not at all when nobody can.
  void wait_for_input(std::chrono::milliseconds limit) {
    if (input() == Input::Later) host_->wait(limit);
  }
  void on_power_key(std::function<void()> call) { host_->on_power_key(std::move(call)); }
  void flush() { host_->flush(); }

  /// Somebody else may write to the terminal now: the guest's last line is complete, or it is not on a terminal.
  bool terminal_is_free() const { return at_line_start_ || !host_->on_terminal(); }
  /// Called before every byte of the guest: whoever wrote to the terminal cleans up.
  void before_output(std::function<void()> call) { before_output_ = std::move(call); }

 private:
  struct Watch {
    std::string text;
    std::function<void()> action;
    bool again = false;
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
  std::function<void()> before_output_;
  std::function<void(u8)> on_output_;
  bool at_line_start_ = true;
};

}  // namespace tw::console
