// The TLM shell of virtio-console: its line to the host.
#pragma once

#include "devices/tlm/host_poll.hpp"
#include "devices/tlm/uart_module.hpp"
#include "devices/tlm/virtio_module.hpp"
#include "devices/virtio/console.hpp"

namespace tw::devices {

class VirtioConsoleModule final : public sc_core::sc_module, private CharacterPort {
 public:
  VirtioConsoleModule(sc_core::sc_module_name name, UartLine line, VirtioModule& shell, Warn warn);
  virtio::Console& device() { return device_; }

 private:
  void put(u8 character) override { line_.put(character); }
  void receive();

  UartLine line_;
  virtio::Console device_;
  HostPoll poll_;
};

}  // namespace tw::devices
