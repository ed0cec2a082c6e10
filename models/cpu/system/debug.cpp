// Which debug exceptions are enabled, where they go, and software step (Arm ARM D2.3, D2.4, D2.11; J1.3.1).
#include "cpu/system/debug.hpp"

#include "arm/syndrome.hpp"
#include "cpu/system/breakpoints.hpp"
#include "cpu/system/state.hpp"

namespace tw::cpu {

using namespace arm;

namespace {

constexpr u8 kDebugMask = 8;  // PSTATE.D in Pstate::daif
constexpr u64 kOsLocked = 2;  // OSLSR_EL1.OSLK

bool secure(const Cpu& cpu) { return cpu.pstate.el == El::El3 || secure_below_el3(cpu); }
bool masked(const Cpu& cpu) { return (cpu.pstate.daif & kDebugMask) != 0; }

}  // namespace

void update_debug(Cpu& cpu) {
  const u64 mdscr = cpu.reg(SysReg::MDSCR_EL1);
  const bool locked = (cpu.reg(SysReg::OSLSR_EL1) & kOsLocked) != 0;
  const bool monitor = (mdscr & mdscr::MDE) != 0 && !locked;
  const bool was_watching = cpu.debug.watchpoints != 0;
  cpu.debug.step = (mdscr & mdscr::SS) != 0 && !locked;
  cpu.debug.breakpoints = monitor ? enabled_breakpoints(cpu) : 0;
  cpu.debug.watchpoints = monitor ? enabled_watchpoints(cpu) : 0;
  if (was_watching != (cpu.debug.watchpoints != 0)) cpu.select_views();
}

El debug_target(const Cpu& cpu) {
  const bool to_el2 = el2_enabled(cpu) && (tge(cpu) || (cpu.reg(SysReg::MDCR_EL2) & mdcr2::TDE) != 0);
  return to_el2 ? El::El2 : El::El1;
}

bool debug_exceptions_enabled(const Cpu& cpu, El from, bool is_masked) {
  if ((cpu.reg(SysReg::OSLSR_EL1) & kOsLocked) != 0) return false;
  if (cpu.config.has_el3 && secure(cpu) && (cpu.reg(SysReg::MDCR_EL3) & mdcr3::SDD) != 0) return false;
  const El target = debug_target(cpu);
  if (from != target) return target > from;
  return (cpu.reg(SysReg::MDSCR_EL1) & mdscr::KDE) != 0 && !is_masked;
}

bool step_after_return(const Cpu& cpu, u64 spsr, El to) {
  return cpu.debug.step && (spsr & spsr::SS) != 0 && !debug_exceptions_enabled(cpu, cpu.pstate.el, masked(cpu)) &&
         debug_exceptions_enabled(cpu, to, (spsr & spsr::D) != 0);
}

bool step_active(const Cpu& cpu) { return cpu.debug.step && debug_exceptions_enabled(cpu, cpu.pstate.el, masked(cpu)); }

bool take_pending_step(Cpu& cpu) {
  if (cpu.pstate.ss || !step_active(cpu)) return false;
  const El target = debug_target(cpu);
  take_exception(cpu, {.target = target,
                       .exception_class = code(target > cpu.pstate.el ? ExceptionClass::SoftwareStepLower
                                                                      : ExceptionClass::SoftwareStepSame),
                       .iss = software_step_iss(cpu.debug.stepped, cpu.debug.stepped_exclusive),
                       .return_address = cpu.pc,
                       .reason = {"software step", ""}});
  cpu.debug.stepped = false;
  return true;
}

void step_done(Cpu& cpu, u32 insn, bool took_exception) {
  cpu.pstate.ss = false;
  cpu.debug.stepped = !took_exception;
  // LDXR, LDAXR, LDXP, LDAXP and their narrow forms (Arm ARM C4.1 "Load/store exclusive": L = 1, o2 = 0).
  cpu.debug.stepped_exclusive = (insn & 0x3FC00000) == 0x08400000;
}

}  // namespace tw::cpu
