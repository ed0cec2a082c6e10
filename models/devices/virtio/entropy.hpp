// The entropy device (virtio 1.2, section 5.4): bytes from a generator with a seed, so that runs are reproducible.
#pragma once

#include "base/random.hpp"
#include "devices/virtio/device.hpp"

namespace tw::devices::virtio {

class Entropy final : public Device {
 public:
  Entropy(u64 seed, const Surroundings& around);

 private:
  std::optional<Work> execute() override;
  SplitMix64 random_;
};

}  // namespace tw::devices::virtio
