// GICD_STATUSR and GICR_STATUSR: which kinds of wrong access have been seen (IHI 0069, 12.9.43 and 12.11.33).
#pragma once

#include "gic/register_access.hpp"

namespace tw::gic::v3 {

class AccessStatus final {
 public:
  /// Serves the access and remembers what was wrong with it. A debugger's look leaves no trace; a size or alignment
  /// that a register does not support is none of the four kinds.
  template <class Core>
  MmioResult serve(Core& core, std::span<const RegisterRow<Core>> rows, const MmioAccess& access) {
    if (!access.debug) note(find_row(rows, access.offset), access.write);
    return access_rows(core, rows, access);
  }

  u32 value() const { return bits_; }
  void write_ones_to_clear(u64 value) { bits_ &= ~static_cast<u32>(value); }
  void reset() { bits_ = 0; }

 private:
  static constexpr u32 kReservedRead = 1, kReservedWrite = 2, kReadOfWriteOnly = 4, kWriteOfReadOnly = 8;

  template <class Core>
  void note(const RegisterRow<Core>* row, bool write) {
    if (!row) {
      bits_ |= write ? kReservedWrite : kReservedRead;
    } else if (write && !row->write) {
      bits_ |= kWriteOfReadOnly;
    } else if (!write && !row->read) {
      bits_ |= kReadOfWriteOnly;
    }
  }

  u32 bits_ = 0;
};

}  // namespace tw::gic::v3
