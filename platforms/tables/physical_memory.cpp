#include "platforms/tables/physical_memory.hpp"

#include <bit>
#include <stdexcept>

#include <fmt/format.h>

#include "base/error.hpp"

namespace tw::tables {

namespace {

constexpr unsigned kDescriptorBytes = 8;

}  // namespace

Pa PhysicalMemory::take(u64 bytes, u64 alignment) {
  const u64 at = (next_ + alignment - 1) / alignment * alignment;
  if (!ram_.contains(at - base_.value, bytes)) {
    throw UserError(Complaint{key_, fmt::format("{} bytes do not hold tables and buffers", ram_.size())});
  }
  next_ = at + bytes;
  return Pa{at};
}

u64 PhysicalMemory::allocate(u64 bytes) { return take(bytes, std::bit_ceil(bytes)).value; }

void PhysicalMemory::write(u64 address, u64 value) {
  if (!ram_.write(address - base_.value, kDescriptorBytes, value))
    throw std::logic_error("a descriptor outside memory");
}

u64 PhysicalMemory::read(u64 address) const {
  u64 value = 0;
  if (!ram_.read(address - base_.value, kDescriptorBytes, value)) throw std::logic_error("a descriptor outside memory");
  return value;
}

std::span<u8> PhysicalMemory::bytes(Pa at, u64 size) {
  u8* const host = ram_.host(at - base_, size);
  if (host == nullptr) throw std::logic_error("a buffer outside memory");
  return {host, size};
}

}  // namespace tw::tables
