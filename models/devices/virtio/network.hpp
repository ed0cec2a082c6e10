// The network device (virtio 1.2, section 5.1), one pair of queues.
#pragma once

#include <array>
#include <deque>

#include "devices/virtio/device.hpp"

namespace tw::devices::virtio {

/// The other end of the line.
class NetworkPort {
 public:
  virtual ~NetworkPort() = default;
  /// The guest sends an Ethernet frame, without its check sequence. An answer may come from inside this call.
  virtual void send(std::span<const u8> frame) = 0;
};

using MacAddress = std::array<u8, 6>;

class Network final : public Device {
 public:
  /// The largest Ethernet frame without segmentation offload: an MTU of 1500 and a VLAN tag.
  static constexpr std::size_t kMostFrameBytes = 1518;

  /// `line` outlives the device.
  Network(const MacAddress& mac, NetworkPort& line, const Surroundings& around);

  /// Whether a frame that arrives now is kept; else it is lost. The platform asks its line for none then.
  bool can_receive() const { return received_.size() < kMostWaiting && live(); }
  void receive(std::span<const u8> frame);
  /// The cable is plugged in or out.
  void set_link(bool up);

 private:
  static constexpr std::size_t kMostWaiting = 256;

  std::optional<Work> execute() override;
  std::optional<Work> transmit();
  std::optional<Work> deliver();
  void on_reset() override { received_.clear(); }

  NetworkPort& line_;
  std::deque<std::vector<u8>> received_;
  bool transmit_first_ = true;
};

}  // namespace tw::devices::virtio
