// Standard input and output as a serial line.
#pragma once

#include <termios.h>

#include "platforms/console/host_port.hpp"

namespace tw::console {

class StdioPort final : public HostPort {
 public:
  StdioPort();
  ~StdioPort() override;
  StdioPort(const StdioPort&) = delete;
  StdioPort& operator=(const StdioPort&) = delete;

  void write(u8 byte) override;
  void flush() override;
  std::optional<u8> read() override;
  Input input() const override { return input_; }
  void wait(std::chrono::milliseconds limit) override;
  bool on_terminal() const override { return output_is_terminal_; }

 private:
  std::optional<u8> keyboard(u8 byte);

  termios saved_{};
  bool keyboard_ = false;  ///< the terminal's settings were changed
  bool command_ = false;   ///< Ctrl-A was typed
  bool output_is_terminal_;
  Input input_ = Input::None;
};

}  // namespace tw::console
