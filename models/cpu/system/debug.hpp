// Self-hosted debug (Arm ARM D2): software step, breakpoints, watchpoints. While none is armed the run loop knows
// nothing of them; while a step or a breakpoint is, it executes one instruction at a time; while a watchpoint is, no
// data access has a host shortcut.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/exceptions.hpp"

namespace tw::cpu {

/// Recomputes Cpu::debug after a change of MDSCR_EL1, DBGBCR<n>_EL1, DBGWCR<n>_EL1 or the OS lock.
void update_debug(Cpu& cpu);

/// The EL that debug exceptions are taken to from EL0 and EL1 (DebugTarget).
El debug_target(const Cpu& cpu);
/// GenerateDebugExceptionsFrom: whether debug exceptions are enabled at `from` with PSTATE.D = `masked`.
bool debug_exceptions_enabled(const Cpu& cpu, El from, bool masked);

/// PSTATE.SS after a return with `spsr` to `to` (DebugExceptionReturnSS); asked before PSTATE changes.
bool step_after_return(const Cpu& cpu, u64 spsr, El to);

/// Software step is active: the next instruction is stepped, or the step exception is pending.
bool step_active(const Cpu& cpu);
/// Takes the step exception that is pending before the instruction at cpu.pc. True: taken.
bool take_pending_step(Cpu& cpu);
/// The instruction `insn` has been executed while step_active().
void step_done(Cpu& cpu, u32 insn, bool took_exception);

/// Takes the breakpoint exception of the instruction at cpu.pc. True: taken.
bool take_breakpoint(Cpu& cpu);

/// A data access that has passed translation. False: a watchpoint exception was taken.
struct WatchedAccess {
  u64 va;
  unsigned size;
  bool read, write, privileged;
};
bool watchpoints_allow(Cpu& cpu, const Op* op, const WatchedAccess& access);

}  // namespace tw::cpu
