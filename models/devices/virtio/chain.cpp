#include "devices/virtio/chain.hpp"

#include <algorithm>

namespace tw::devices::virtio {

u64 total(std::span<const Buffer> buffers) {
  u64 bytes = 0;
  for (const Buffer& buffer : buffers) bytes += buffer.length;
  return bytes;
}

Buffer Cursor::piece(u64 bytes) {
  while (offset_ == buffers_.front().length) {
    buffers_ = buffers_.subspan(1);
    offset_ = 0;
  }
  const Buffer& buffer = buffers_.front();
  const Buffer found{buffer.address + offset_, static_cast<u32>(std::min(bytes, buffer.length - offset_))};
  offset_ += found.length;
  left_ -= found.length;
  return found;
}

bool Cursor::read(std::span<u8> into) {
  if (into.size() > left_) return false;
  while (!into.empty()) {
    const Buffer found = piece(into.size());
    if (!dma_.read(found.address, into.first(found.length))) return false;
    into = into.subspan(found.length);
  }
  return true;
}

bool Cursor::write(std::span<const u8> from) {
  if (from.size() > left_) return false;
  while (!from.empty()) {
    const Buffer found = piece(from.size());
    if (!dma_.write(found.address, from.first(found.length))) return false;
    from = from.subspan(found.length);
  }
  return true;
}

bool Cursor::skip(u64 bytes) {
  if (bytes > left_) return false;
  while (bytes != 0) bytes -= piece(bytes).length;
  return true;
}

}  // namespace tw::devices::virtio
