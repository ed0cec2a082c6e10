#include "devices/pci/config_space.hpp"

#include <stdexcept>
#include <string>

#include "base/bits.hpp"

namespace tw::devices::pci {

namespace {

constexpr u8 byte_at(u32 value, unsigned n) { return static_cast<u8>(value >> (8 * n)); }

}  // namespace

void ConfigSpace::add(std::span<const ConfigRow> rows, u16 base) {
  for (const ConfigRow& row : rows) {
    for (unsigned n = 0; n < row.bytes; ++n) {
      const std::size_t at = std::size_t{base} + row.offset + n;
      if (at >= kBytes || row.bytes > 4 || bytes_[at].described) {
        throw std::logic_error("PCI configuration register " + std::string(row.name) + " has no place");
      }
      bytes_[at] = {.value = byte_at(row.reset, n),
                    .reset = byte_at(row.reset, n),
                    .writable = byte_at(row.writable, n),
                    .clears = byte_at(row.clears, n),
                    .described = true};
    }
  }
}

u16 ConfigSpace::add_capability(u8 id, u16 bytes, std::span<const ConfigRow> rows) {
  const u16 at = next_capability_;
  next_capability_ = static_cast<u16>((at + bytes + 3) & ~3);
  if (next_capability_ > kConventionalBytes) throw std::logic_error("PCI capabilities beyond 256 bytes");
  const ConfigRow header[] = {{"capability id", 0, 1, id}, {"next capability", 1, 1}};
  add(header, at);
  add(rows, at);
  bytes_[last_link_].value = bytes_[last_link_].reset = static_cast<u8>(at);
  last_link_ = static_cast<u16>(at + 1);
  return at;
}

/// The header is identifier, version and the offset of the next one, in the upper 12 bits.
u16 ConfigSpace::add_extended_capability(u16 id, u8 version, u16 bytes, std::span<const ConfigRow> rows) {
  const u16 at = next_extended_;
  next_extended_ = static_cast<u16>((at + bytes + 3) & ~3);
  if (next_extended_ > kBytes) throw std::logic_error("PCI extended capabilities beyond 4096 bytes");
  const ConfigRow header[] = {{"extended capability", 0, 4, id | u32{version} << 16}};
  add(header, at);
  add(rows, at);
  for (unsigned n = 0; last_extended_ != 0 && n < 2; ++n) {
    Byte& link = bytes_[last_extended_ + 2 + n];
    link.value = link.reset = static_cast<u8>(link.reset | byte_at(u32{at} << 4, n));
  }
  last_extended_ = at;
  return at;
}

u32 ConfigSpace::read(u16 offset, unsigned bytes) const {
  u32 value = 0;
  for (unsigned n = 0; n < bytes && offset + n < kBytes; ++n) value |= u32{bytes_[offset + n].value} << (8 * n);
  return value;
}

void ConfigSpace::write(u16 offset, unsigned bytes, u32 value) {
  for (unsigned n = 0; n < bytes && offset + n < kBytes; ++n) {
    Byte& byte = bytes_[offset + n];
    const u8 written = byte_at(value, n);
    byte.value =
        static_cast<u8>(((byte.value & ~byte.writable) | (written & byte.writable)) & ~(written & byte.clears));
  }
}

void ConfigSpace::set(u16 offset, unsigned bytes, u32 value) {
  for (unsigned n = 0; n < bytes && offset + n < kBytes; ++n) bytes_[offset + n].value = byte_at(value, n);
}

void ConfigSpace::reset() {
  for (Byte& byte : bytes_) byte.value = byte.reset;
}

}  // namespace tw::devices::pci
