// Taking exceptions and returning from them (Arm ARM D1, AArch64.TakeException). Implemented in system/exceptions.cpp.
#pragma once

#include "cost/spans.hpp"
#include "cpu/cpu.hpp"
#include "vmsa/translation.hpp"

namespace tw::cpu {

/// A synchronous exception with its syndrome, before routing is applied by the callers below.
struct Exception {
  El target = El::El1;
  u8 exception_class = 0;
  u32 iss = 0;
  bool il = true;          ///< ESR.IL: 32-bit instruction
  u64 return_address = 0;  ///< preferred return address (ELR)
  bool sets_far = false;
  u64 far = 0;
  bool sets_hpfar = false;
  u64 hpfar = 0;
  cost::TrapReason reason;  ///< statistic's key
};

/// Takes `exception`: SPSR, ELR, ESR, FAR, HPFAR, PSTATE, PC, ledger span. Leaves cpu.pc at the vector.
void take_exception(Cpu& cpu, const Exception& exception);

/// The instruction is UNDEFINED at this EL: EC 0 to EL1, or to EL2 with TGE, or to the present EL if higher.
/// Returns what the handler must return.
const Op* undefined(Cpu& cpu, const Op* op);

/// An exception with `return_address` = this instruction (or the next one, for SVC, HVC, SMC), from a handler.
const Op* raise(Cpu& cpu, const Op* op, const Exception& exception);

/// Data abort of `op` (stage 1, stage 2 or external), routed by the architecture; computes ISS including ISV.
void take_data_abort(Cpu& cpu, const Op* op, const vmsa::Fault& fault, bool write, bool cache_maintenance = false);
/// Instruction abort on the fetch at `pc`.
void take_instruction_abort(Cpu& cpu, u64 pc, const vmsa::Fault& fault);
void take_pc_alignment_fault(Cpu& cpu, u64 pc);
void take_sp_alignment_fault(Cpu& cpu, u64 pc);
void take_illegal_state(Cpu& cpu, u64 pc);

/// Takes the highest-priority pending and unmasked physical or virtual interrupt, if any. True: taken.
/// cpu.pc must be exact.
bool take_pending_interrupt(Cpu& cpu);
/// Whether an interrupt is pending that ends WFI (masked or not, as the architecture says).
bool wakes_from_wfi(const Cpu& cpu);

/// Writes PSTATE-derived hot state after any change of EL, SPSel or controls: current SP slot, host table, context.
void set_el_and_sp(Cpu& cpu, El el, bool sp_sel);
/// The ledger context that the present state means.
cost::Context ledger_context(const Cpu& cpu);
/// State of the core after a cold reset (called by Cpu::reset).
void reset_system_state(Cpu& cpu);

}  // namespace tw::cpu
