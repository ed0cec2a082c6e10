// The entropy device (virtio 1.2, section 5.4): bytes from a generator with a seed, so that runs are reproducible.
#pragma once

#include "devices/virtio/device.hpp"

namespace tw::devices::virtio {

class Entropy final : public Device {
 public:
  Entropy(u64 seed, const Surroundings& around);

 private:
  std::optional<Work> execute() override;
  u64 next();

  u64 state_;
};

}  // namespace tw::devices::virtio
