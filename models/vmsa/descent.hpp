// The way from a root to a leaf, the same for every stage and granule (Arm ARM D8.3). `Stage` says how a descriptor is
// read and what a table descriptor adds.
#pragma once

#include "vmsa/geometry.hpp"

namespace tw::vmsa {

struct Descent {
  Fault fault;  ///< type, level, and for faults from below what read() filled in
  u64 descriptor = 0;
  u64 output = 0;  ///< of the whole page or block
  u8 page_bits = 0;
  i8 level = 0;
};

/// Stage: bool read(u64 address, int level, u64& descriptor, Fault& fault); void enter_table(u64 descriptor, int level,
/// u64 table); HardwareUpdates updates: whether a clear Access flag is a fault. `level` and `table` say where to begin:
/// the root's, or deeper. `result` is new.
template <class Stage>
void descend(Stage& stage, const TableRoot& root, u64 input, int level, u64 table, Descent& result) {
  const Granule granule = root.granule;
  for (;; ++level) {
    result.level = static_cast<i8>(level);
    const auto fail = [&](FaultType type) {
      result.fault.type = type;
      result.fault.level = static_cast<i8>(level);
    };
    const unsigned shift = level_shift(granule, level);
    // The initial table may be smaller than the others, or up to 16 of them side by side.
    const unsigned index_bits = level == root.level ? root.input_bits - shift : stride(granule);
    const u64 address = table + bit_field(input, shift, index_bits) * 8;
    if (!stage.read(address, level, result.descriptor, result.fault)) [[unlikely]]
      return;
    const u64 descriptor = result.descriptor;
    const bool table_or_page = bit<1>(descriptor);
    if (!bit<0>(descriptor)) return fail(FaultType::Translation);
    if (level < 3 && table_or_page) {
      table = descriptor & low_mask(48) & ~low_mask(granule_bits(granule));
      if ((table >> root.output_bits) != 0) return fail(FaultType::AddressSize);
      stage.enter_table(descriptor, level, table);
      continue;
    }
    if (level < 3 ? !block_allowed(granule, level) : !table_or_page) return fail(FaultType::Translation);
    result.page_bits = static_cast<u8>(shift);
    result.output = descriptor & low_mask(48) & ~low_mask(shift);
    if ((result.output >> root.output_bits) != 0) return fail(FaultType::AddressSize);
    if (!bit<10>(descriptor) && !stage.updates.takes_clear_flag()) return fail(FaultType::AccessFlag);
    return;
  }
}

}  // namespace tw::vmsa
