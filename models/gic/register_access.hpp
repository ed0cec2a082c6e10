// How a register frame of any GIC serves an access from its rows.
#pragma once

#include <span>

#include "base/mmio.hpp"

namespace tw::gic {

inline constexpr u8 kWord = 4;
inline constexpr u8 kByteOrWord = 1 | 4;
inline constexpr u8 kHalfOrWord = 2 | 4;
inline constexpr u8 kWordOrDouble = 4 | 8;

/// Reserved offsets, misaligned accesses and sizes that the row does not allow are RAZ/WI, never a bus error
/// (IHI 0048B, 4.1.4 leaves it open). A debug write is dropped.
template <class Core>
MmioResult access_rows(Core& core, std::span<const RegisterRow<Core>> rows, const MmioAccess& access) {
  const RegisterRow<Core>* row = find_row(rows, access.offset);
  if (!row || (row->sizes & access.size) == 0 || (access.size & (access.size - 1)) != 0 ||
      access.offset % access.size != 0) {
    return {};
  }
  if (access.write) {
    if (row->write && !access.debug) row->write(core, access);
    return {};
  }
  return {.value = row->read ? row->read(core, access) : 0, .ok = true};
}

/// What an access by words or double words reads of a 64-bit register.
inline u64 part_of(const MmioAccess& access, u64 value) {
  return access.size == 8 ? value : static_cast<u32>(value >> access.offset % 8 * 8);
}

/// A 64-bit register after a write by words or double words.
inline u64 merged(const MmioAccess& access, u64 old) {
  if (access.size == 8) return access.value;
  const unsigned shift = static_cast<unsigned>(access.offset % 8 * 8);
  const u64 lanes = u64{0xFFFFFFFF} << shift;
  return (old & ~lanes) | ((access.value << shift) & lanes);
}

}  // namespace tw::gic
