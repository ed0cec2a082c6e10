// What a finished walk leaves behind: the leaf of each stage, raw enough that a TLB may keep it and every later access,
// of any privilege and kind, is checked against it as if it had walked.
#pragma once

#include "vmsa/controls.hpp"
#include "vmsa/translation.hpp"

namespace tw::vmsa {

/// A stage-1 page or block descriptor with the table attributes above it folded in.
struct Stage1Leaf {
  Ipa page{};  ///< output address of the whole page or block; the PA where there is no stage 2
  u8 page_bits = 12;
  i8 level = 0;
  bool flat = false;  ///< stage 1 is off: output = input, attributes by SCTLR_ELx.I and HCR_EL2.DC
  u8 ap = 0;          ///< AP[2:1]
  bool uxn = false;   ///< UXN; XN in EL2 and EL3
  bool pxn = false;
  u8 mair = 0;  ///< MAIR_ELx byte of AttrIndx
  u8 sh = 0;
  bool global = true;       ///< not nG
  bool contiguous = false;  ///< hint: one of 16 (32, 128) equal neighbours
  bool secure = false;      ///< output is in the Secure physical address space
  bool clean = false;       ///< writable by DBM, and not yet marked so in memory: a write walks again

  Ipa output(Va va) const { return Ipa{page.value | (va.value & ((u64{1} << page_bits) - 1))}; }
};

/// A stage-2 page or block descriptor.
struct Stage2Leaf {
  Pa page{};
  u8 page_bits = 12;
  i8 level = 0;
  u8 s2ap = 0;      ///< bit 0 read, bit 1 write
  u8 xn = 0;        ///< XN[1:0]; bit 0 counts only with FEAT_XNX
  u8 mem_attr = 0;  ///< MemAttr[3:0]
  u8 sh = 0;
  bool contiguous = false;
  bool clean = false;  ///< as in Stage1Leaf

  Pa output(Ipa ipa) const { return Pa{page.value | (ipa.value & ((u64{1} << page_bits) - 1))}; }
};

/// Maintenance and AT leave dirty state alone.
inline bool marks_dirty(const Access& access) { return access.write && access.kind == AccessKind::Data; }

struct Mapping {
  Stage1Leaf stage1;
  Stage2Leaf stage2;
  bool has_stage2 = false;

  /// A page or block whose dirty state the first write will set (FEAT_HAFDBS).
  bool clean() const { return stage1.clean || (has_stage2 && stage2.clean); }
  /// An entry of a TLB that `access` may not use: it has dirty state to set in memory.
  bool must_walk(const Access& access) const { return clean() && marks_dirty(access); }

  /// Size of the page that translates as a whole: the smaller of the two stages' pages.
  u8 page_bits() const {
    return has_stage2 && stage2.page_bits < stage1.page_bits ? stage2.page_bits : stage1.page_bits;
  }
};

}  // namespace tw::vmsa
