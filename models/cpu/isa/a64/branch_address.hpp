// AArch64.BranchAddr() of the manual: the address that an indirect branch or an exception return goes to, when the
// top byte is ignored by translation (TCR_ELx.TBI).
#pragma once

#include "cpu/cpu.hpp"

namespace tw::cpu::a64 {

/// `target` as the PC will hold it at `el`. With TBI for the half of the address space that bit 55 chooses, the top
/// byte becomes copies of bit 55 at EL0 and EL1, and zero at EL2 and EL3 (which have one half only).
inline u64 branch_address(const Cpu& cpu, u64 target, El el) {
  constexpr u64 kTopByte = u64{0xFF} << 56;
  const bool high_half = (target >> 55) & 1;
  if (el <= El::El1) {
    const unsigned tbi = high_half ? 38 : 37;  // TCR_EL1.TBI1, TBI0
    if (!((cpu.controls.el1.tcr >> tbi) & 1)) return target;
    return high_half ? target | kTopByte : target & ~kTopByte;
  }
  const u64 tcr = el == El::El2 ? cpu.controls.el2.tcr : cpu.controls.el3.tcr;
  return (tcr >> 20) & 1 ? target & ~kTopByte : target;  // TCR_EL2.TBI, TCR_EL3.TBI
}

}  // namespace tw::cpu::a64
