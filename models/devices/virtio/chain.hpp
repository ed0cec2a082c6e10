// A descriptor chain as a device sees it: bytes to read, then bytes to write (section 2.6).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "devices/ports.hpp"

namespace tw::devices::virtio {

struct Buffer {
  Iova address{};
  u32 length = 0;
};

/// What a driver made available: `readable` is device-readable, `writable` device-writable, in the chain's order.
struct Chain {
  unsigned queue = 0;
  u16 head = 0;
  std::vector<Buffer> readable, writable;
};

u64 total(std::span<const Buffer> buffers);

/// Goes through scattered buffers from front to back. A transfer of more bytes than are left, or one that the bus
/// refuses, fails.
class Cursor final {
 public:
  Cursor(DmaPort& dma, std::span<const Buffer> buffers) : dma_(dma), buffers_(buffers), left_(total(buffers)) {}

  u64 left() const { return left_; }
  [[nodiscard]] bool read(std::span<u8> into);
  [[nodiscard]] bool write(std::span<const u8> from);
  [[nodiscard]] bool skip(u64 bytes);

 private:
  /// The next contiguous piece of at most `bytes`.
  Buffer piece(u64 bytes);

  DmaPort& dma_;
  std::span<const Buffer> buffers_;
  u64 left_;
  u64 offset_ = 0;  ///< into the first of buffers_
};

// Little-endian numbers, as all of virtio's are (section 2.5.3, 2.6.4).
template <class T>
T load_le(std::span<const u8> bytes) {
  T value = 0;
  for (unsigned i = 0; i < sizeof(T); ++i) value = static_cast<T>(value | static_cast<T>(bytes[i]) << (8 * i));
  return value;
}
template <class T>
void store_le(std::span<u8> bytes, T value) {
  for (unsigned i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<u8>(value >> (8 * i));
}

}  // namespace tw::devices::virtio
