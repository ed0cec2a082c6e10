#include "cpu/halting.hpp"

#include <algorithm>
#include <utility>

#include "cpu/cpu.hpp"
#include "cpu/engine.hpp"
#include "cpu/fetch.hpp"
#include "cpu/timed.hpp"

namespace tw::cpu {

namespace {

bool halt(Cpu& cpu, HaltReason reason) {
  Halting& halting = *cpu.halting;
  const bool changed = halting.port.halted(cpu, reason);
  halting.exceptions_seen = cpu.exceptions;
  halting.passed = cpu.retired;  // whoever stands at a breakpoint goes on from there
  return changed;
}

/// True: the state was changed.
bool halt_if_due(Cpu& cpu) {
  Halting& halting = *cpu.halting;
  const auto is_due = [&](u64& limit, u64 now) {
    if (now < limit) return false;
    limit = Halting::kNever;
    return true;
  };
  if (std::exchange(halting.touching, false)) return halt(cpu, HaltReason::Watchpoint);
  if (halting.steps == 0) {
    halting.steps = Halting::kNever;
    return halt(cpu, HaltReason::Steps);
  }
  if (is_due(halting.retired, cpu.retired)) return halt(cpu, HaltReason::Retired);
  if (is_due(halting.elapsed, cpu.ledger.elapsed())) return halt(cpu, HaltReason::Elapsed);
  return false;
}

void count_step(Halting& halting) {
  if (halting.steps != Halting::kNever && halting.steps != 0) --halting.steps;
}

/// Behind an instruction whose successor is known but not begun; inside the loop cpu.pc is what it was at its start.
bool halt_before_next(Cpu& cpu, const Op* next) {
  settle_before(cpu, next);
  const u64 outside = std::exchange(cpu.pc, pc_of(cpu, next));
  const bool changed = halt_if_due(cpu);
  if (!changed) cpu.pc = outside;
  return changed;
}

}  // namespace

void set_watchpoints(Cpu& cpu, std::vector<WatchedRange> ranges) {
  cpu.halting->watchpoints = std::move(ranges);
  cpu.halting->touching = false;
  cpu.halts_at_data = !cpu.halting->watchpoints.empty();
  cpu.select_views();
}

void watch_access(Cpu& cpu, u64 va, unsigned bytes, bool write) {
  Halting& halting = *cpu.halting;
  if (halting.touching) return;
  halting.touching =
      std::any_of(halting.watchpoints.begin(), halting.watchpoints.end(), [&](const WatchedRange& range) {
        return (write ? range.writes : range.reads) && va <= range.last && va + (bytes - 1) >= range.first;
      });
  if (halting.touching) halting.touched = {va, bytes, write};
}

void halt_between(Cpu& cpu) {
  Halting& halting = *cpu.halting;
  const bool taken = halting.exceptions_seen != cpu.exceptions;
  halting.exceptions_seen = cpu.exceptions;
  if (taken && ((halting.exceptions >> tw::index(cpu.pstate.el)) & 1) != 0) halt(cpu, HaltReason::Exception);
  if (halting.by_instruction()) halt_if_due(cpu);
}

void halt_behind(Cpu& cpu, void (*execute)(Cpu&, const Op*), const Op* op) {
  const u64 retired = cpu.retired, exceptions = cpu.exceptions;
  cpu.halting->watched = true;
  execute(cpu, op);
  cpu.halting->watched = false;
  if (cpu.retired != retired || cpu.exceptions != exceptions) count_step(*cpu.halting);  // no mark was in its place
  halt_if_due(cpu);
}

void run_halting(Cpu& cpu, const Op* op) {
  const bool timed = cpu.fidelity == Fidelity::Timed, by_op = cpu.pmu.by_op;
  cpu.halting->watched = true;
  while (true) {
    if (is_pseudo(op) && !executes(cpu, op)) {
      op->run(cpu, op);
      break;
    }
    const bool is_instruction = op->run != page_end && op->run != stay;
    if (is_instruction && cpu.observer != nullptr) tell_of_fetch(cpu, op);
    const Op* const next = timed ? run_one_timed(cpu, op) : by_op ? run_counted(cpu, op) : op->run(cpu, op);
    if (is_instruction) count_step(*cpu.halting);
    const bool at_limit = next != &cpu.exit_op && timed && cpu.ledger.elapsed() >= cpu.cycle_limit;
    if (at_limit) {
      settle_before(cpu, next);
      cpu.pc = pc_of(cpu, next);
    }
    if (at_limit || next == &cpu.exit_op) {
      if (is_instruction) halt_if_due(cpu);
      break;
    }
    if (is_instruction && halt_before_next(cpu, next)) break;
    op = next;
  }
  cpu.halting->watched = false;
}

Onward halt_at_breakpoint(Cpu& cpu, const Op* op) {
  if (cpu.halting == nullptr) return Onward::Execute;
  Halting& halting = *cpu.halting;
  if (halting.onward != Onward::Execute) return std::exchange(halting.onward, Onward::Execute);
  const u64 pc = pc_of(cpu, op);
  if (std::find(halting.breakpoints.begin(), halting.breakpoints.end(), pc) == halting.breakpoints.end())
    return Onward::Execute;
  settle_before(cpu, op);
  if (halting.passed == cpu.retired) return Onward::Execute;
  const u64 outside = std::exchange(cpu.pc, pc);
  if (halt(cpu, HaltReason::Breakpoint)) return Onward::Leave;
  cpu.pc = outside;
  return halting.by_instruction() && !halting.watched ? Onward::Watch : Onward::Execute;
}

}  // namespace tw::cpu
