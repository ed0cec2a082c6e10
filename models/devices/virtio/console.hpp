// The console device with one port (virtio 1.2, section 5.3).
#pragma once

#include <deque>

#include "devices/virtio/device.hpp"

namespace tw::devices::virtio {

class Console final : public Device {
 public:
  Console(CharacterPort& output, const Surroundings& around);

  /// Whether a character that arrives now is kept. The platform holds characters back while this is false.
  bool can_receive() const { return received_.size() < kMostWaiting && live(); }
  void receive(u8 character);

 private:
  static constexpr std::size_t kMostWaiting = 256;

  std::optional<Work> execute() override;
  std::optional<Work> transmit(const Chain& chain);
  void on_reset() override { received_.clear(); }

  CharacterPort& output_;
  std::deque<u8> received_;
};

}  // namespace tw::devices::virtio
