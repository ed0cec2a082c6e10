// A row of virtio-mmio transports next to each other, as one target.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "devices/virtio/mmio_transport.hpp"

namespace tw::devices::virtio {

class MmioBank final : public MmioTarget {
 public:
  /// One transport for each entry of `devices` (nullptr: no device there). `interrupt(n, level)` is transport n's.
  MmioBank(std::span<Device* const> devices, const std::function<void(unsigned n, bool level)>& interrupt) {
    transports_.reserve(devices.size());
    for (unsigned n = 0; n < devices.size(); ++n) {
      transports_.emplace_back(
          std::make_unique<MmioTransport>(devices[n], [interrupt, n](bool level) { interrupt(n, level); }));
    }
  }

  u64 bytes() const { return transports_.size() * MmioTransport::kFrameBytes; }

  MmioResult access(const MmioAccess& access) override {
    const u64 n = access.offset / MmioTransport::kFrameBytes;
    if (n >= transports_.size()) return {.value = 0, .ok = false};
    MmioAccess local = access;
    local.offset %= MmioTransport::kFrameBytes;
    return transports_[n]->access(local);
  }

 private:
  std::vector<std::unique_ptr<MmioTransport>> transports_;
};

}  // namespace tw::devices::virtio
