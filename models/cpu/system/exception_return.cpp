#include "cpu/system/exception_return.hpp"

#include "base/bits.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/isa/a64/branch_address.hpp"
#include "cpu/system/debug.hpp"
#include "cpu/system/performance_monitors.hpp"
#include "cpu/system/state.hpp"

namespace tw::cpu {

using namespace arm;

bool is_legal_return(const Cpu& cpu, u64 spsr) {
  if ((spsr & spsr::nRW) != 0) return false;  // AArch32 is not implemented at any EL
  if (bit<1>(spsr)) return false;
  const El target = static_cast<El>(bits<3, 2>(spsr));
  if (target == El::El0 && (spsr & spsr::SP) != 0) return false;
  if (target > cpu.pstate.el || !has_el(cpu, target)) return false;
  if (target == El::El2 && secure_below_el3(cpu)) return false;
  if (target == El::El1 && tge(cpu)) return false;
  // The execution state that the EL above has chosen must be AArch64 too.
  if (cpu.pstate.el == El::El3 && target < El::El3 && (effective_scr(cpu) & scr::RW) == 0) return false;
  if (cpu.pstate.el >= El::El2 && target <= El::El1 && el2_enabled(cpu) &&
      (effective_hcr(cpu) & (hcr::RW | hcr::TGE)) == 0) {
    return false;
  }
  return true;
}

void exception_return(Cpu& cpu, u64 spsr, u64 address) {
  const cost::Context from = ledger_context(cpu);
  const bool legal = is_legal_return(cpu, spsr);
  if (cpu.fidelity == Fidelity::Timed) {
    cpu.ledger.charge(cost::Cause::ExceptionReturn, cpu.config.exception_return);
  }
  const bool step = legal && step_after_return(cpu, spsr, static_cast<El>(bits<3, 2>(spsr)));
  if (cpu.pmu.enabled != 0) {
    pmu_happened(cpu, PmuEvent::EXC_RETURN);
    pmu_happened(cpu, PmuEvent::PC_WRITE_RETIRED);
  }
  cpu.flags.set_nzcv(spsr);
  cpu.pstate.daif = static_cast<u8>(bits<9, 6>(spsr));
  cpu.pstate.ss = step;
  if (cpu.model.features.pan) cpu.pstate.pan = (spsr & spsr::PAN) != 0;
  if (cpu.model.features.uao) cpu.pstate.uao = (spsr & spsr::UAO) != 0;
  if (cpu.model.features.ssbs) cpu.pstate.ssbs = (spsr & spsr::SSBS) != 0;
  if (legal) {
    cpu.pstate.il = (spsr & spsr::IL) != 0;
    set_el_and_sp(cpu, static_cast<El>(bits<3, 2>(spsr)), (spsr & spsr::SP) != 0);
  } else {
    cpu.pstate.il = true;
    cpu.select_views();  // PAN and UAO are those of the SPSR all the same
  }
  cpu.pc = a64::branch_address(cpu, address, cpu.pstate.el);
  if (cpu.tables != nullptr) cpu.tables->context_synchronised();
  cpu.monitor.valid = false;
  cpu.event_register = true;
  const cost::Context to = ledger_context(cpu);
  if (legal) cpu.ledger.exception_returned(from, to);
  if (legal && to.guest) entered_guest(cpu, to.vmid);
}

}  // namespace tw::cpu
