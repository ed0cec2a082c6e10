#include "platforms/virt/run_control.hpp"

#include <algorithm>

#include "cpu/tlm/cpu_module.hpp"

namespace tw::virt {

namespace {

/// A guest whose exception vector faults makes no progress, and reaches no limit on instructions. Far above any chain
/// of exceptions that ends.
constexpr u64 kStuckCycles = 1'000'000;

}  // namespace

void RunControl::stop(StopCause cause, int status) {
  if (stopped_) return;
  stopped_ = true;
  cause_ = cause;
  status_ = status;
  for (cpu::CpuModule* core : cores_) {
    core->core().halt();
    core->wake();
  }
}

void RunControl::begin_timed() {
  if (timed_) return;
  timed_ = true;
  limits_.timed_from_pc.reset();
  limits_.timed_from_instructions.reset();
  if (on_region_) on_region_();
  for (cpu::CpuModule* core : cores_) {  // each switches before its next slice
    core->core().request_exit();
    core->wake();  // a core that waits goes on waiting after it
  }
}

u64 RunControl::instructions() const {
  u64 sum = 0;
  for (cpu::CpuModule* core : cores_) sum += core->core().retired;
  return sum;
}

u64 RunControl::count(const cpu::Cpu& cpu) {
  u64& counted = counted_[cpu.index];
  done_ += cpu.retired - counted;
  counted = cpu.retired;
  return done_;
}

u64 RunControl::before_slice(cpu::Cpu& cpu, u64 cycles) {
  check_interrupt();
  const u64 done = count(cpu);
  if (done >= limits_.max_instructions) stop(StopCause::InstructionLimit);
  if (limits_.timed_from_instructions && done >= *limits_.timed_from_instructions) begin_timed();
  if (limits_.timed_from_pc && cpu.pc == *limits_.timed_from_pc && cpu.powered) begin_timed();
  if (timed_ && cpu.fidelity != cpu::Fidelity::Timed) {
    on_timed_(cpu);
    cpu.ledger.restart();
  }
  slice_began_[cpu.index] = cpu.ledger.elapsed();
  // An instruction takes at least a cycle, so a slice of that many cycles is at most that many instructions.
  u64 limit = std::min(cycles, std::max<u64>(1, limits_.max_instructions - std::min(done, limits_.max_instructions)));
  if (limits_.timed_from_instructions) limit = std::min(limit, *limits_.timed_from_instructions - done);
  return limit;
}

void RunControl::after_slice(cpu::Cpu& cpu) {
  const u64 done = count(cpu);
  fruitless_ = done == last_instructions_ ? fruitless_ + (cpu.ledger.elapsed() - slice_began_[cpu.index]) : 0;
  last_instructions_ = done;
  if (fruitless_ >= kStuckCycles) stop(StopCause::Stuck);
  if (on_slice_) on_slice_(cpu);
}

void RunControl::core_ended(cpu::Cpu&) {
  if (++ended_ == cores_.size() && on_end_) on_end_();
}

std::optional<u64> RunControl::stop_at_pc(const cpu::Cpu&) const { return limits_.timed_from_pc; }

std::string describe(StopCause cause) {
  switch (cause) {
    case StopCause::Stuck:
      return "the guest is stuck: every instruction takes an exception";
    case StopCause::Asleep:
      return "every core waits and nothing is left that could wake one";
    case StopCause::Milestone:
      return "the text of --until was printed";
    case StopCause::PowerOff:
      return "the guest powered off";
    case StopCause::Reset:
      return "the guest asked for a reset";
    case StopCause::SemihostingExit:
      return "the guest's program ended (semihosting)";
    case StopCause::InstructionLimit:
      return "--max-instructions reached";
    case StopCause::TimeLimit:
      return "--max-time reached";
    case StopCause::Interrupted:
      return "interrupted";
  }
  return "";
}

}  // namespace tw::virt
