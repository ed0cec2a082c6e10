// The TLM shell of virtio-net: its line to the host.
#pragma once

#include "devices/tlm/host_poll.hpp"
#include "devices/tlm/virtio_module.hpp"
#include "devices/virtio/network.hpp"

namespace tw::devices {

/// The other end of the line. What it sends goes to NetworkModule::receive(), from inside `send` or `poll`.
struct NetworkLine {
  std::function<void(std::span<const u8>)> send;
  std::function<bool()> needs_polling;  ///< the host may send something at any time
  std::function<void()> poll;
};

class NetworkModule final : public sc_core::sc_module, private virtio::NetworkPort {
 public:
  NetworkModule(sc_core::sc_module_name name, const virtio::MacAddress& mac, NetworkLine line, VirtioModule& shell,
                Warn warn);
  virtio::Network& device() { return device_; }
  void receive(std::span<const u8> frame) { device_.receive(frame); }

 private:
  void send(std::span<const u8> frame) override { line_.send(frame); }

  NetworkLine line_;
  virtio::Network device_;
  HostPoll poll_;
};

}  // namespace tw::devices
