// AArch64.BranchAddr() of the manual: the address that an indirect branch or an exception return goes to, when the
// top byte is ignored by translation (TCR_ELx.TBI).
#pragma once

#include "cpu/cpu.hpp"

namespace tw::cpu::a64 {

/// EffectiveTBI: TCR_ELx.TBI for the half of the address space that bit 55 chooses (EL2 and EL3 have one half only);
/// with TCR_ELx.TBID (FEAT_PAuth) not for instruction addresses.
inline bool top_byte_ignored(const Cpu& cpu, u64 va, El el, bool instruction) {
  unsigned tbi = 20, tbid = 29;  // TCR_EL2, TCR_EL3
  if (el <= El::El1) {
    const bool high_half = (va >> 55) & 1;
    tbi = high_half ? 38 : 37;
    tbid = high_half ? 52 : 51;
  }
  const vmsa::Controls& c = cpu.controls;
  const u64 tcr = el <= El::El1 ? c.el1.tcr : el == El::El2 ? c.el2.tcr : c.el3.tcr;
  return ((tcr >> tbi) & 1) != 0 && !(instruction && ((tcr >> tbid) & 1) != 0);
}

/// `target` as the PC will hold it at `el`: an ignored top byte becomes copies of bit 55 at EL0 and EL1, and zero at
/// EL2 and EL3.
inline u64 branch_address(const Cpu& cpu, u64 target, El el) {
  constexpr u64 kTopByte = u64{0xFF} << 56;
  if (!top_byte_ignored(cpu, target, el, true)) return target;
  return el <= El::El1 && ((target >> 55) & 1) != 0 ? target | kTopByte : target & ~kTopByte;
}

}  // namespace tw::cpu::a64
