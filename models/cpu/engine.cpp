// The run loop. An op executes and returns the next op; the loop only follows. What differs between the fidelities is
// what happens around an op: functional counts straight runs at taken branches and looks at the budget there; timed
// (timed.cpp) places every op in the time of a pipeline model.
#include "cpu/engine.hpp"

#include <algorithm>
#include <limits>

#include "arm/control_bits.hpp"
#include "cpu/cpu.hpp"
#include "cpu/exceptions.hpp"
#include "cpu/fetch.hpp"
#include "cpu/halting.hpp"
#include "cpu/memory.hpp"
#include "cpu/system/debug.hpp"
#include "cpu/system/performance_monitors.hpp"
#include "cpu/timed.hpp"

namespace tw::cpu {

const Op* run_counted(Cpu& cpu, const Op* op) {
  const auto retired_at = [&cpu](const Op* next) { return cpu.retired + static_cast<u64>(next - cpu.run_start); };
  const u64 before = retired_at(op), at_branches = cpu.retired;
  const Op* next = op->run(cpu, op);
  const bool retires = (next == &cpu.exit_op ? cpu.retired : retired_at(next)) > before;
  if (retires) pmu_count_op(cpu, *op, cpu.retired != at_branches);
  return next;
}

namespace {

constexpr u64 kNever = std::numeric_limits<u64>::max();
constexpr u64 kHcrVirtualInterrupts = arm::hcr::VSE | arm::hcr::VI | arm::hcr::VF;

/// One cycle an instruction; nothing to do around an op.
struct FunctionalTiming {
  static void run(Cpu& cpu, const Op* op) {
    const Op* const exit = &cpu.exit_op;
    do {
      op = op->run(cpu, op);
      op = op->run(cpu, op);
      op = op->run(cpu, op);
      op = op->run(cpu, op);
    } while (op != exit);
  }
  static void run_by_op(Cpu& cpu, const Op* op) {
    while (op != &cpu.exit_op) op = run_counted(cpu, op);
  }
};

/// Interrupts, wake-up and fetch: what must be looked at between ops. Returns the op to run, or nullptr: look again.
const Op* look_around(Cpu& cpu) {
  if ((cpu.lines != 0 || (cpu.controls.hcr & kHcrVirtualInterrupts) != 0) && take_pending_interrupt(cpu))
    return nullptr;
  if (cpu.debug.step && take_pending_step(cpu)) return nullptr;
  return enter(cpu);
}

/// The loop of both fidelities with an observer.
void run_observed(Cpu& cpu, const Op* op) {
  const bool timed = cpu.fidelity == Fidelity::Timed;
  while (true) {
    if (is_pseudo(op) && !executes(cpu, op)) {
      op->run(cpu, op);
      return;
    }
    if (op->run != page_end) tell_of_fetch(cpu, op);
    const Op* const next = timed ? run_one_timed(cpu, op) : cpu.pmu.by_op ? run_counted(cpu, op) : op->run(cpu, op);
    if (next == &cpu.exit_op) return;
    if (timed && cpu.ledger.elapsed() >= cpu.cycle_limit) {
      settle_before(cpu, next);
      cpu.pc = pc_of(cpu, next);
      return;
    }
    op = next;
  }
}

/// One instruction, with all that belongs to it.
void execute_one(Cpu& cpu, const Op* op) {
  if (is_pseudo(op) && !executes(cpu, op)) {
    op->run(cpu, op);
    return;
  }
  const bool stepped = cpu.debug.step && step_active(cpu);
  const u32 insn = op->insn;
  const u64 exceptions = cpu.exceptions;
  if (cpu.observer != nullptr && op->run != page_end) tell_of_fetch(cpu, op);
  const Op* const next = cpu.fidelity == Fidelity::Timed ? run_one_timed(cpu, op)
                         : cpu.pmu.by_op                 ? run_counted(cpu, op)
                                                         : op->run(cpu, op);
  if (next != &cpu.exit_op) {
    settle_before(cpu, next);
    cpu.pc = pc_of(cpu, next);
  }
  if (stepped) step_done(cpu, insn, cpu.exceptions != exceptions);
}

/// The performance monitors, between two instructions. Returns how long the core may run before they must be looked at
/// again. request_exit() may be called in here: the platform hears of the interrupt.
u64 attend_monitors(Cpu& cpu) {
  cpu.slice_end = kNever;
  pmu_between_instructions(cpu);
  return cpu.pmu.enabled != 0 ? pmu_distance(cpu) : kNever;
}

/// Whether the core waits on; ends a wait that is over.
bool still_waiting(Cpu& cpu) {
  if (cpu.waits_for_store() && monitor_is_lost(cpu)) {
    cpu.monitor.valid = false;
    cpu.event_register = true;
  }
  if (cpu.waiting_for_event && cpu.event_register) {
    cpu.event_register = false;
    cpu.waiting_for_event = false;
  }
  if ((cpu.waiting_for_event || cpu.waiting_for_interrupt) && wakes_from_wfi(cpu)) {
    cpu.waiting_for_event = false;
    cpu.waiting_for_interrupt = false;
  }
  return cpu.waiting_for_event || cpu.waiting_for_interrupt;
}

}  // namespace

const Op* stay(Cpu&, const Op* op) { return op; }

void tell_of_fetch(Cpu& cpu, const Op* op) {
  const Va va{pc_of(cpu, op)};
  const u64 offset = va.offset_in(kPageBytes);
  cpu.observer->fetched({va, cpu.fetch_ipa + offset, cpu.fetch_pa + offset, 4, false});
}

void settle_before(Cpu& cpu, const Op* op) {
  cpu.retired += static_cast<u64>(op - cpu.run_start);
  cpu.run_start = op;
  const u64 fresh = cpu.retired - cpu.charged;
  cpu.charged = cpu.retired;
  cpu.ledger.retire(fresh);
  if (cpu.fidelity == Fidelity::Functional) cpu.ledger.charge(cost::Cause::Instruction, fresh);
}

void settle_after(Cpu& cpu, const Op* op) { settle_before(cpu, op + 1); }

const Op* leave_after(Cpu& cpu, const Op* op, u64 next_pc) {
  settle_after(cpu, op);
  cpu.pc = next_pc;
  return &cpu.exit_op;
}

const Op* leave_before(Cpu& cpu, const Op* op) {
  settle_before(cpu, op);
  return &cpu.exit_op;
}

StopReason Cpu::run(u64 cycles) {
  const u64 deadline = ledger.elapsed() + cycles;
  while (true) {
    if (halting != nullptr) [[unlikely]]
      halt_between(*this);
    u64 longest = kNever;
    if (pmu.busy()) {
      longest = attend_monitors(*this);
      if (slice_end == 0) return StopReason::Budget;
    }
    if (halted) return StopReason::Halted;
    if (!powered) return StopReason::PoweredOff;
    if (still_waiting(*this)) return StopReason::Waiting;
    if (ledger.elapsed() >= deadline) return StopReason::Budget;
    if (fidelity == Fidelity::Functional) {
      slice_end = retired + std::min(deadline - ledger.elapsed(), longest);
      cycle_limit = kNever;
    } else {
      slice_end = kNever;
      cycle_limit = ledger.elapsed() + std::min(deadline - ledger.elapsed(), longest);
    }
    const Op* op = look_around(*this);
    if (op == nullptr) continue;
    if (debug.armed()) [[unlikely]] {
      halting != nullptr ? halt_behind(*this, execute_one, op) : execute_one(*this, op);
    } else if (halting != nullptr && halting->by_instruction()) [[unlikely]] {
      run_halting(*this, op);
    } else if (observer != nullptr) [[unlikely]] {
      run_observed(*this, op);
    } else if (fidelity == Fidelity::Functional) {
      pmu.by_op ? FunctionalTiming::run_by_op(*this, op) : FunctionalTiming::run(*this, op);
    } else {
      run_timed(*this, op);
    }
    // request_exit() was called: a device, a timer or another core wants to be looked at.
    if (slice_end == 0 && !waiting_for_interrupt && !waiting_for_event && !halted && powered) return StopReason::Budget;
  }
}

StopReason Cpu::step() {
  if (halting != nullptr) halt_between(*this);
  if (halted) return StopReason::Halted;
  if (!powered) return StopReason::PoweredOff;
  if (still_waiting(*this)) return StopReason::Waiting;
  if (pmu.busy()) attend_monitors(*this);
  slice_end = 0;  // a branch leaves: whether its target's page is looked up is the next step's affair
  cycle_limit = kNever;
  const Op* op = look_around(*this);
  if (op == nullptr) return StopReason::Budget;
  halting != nullptr ? halt_behind(*this, execute_one, op) : execute_one(*this, op);
  return halted ? StopReason::Halted : StopReason::Budget;
}

}  // namespace tw::cpu
