#include "cpu/system/errors.hpp"

#include "cpu/system/state.hpp"

namespace tw::cpu {

using namespace arm;

namespace {

constexpr u8 kSErrorMask = 4;  // PSTATE.A in Pstate::daif

bool masked(const Cpu& cpu, El target) {
  const El el = cpu.pstate.el;
  const bool mask_counts = target == El::El1 ? el <= El::El1 : el == target;
  return target < el || (mask_counts && (cpu.pstate.daif & kSErrorMask) != 0);
}

}  // namespace

El physical_target(const Cpu& cpu, u64 scr_bit, u64 hcr_bit) {
  if (cpu.config.has_el3 && (effective_scr(cpu) & scr_bit) != 0) return El::El3;
  if ((effective_hcr(cpu) & (hcr_bit | hcr::TGE)) != 0) return El::El2;
  return El::El1;
}

void error_synchronization_barrier(Cpu& cpu) {
  if (cpu.line(Line::SError) && masked(cpu, physical_target(cpu, scr::EA, hcr::AMO))) {
    cpu.reg(SysReg::DISR_EL1) = disr::A;  // ISS 0, as when it is taken
    cpu.set_line(Line::SError, false);
  }
  const bool virtual_pending = cpu.pstate.el <= El::El1 && (pending_virtual(cpu) & kSErrorMask) != 0;
  if (virtual_pending && (cpu.pstate.daif & kSErrorMask) != 0) {
    cpu.reg(SysReg::VDISR_EL2) = disr::A | (cpu.reg(SysReg::VSESR_EL2) & disr::ISS);
    cpu.reg(SysReg::HCR_EL2) &= ~hcr::VSE;
    update_controls(cpu);
  }
}

SysReg deferred_error_register(const Cpu& cpu) {
  const bool is_virtual = cpu.pstate.el == El::El1 && (effective_hcr(cpu) & hcr::AMO) != 0;
  return is_virtual ? SysReg::VDISR_EL2 : SysReg::DISR_EL1;
}

bool deferred_errors_hidden(const Cpu& cpu) {
  return cpu.config.has_el3 && cpu.pstate.el < El::El3 && (effective_scr(cpu) & scr::EA) != 0 &&
         deferred_error_register(cpu) == SysReg::DISR_EL1;
}

}  // namespace tw::cpu
