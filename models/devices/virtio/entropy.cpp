#include "devices/virtio/entropy.hpp"

#include <algorithm>
#include <array>

namespace tw::devices::virtio {

namespace {

constexpr u16 kQueueSize = 8;
/// A device may give less than was asked for (5.4.6.1); nobody needs more at a time.
constexpr u64 kMostBytes = 4096;

}  // namespace

Entropy::Entropy(u64 seed, const Surroundings& around)
    : Device(DeviceType::Entropy, 0, {Virtqueue(kQueueSize)}, 0, around), random_(seed) {}

std::optional<Work> Entropy::execute() {
  const std::optional<Chain> chain = take(0);
  if (!chain) return std::nullopt;
  if (chain->writable.empty()) {
    fail("a request for entropy without a buffer");
    return std::nullopt;
  }
  std::array<u8, kMostBytes> bytes;
  const u64 size = std::min(kMostBytes, total(chain->writable));
  for (u64 at = 0; at < kMostBytes; at += 8) store_le(std::span<u8>(bytes).subspan(at, 8), random_.next());
  if (!Cursor(dma(), chain->writable).write(std::span(bytes).first(size))) {
    fail("a buffer cannot be written");
    return std::nullopt;
  }
  finish(*chain, size);
  return Work{size};
}

}  // namespace tw::devices::virtio
