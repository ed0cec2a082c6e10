#include "devices/virtio/virtqueue.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "base/bits.hpp"

namespace tw::devices::virtio {

namespace {

// Descriptor flags (2.7.5), the available ring's flags (2.7.6).
constexpr u16 kNext = 1, kWrite = 2, kIndirect = 4;
constexpr u16 kNoInterrupt = 1;
constexpr u32 kDescriptorBytes = 16;
/// Section 2.7.1.
constexpr u64 kDescriptorAlignment = 16, kAvailableAlignment = 2, kUsedAlignment = 4;
/// The longest chain: an indirect table may be longer than the queue although drivers must not make one (2.7.5.3.1).
constexpr u32 kLongestChain = 1024;
/// "This limits the total length of a chain to 2^32 bytes" (2.7.5).
constexpr u64 kLargestChain = std::numeric_limits<u32>::max();

template <class T>
bool read_number(DmaPort& dma, Iova at, T& into) {
  std::array<u8, sizeof(T)> bytes{};
  if (!dma.read(at, bytes)) return false;
  into = load_le<T>(bytes);
  return true;
}

template <class T>
bool write_number(DmaPort& dma, Iova at, T value) {
  std::array<u8, sizeof(T)> bytes{};
  store_le(std::span<u8>(bytes), value);
  return dma.write(at, bytes);
}

}  // namespace

void Virtqueue::set_size(u16 size) {
  if (!ready_) size_ = size;
}
void Virtqueue::set_descriptors(Iova address) {
  if (!ready_) descriptors_ = address;
}
void Virtqueue::set_driver_area(Iova address) {
  if (!ready_) driver_area_ = address;
}
void Virtqueue::set_device_area(Iova address) {
  if (!ready_) device_area_ = address;
}

std::variant<Empty, Broken> Virtqueue::enable() {
  if (ready_) return Empty{};
  if (!std::has_single_bit(size_) || size_ > largest_) return Broken{"the size of a queue is not allowed"};
  if (!is_aligned(descriptors_.value, kDescriptorAlignment) || !is_aligned(driver_area_.value, kAvailableAlignment) ||
      !is_aligned(device_area_.value, kUsedAlignment)) {
    return Broken{"a part of a queue is not aligned"};
  }
  next_available_ = pushed_ = published_ = 0;
  ready_ = true;
  return Empty{};
}

void Virtqueue::negotiate(bool indirect, bool event_index) {
  indirect_ = indirect;
  event_index_ = event_index;
}

bool Virtqueue::read_descriptor(DmaPort& dma, const Table& table, u16 index, Descriptor& into) const {
  std::array<u8, kDescriptorBytes> bytes{};
  if (!dma.read(table.base + u64{index} * kDescriptorBytes, bytes)) return false;
  const std::span<const u8> all(bytes);
  into = {Iova{load_le<u64>(all)}, load_le<u32>(all.subspan(8)), load_le<u16>(all.subspan(12)),
          load_le<u16>(all.subspan(14))};
  return true;
}

std::variant<Empty, Broken> Virtqueue::walk(DmaPort& dma, Table table, u16 first, Chain& chain) const {
  bool in_indirect = false;
  u64 bytes = 0;
  u16 index = first;
  for (u32 in_table = 0;;) {
    if (index >= table.entries) return Broken{"a descriptor index is beyond its table"};
    Descriptor descriptor;
    if (!read_descriptor(dma, table, index, descriptor)) return Broken{"a descriptor cannot be read"};
    if (descriptor.flags & kIndirect) {
      if (!indirect_) return Broken{"an indirect descriptor without VIRTIO_F_INDIRECT_DESC"};
      if (in_indirect) return Broken{"an indirect descriptor in an indirect table"};
      if (descriptor.flags & kNext) return Broken{"an indirect descriptor that has a next one"};
      if (descriptor.length == 0 || descriptor.length % kDescriptorBytes != 0) {
        return Broken{"an indirect table of a fraction of a descriptor"};
      }
      in_indirect = true;
      table = {descriptor.address, descriptor.length / kDescriptorBytes};
      index = 0;
      in_table = 0;
      continue;  // direct descriptors may stand before an indirect one (2.7.5.3.2)
    }
    // A loop is a chain that is longer than its table.
    if (++in_table > std::min(kLongestChain, table.entries)) {
      return Broken{"a chain of descriptors is too long"};
    }
    if (descriptor.length == 0) return Broken{"a descriptor of no bytes"};
    if (descriptor.address.value + (descriptor.length - 1) < descriptor.address.value) {
      return Broken{"a descriptor that wraps around the address space"};
    }
    bytes += descriptor.length;
    if (bytes > kLargestChain) return Broken{"a chain of 4 GB or more"};
    const bool writable = (descriptor.flags & kWrite) != 0;
    if (!writable && !chain.writable.empty()) return Broken{"a readable descriptor behind a writable one"};
    (writable ? chain.writable : chain.readable).push_back({descriptor.address, descriptor.length});
    if ((descriptor.flags & kNext) == 0) return Empty{};
    index = descriptor.next;
  }
}

std::variant<Empty, Chain, Broken> Virtqueue::pop(DmaPort& dma) {
  if (!ready_) return Empty{};
  u16 available = 0;
  if (!read_number(dma, available_index(), available)) return Broken{"the available ring cannot be read"};
  const u16 waiting = static_cast<u16>(available - next_available_);
  if (waiting > size_) return Broken{"the available index is ahead by more than the queue's size"};
  if (waiting == 0) {
    // No core runs between the look at the index and this request for a notification: none is lost (2.7.10).
    if (event_index_ && !write_number(dma, available_event(), next_available_)) {
      return Broken{"the used ring cannot be written"};
    }
    return Empty{};
  }
  Chain chain;
  if (!read_number(dma, available_entry(next_available_), chain.head))
    return Broken{"the available ring cannot be read"};
  const auto walked = walk(dma, {descriptors_, size_}, chain.head, chain);
  if (const Broken* broken = std::get_if<Broken>(&walked)) return *broken;
  ++next_available_;
  return chain;
}

bool Virtqueue::push(DmaPort& dma, u16 head, u32 written) {
  std::array<u8, 8> element{};
  store_le<u32>(std::span<u8>(element).first(4), head);
  store_le<u32>(std::span<u8>(element).subspan(4), written);
  return dma.write(used_entry(pushed_++), element);
}

std::variant<bool, Broken> Virtqueue::publish(DmaPort& dma) {
  if (pushed_ == published_) return false;
  const u16 before = published_;
  published_ = pushed_;
  if (!write_number(dma, used_index(), published_)) return Broken{"the used ring cannot be written"};
  u16 wish = 0;
  if (!read_number(dma, event_index_ ? used_event() : driver_area_, wish)) {
    return Broken{"the available ring cannot be read"};
  }
  if (!event_index_) return (wish & kNoInterrupt) == 0;
  // Whether the used index passed used_event with this step (2.7.7.2).
  return static_cast<u16>(published_ - wish - 1) < static_cast<u16>(published_ - before);
}

}  // namespace tw::devices::virtio
