// Taking an exception: AArch64.TakeException (Arm ARM D1.3, J1.1.4).
#include "cpu/exceptions.hpp"

#include "arm/syndrome.hpp"
#include "cpu/system/performance_monitors.hpp"
#include "cpu/system/state.hpp"
#include "cpu/system/vectors.hpp"

namespace tw::cpu {
namespace {

using namespace arm;

struct BankedRegisters {
  SysReg spsr, elr, esr, far, vbar, sctlr;
};
constexpr BankedRegisters kBanks[] = {
    {},
    {SysReg::SPSR_EL1, SysReg::ELR_EL1, SysReg::ESR_EL1, SysReg::FAR_EL1, SysReg::VBAR_EL1, SysReg::SCTLR_EL1},
    {SysReg::SPSR_EL2, SysReg::ELR_EL2, SysReg::ESR_EL2, SysReg::FAR_EL2, SysReg::VBAR_EL2, SysReg::SCTLR_EL2},
    {SysReg::SPSR_EL3, SysReg::ELR_EL3, SysReg::ESR_EL3, SysReg::FAR_EL3, SysReg::VBAR_EL3, SysReg::SCTLR_EL3},
};

/// Offset of the group of vectors: current EL with SP_EL0, with SP_ELx, lower EL in AArch64, in AArch32.
u64 vector_group(const Cpu& cpu, El target) {
  if (target > cpu.pstate.el) return cpu.pstate.aarch32 ? 0x600 : 0x400;
  return cpu.pstate.sp_sel ? 0x200 : 0x000;
}

Exception plain(Cpu& cpu, ExceptionClass ec, u64 return_address, cost::TrapReason reason) {
  return {
      .target = default_target(cpu), .exception_class = code(ec), .return_address = return_address, .reason = reason};
}

}  // namespace

void enter_exception(Cpu& cpu, const Exception& exception, Vector vector) {
  const El target = exception.target;
  const BankedRegisters& bank = kBanks[tw::index(target)];
  if (cpu.fidelity == Fidelity::Timed) cpu.pipeline.drain();
  if (cpu.tables != nullptr) cpu.tables->context_synchronised();
  const cost::Context from = ledger_context(cpu);
  ++cpu.exceptions;
  const u64 offset = vector_group(cpu, target) + static_cast<u64>(vector);

  cpu.reg(bank.spsr) = spsr_of_pstate(cpu);
  cpu.reg(bank.elr) = exception.return_address;
  // An IRQ or FIQ leaves ESR_ELx as it was.
  if (exception.exception_class != cost::kAsynchronous) {
    cpu.reg(bank.esr) = esr(static_cast<ExceptionClass>(exception.exception_class), exception.il, exception.iss);
  }
  if (exception.sets_far) cpu.reg(bank.far) = exception.far;
  if (exception.sets_hpfar) cpu.reg(SysReg::HPFAR_EL2) = exception.hpfar;

  if (cpu.pmu.enabled != 0) pmu_exception_taken(cpu, exception, vector);
  if (cpu.model.features.pan && target == El::El1 && (cpu.reg(SysReg::SCTLR_EL1) & sctlr::SPAN) == 0) {
    cpu.pstate.pan = true;
  }
  cpu.pstate.uao = false;
  set_el_and_sp(cpu, target, true);  // selects the views of PAN and UAO too
  cpu.pstate.daif = 0xF;
  cpu.pstate.ss = false;
  cpu.pstate.il = false;
  cpu.pstate.aarch32 = false;
  cpu.pstate.ssbs = (cpu.reg(bank.sctlr) & cpu.writable[static_cast<unsigned>(bank.sctlr)] & sctlr::DSSBS) != 0;
  cpu.pc = cpu.reg(bank.vbar) + offset;

  cpu.ledger.exception_taken(
      {.from = from, .to = target, .exception_class = exception.exception_class, .reason = exception.reason},
      ledger_context(cpu));
  // In functional fidelity an entry is one cycle, like an instruction: a vector that faults for ever uses up its
  // budget.
  cpu.ledger.charge(cost::Cause::ExceptionEntry, cpu.fidelity == Fidelity::Timed ? cpu.config.exception_entry : 1);
}

void take_exception(Cpu& cpu, const Exception& exception) { enter_exception(cpu, exception, Vector::Synchronous); }

const Op* raise(Cpu& cpu, const Op* op, const Exception& exception) {
  settle_before(cpu, op);
  take_exception(cpu, exception);
  return leave_before(cpu, op);
}

const Op* raise_completed(Cpu& cpu, const Op* op, const Exception& exception) {
  settle_after(cpu, op);
  cpu.pstate.ss = false;  // the instruction that is stepped has been executed (SSAdvance)
  take_exception(cpu, exception);
  return &cpu.exit_op;
}

const Op* undefined(Cpu& cpu, const Op* op) {
  return raise(cpu, op, plain(cpu, ExceptionClass::Unknown, pc_of(cpu, op), {"UNDEFINED", ""}));
}

void take_pc_alignment_fault(Cpu& cpu, u64 pc) {
  Exception exception = plain(cpu, ExceptionClass::PcAlignment, pc, {"PC alignment fault", ""});
  exception.sets_far = true;
  exception.far = pc;
  take_exception(cpu, exception);
}

void take_sp_alignment_fault(Cpu& cpu, u64 pc) {
  take_exception(cpu, plain(cpu, ExceptionClass::SpAlignment, pc, {"SP alignment fault", ""}));
}

void take_illegal_state(Cpu& cpu, u64 pc) {
  take_exception(cpu, plain(cpu, ExceptionClass::IllegalState, pc, {"illegal execution state", ""}));
}

}  // namespace tw::cpu
