// Shapes of translation tables, for every granule (Arm ARM D8.2).
#pragma once

#include "base/bits.hpp"
#include "vmsa/controls.hpp"
#include "vmsa/translation.hpp"

namespace tw::vmsa {

enum class Granule : u8 { K4, K16, K64 };

constexpr unsigned granule_bits(Granule granule) { return 12 + 2 * static_cast<unsigned>(granule); }
/// Address bits that one full table resolves.
constexpr unsigned stride(Granule granule) { return granule_bits(granule) - 3; }
/// An entry of `level` maps, or points to a table that maps, 1 << level_shift bytes.
constexpr unsigned level_shift(Granule granule, int level) {
  return granule_bits(granule) + static_cast<unsigned>(3 - level) * stride(granule);
}
/// Levels below 3 that may hold block descriptors: 1 GB, 2 MB; 32 MB; 512 MB (no 52-bit addresses).
constexpr bool block_allowed(Granule granule, int level) {
  return level == 2 || (level == 1 && granule == Granule::K4);
}

/// Where a walk begins, decoded from TCR and TTBR (or VTCR and VTTBR).
struct TableRoot {
  Granule granule = Granule::K4;
  u8 input_bits = 48;   ///< of the address that is looked up
  u8 output_bits = 48;  ///< larger addresses in descriptors are Address size faults
  i8 level = 0;         ///< initial lookup level
  u64 base = 0;
  bool cacheable = false;   ///< IRGN says so and the caches are on
  bool big_endian = false;  ///< SCTLR_ELx.EE
};

/// A root, or the fault that an access gets before any descriptor is fetched; such faults are of level 0.
struct RootOutcome {
  FaultType fault = FaultType::None;
  TableRoot root;
};

/// `va` must be canonical (fields.hpp) and stage 1 of `regime` on.
RootOutcome stage1_root(const Controls& controls, Regime regime, Va va);
/// The check of `ipa` against the size of the IPA space is part of it.
RootOutcome stage2_root(const Controls& controls, Ipa ipa);

}  // namespace tw::vmsa
