// The access check that every floating-point and Advanced SIMD instruction makes first.
#pragma once

#include "cpu/cpu.hpp"

namespace tw::cpu::a64 {

/// Checks CPACR_EL1.FPEN, CPTR_EL2.TFP, CPTR_EL3.TFP in the manual's order (CheckFPAdvSIMDEnabled64). Returns what the
/// handler must return when the access is trapped, or nullptr: allowed, and remembered in cpu.fp_allowed.
const Op* check_fp_access(Cpu& cpu, const Op* op);

/// `body` behind the check: what a row's `select` returns.
template <Handler body>
const Op* with_fp_access(Cpu& cpu, const Op* op) {
  if (!cpu.fp_allowed) [[unlikely]] {
    if (const Op* trapped = check_fp_access(cpu, op)) return trapped;
  }
  return body(cpu, op);
}

}  // namespace tw::cpu::a64
