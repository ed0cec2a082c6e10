// What a memory-mapped device core looks like from outside: one access in, one result out, no clock.
// Registers are rows (RegisterRow), looked up by offset; a device states each register once.
#pragma once

#include <algorithm>
#include <span>

#include "base/types.hpp"

namespace tw {

/// One access to a device: offset from the device's base, size 1, 2, 4 or 8 bytes, naturally aligned by the shell.
struct MmioAccess {
  u64 offset = 0;
  u8 size = 4;
  bool write = false;
  u64 value = 0;  ///< data of a write, zero-extended
  u8 cpu = 0;     ///< index of the CPU that makes the access (banked registers)
  Security security = Security::NonSecure;
  El el = El::El1;
  StreamId stream{};   ///< of a DMA master: the DeviceID of its message-signalled interrupts
  bool debug = false;  ///< a debugger's look: must have no side effect
};

/// `ok == false` is a slave error on the bus (an external abort at the CPU).
struct MmioResult {
  u64 value = 0;
  bool ok = true;
};

/// A memory-mapped device core.
class MmioTarget {
 public:
  virtual ~MmioTarget() = default;
  virtual MmioResult access(const MmioAccess& access) = 0;
};

/// One register, or an array of equal registers, of device `Core`, in the manual's order.
/// `bytes` is the span of the row: an array of 32 words spans 128. `sizes` is a bit mask of the allowed access sizes
/// (1|2|4|8). A null `read` is write-only (reads as zero), a null `write` is read-only (writes ignored).
template <class Core>
struct RegisterRow {
  const char* name;
  u32 offset;
  u32 bytes;
  u8 sizes;
  u64 (*read)(Core& core, const MmioAccess& access);
  void (*write)(Core& core, const MmioAccess& access);
};

/// The row that holds `offset`, or nullptr. Rows are sorted by offset and do not overlap (a table test holds that).
template <class Core>
const RegisterRow<Core>* find_row(std::span<const RegisterRow<Core>> rows, u64 offset) {
  auto after = std::upper_bound(rows.begin(), rows.end(), offset,
                                [](u64 key, const RegisterRow<Core>& row) { return key < row.offset; });
  if (after == rows.begin()) return nullptr;
  const RegisterRow<Core>& row = *(after - 1);
  return offset < u64{row.offset} + row.bytes ? &row : nullptr;
}

}  // namespace tw
