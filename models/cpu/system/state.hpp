// What the present state means: security, which ELs exist, effective controls. Shared by the files of this folder and
// by the system instruction groups.
#pragma once

#include "arm/control_bits.hpp"
#include "arm/cpu_model.hpp"
#include "arm/sysreg.hpp"
#include "cpu/cpu.hpp"

namespace tw::cpu {

using arm::SysReg;

inline bool has_el(const Cpu& cpu, El el) {
  if (el == El::El3) return cpu.config.has_el3;
  if (el == El::El2) return cpu.config.has_el2;
  return true;
}
inline El highest_el(const Cpu& cpu) { return cpu.config.has_el3 ? El::El3 : cpu.config.has_el2 ? El::El2 : El::El1; }
/// SCR_EL3 as effective: without EL3 the core is Non-secure, in AArch64, and nothing is routed to EL3.
inline u64 effective_scr(const Cpu& cpu) {
  return cpu.config.has_el3 ? cpu.reg(SysReg::SCR_EL3) : arm::scr::NS | arm::scr::HCE | arm::scr::RW;
}
/// The security state of the ELs below EL3.
inline bool secure_below_el3(const Cpu& cpu) { return (effective_scr(cpu) & arm::scr::NS) == 0; }
/// EL2Enabled() of the manual: EL2 is implemented and the ELs below EL3 are Non-secure.
inline bool el2_enabled(const Cpu& cpu) { return cpu.config.has_el2 && !secure_below_el3(cpu); }
/// HCR_EL2 as effective: zero when EL2 is not enabled.
inline u64 effective_hcr(const Cpu& cpu) { return el2_enabled(cpu) ? cpu.reg(SysReg::HCR_EL2) : 0; }
inline bool tge(const Cpu& cpu) { return (effective_hcr(cpu) & arm::hcr::TGE) != 0; }

/// Where a synchronous exception goes that the present EL takes itself: EL1 from EL0, or EL2 with HCR_EL2.TGE.
inline El default_target(const Cpu& cpu) {
  if (cpu.pstate.el != El::El0) return cpu.pstate.el;
  return tge(cpu) ? El::El2 : El::El1;
}

/// Recomputes the vmsa mirror after a change of a register or state that it depends on; forgets cached translations
/// when something changed that they depend on.
void update_controls(Cpu& cpu);

/// PSTATE as SPSR_ELx holds it.
u64 spsr_of_pstate(const Cpu& cpu);

/// MPIDR_EL1 of core `index`: 16 cores to an Aff1 cluster, as GICv2 and GICv3 allow.
constexpr u64 mpidr_of(unsigned index) { return u64{1} << 31 | u64{index / 16} << 8 | index % 16; }

/// Interrupt levels as the core sees them, HCR_EL2.{VI,VF,VSE} or-ed in and gated by {IMO,FMO,AMO} and TGE. The bits
/// are PSTATE.DAIF's: A=4 I=2 F=1.
u8 pending_physical(const Cpu& cpu);
u8 pending_virtual(const Cpu& cpu);

}  // namespace tw::cpu
