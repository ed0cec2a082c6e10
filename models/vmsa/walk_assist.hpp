// Caches of intermediate results that may stand between a walker and memory: the walker asks, and offers what it found.
// Whoever implements this charges the time of its lookups. Only results without a fault are offered.
#pragma once

#include "vmsa/mapping.hpp"

namespace tw::vmsa {

/// A stage-1 table on the way down, where a walk may begin: everything above it is folded in.
struct TablePointer {
  i8 level = 0;            ///< of the descriptors in the table
  u8 region_bits = 0;      ///< the table maps 1 << region_bits bytes of VA
  Pa table{};              ///< after stage 2
  Ipa table_ipa{};         ///< before stage 2 (equal without it)
  bool cacheable = false;  ///< by stage 2
  // Accumulated APTable, UXNTable (XNTable), PXNTable, NSTable.
  u8 ap_table = 0;
  bool uxn_table = false, pxn_table = false;
  bool secure = false;  ///< the table is fetched from the Secure physical address space
};

/// The same for stage 2.
struct Stage2TablePointer {
  i8 level = 0;
  u8 region_bits = 0;  ///< of IPA
  Pa table{};
};

class WalkAssist {
 public:
  virtual ~WalkAssist() = default;
  /// IPA cache or stage-2 TLB. `for_stage1_level` as in cost::DescriptorFetch.
  virtual const Stage2Leaf* find_stage2(Ipa ipa, const Controls& controls, int for_stage1_level) = 0;
  virtual void found_stage2(Ipa ipa, const Stage2Leaf& leaf, const Controls& controls) = 0;
  /// Walk cache: the deepest known table for `va` (canonical) in this context, or nullptr.
  virtual const TablePointer* find_table(Regime regime, Va va, const Controls& controls) = 0;
  virtual void found_table(Regime regime, Va va, const TablePointer& table, const Controls& controls) = 0;
  /// The deepest known stage-2 table for `ipa`.
  virtual const Stage2TablePointer* find_stage2_table(Ipa, const Controls&) { return nullptr; }
  virtual void found_stage2_table(Ipa, const Stage2TablePointer&, const Controls&) {}
};

}  // namespace tw::vmsa
