// One access to a device of 32-bit registers at word offsets, through its rows.
#pragma once

#include "base/bits.hpp"
#include "base/mmio.hpp"

namespace tw::devices {

/// Sizes of an APB peripheral's registers: byte, halfword and word, all in the register's low lanes.
inline constexpr u8 kApbSizes = 1 | 2 | 4;

/// Unallocated offsets and the upper lanes of a register read as zero and ignore writes. A size that no row allows (a
/// doubleword) is a slave error. A debugger's write is dropped; its read is up to the row (MmioAccess::debug).
template <class Core>
MmioResult access_registers(Core& core, std::span<const RegisterRow<Core>> rows, const MmioAccess& access) {
  if ((access.size & kApbSizes) == 0) return {.value = 0, .ok = false};
  const RegisterRow<Core>* const row = find_row(rows, access.offset);
  if (row == nullptr || !is_aligned(access.offset, 4)) return {};
  if ((access.size & row->sizes) == 0) return {.value = 0, .ok = false};
  if (!access.write) {
    return {.value = row->read ? row->read(core, access) & low_mask(access.size * 8u) : 0, .ok = true};
  }
  if (row->write && !access.debug) row->write(core, access);
  return {};
}

/// The eight identification registers at 0xFE0..0xFFC of a PrimeCell, one byte each.
template <class Core>
u64 read_identification(Core&, const MmioAccess& access) {
  return Core::kIdentification[(access.offset - 0xFE0) / 4];
}

}  // namespace tw::devices
