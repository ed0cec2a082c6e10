#include "devices/tlm/virtio_console_module.hpp"

namespace tw::devices {

VirtioConsoleModule::VirtioConsoleModule(sc_core::sc_module_name name, UartLine line, VirtioModule& shell, Warn warn)
    : sc_module(name),
      line_(std::move(line)),
      device_(*this, shell.surroundings(std::move(warn))),
      poll_(
          "poll", [this] { return device_.can_receive() && line_.expected() != Characters::None; },
          [this] { receive(); }) {
  shell.serve(device_);
  shell.after_work([this] { poll_.arrange(); });
}

/// All that is there: the line has no rate.
void VirtioConsoleModule::receive() {
  while (device_.can_receive()) {
    const std::optional<u8> character = line_.next();
    if (!character) return;
    device_.receive(*character);
  }
}

}  // namespace tw::devices
