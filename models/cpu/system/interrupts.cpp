// Asynchronous exceptions: routing and masking (Arm ARM D1.3.6), virtual interrupts (D1.3.7), WFI (D1.6.2).
#include "arm/syndrome.hpp"
#include "cpu/system/errors.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/vectors.hpp"

namespace tw::cpu {
namespace {

using namespace arm;

/// One kind of interrupt: PSTATE mask bit, routing bits, vector, names.
struct Kind {
  u8 mask;
  u64 scr_bit;
  u64 hcr_bit;
  Vector vector;
  std::string_view physical_name, virtual_name;
};
// In the order in which they are taken when several are pending, which is IMPLEMENTATION DEFINED.
constexpr Kind kPhysicalOrder[] = {
    {1, scr::FIQ, hcr::FMO, Vector::Fiq, "FIQ", "virtual FIQ"},
    {2, scr::IRQ, hcr::IMO, Vector::Irq, "IRQ", "virtual IRQ"},
    {4, scr::EA, hcr::AMO, Vector::SError, "SError", "virtual SError"},
};
constexpr unsigned kVirtualOrder[] = {1, 0, 2};

/// PSTATE masks an interrupt to the present EL, and from EL0 one to EL1. One to a lower EL waits; one to EL2 or EL3
/// from below is taken whatever PSTATE says.
bool can_take(const Cpu& cpu, El target, u8 mask) {
  const El el = cpu.pstate.el;
  if (target < el) return false;
  if (target > el && target > El::El1) return true;
  return (cpu.pstate.daif & mask) == 0;
}

void take(Cpu& cpu, const Kind& kind, El target, bool is_virtual) {
  Exception exception{.target = target,
                      .exception_class = cost::kAsynchronous,
                      .return_address = cpu.pc,
                      .reason = {is_virtual ? kind.virtual_name : kind.physical_name, ""}};
  if (kind.vector == Vector::SError) {
    exception.exception_class = code(ExceptionClass::SError);
    if (is_virtual) {
      if (cpu.model.features.ras) exception.iss = static_cast<u32>(cpu.reg(SysReg::VSESR_EL2) & disr::ISS);
      cpu.reg(SysReg::HCR_EL2) &= ~hcr::VSE;
      update_controls(cpu);
    } else {
      cpu.set_line(Line::SError, false);
    }
  }
  enter_exception(cpu, exception, kind.vector);
}

}  // namespace

bool take_pending_interrupt(Cpu& cpu) {
  const u8 physical = pending_physical(cpu);
  if (physical != 0) {
    for (const Kind& kind : kPhysicalOrder) {
      if ((physical & kind.mask) == 0) continue;
      const El target = physical_target(cpu, kind.scr_bit, kind.hcr_bit);
      if (!can_take(cpu, target, kind.mask)) continue;
      take(cpu, kind, target, false);
      return true;
    }
  }
  if (cpu.pstate.el > El::El1) return false;
  const u8 deliverable = pending_virtual(cpu) & static_cast<u8>(~cpu.pstate.daif);
  for (const unsigned which : kVirtualOrder) {
    const Kind& kind = kPhysicalOrder[which];
    if ((deliverable & kind.mask) == 0) continue;
    take(cpu, kind, El::El1, true);
    return true;
  }
  return false;
}

bool wakes_from_wfi(const Cpu& cpu) {
  return pending_physical(cpu) != 0 || (cpu.pstate.el <= El::El1 && pending_virtual(cpu) != 0);
}

}  // namespace tw::cpu
