#include "devices/pl330/stream.hpp"

namespace tw::devices::pl330 {

void Stream::aim(const BurstControl& destination, u32 address, u32 bus_bytes) {
  if (!empty()) return;
  clear();
  if (destination.increment) {
    entry_bytes_ = bus_bytes;
    freed_ = taken_ = arrived_ = reserved_ = address % bus_bytes;
  } else {
    entry_bytes_ = destination.beat_bytes - address % destination.beat_bytes;
  }
}

u32 Stream::entries(u32 more) const {
  const u64 end = reserved_ + more;
  if (end == freed_) return 0;
  return static_cast<u32>((end - 1) / entry_bytes_ - freed_ / entry_bytes_ + 1);
}

u64 Stream::reserve(u32 bytes) {
  const u64 position = reserved_;
  reserved_ += bytes;
  return position;
}

u64 Stream::take(u32 bytes) {
  const u64 position = taken_;
  taken_ += bytes;
  return position;
}

void Stream::arrive(std::span<const u8> data) {
  for (const u8 byte : data) bytes_[arrived_++ % bytes_.size()] = byte;
}

void Stream::leave(u64 position, std::span<u8> into) {
  for (u8& byte : into) byte = bytes_[position++ % bytes_.size()];
  freed_ = position;
}

}  // namespace tw::devices::pl330
