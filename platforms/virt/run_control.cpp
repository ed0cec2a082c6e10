#include "platforms/virt/run_control.hpp"

#include <algorithm>
#include <utility>

#include "cpu/tlm/cpu_module.hpp"

namespace tw::virt {

using region::Phase;

namespace {

/// A guest whose exception vector faults makes no progress, and reaches no limit on instructions. Far above any chain
/// of exceptions that ends.
constexpr u64 kStuckCycles = 1'000'000;

/// A straight run of instructions, in which no budget is looked at, ends with its page.
constexpr u64 kLongestRun = cpu::kOpsPerPage + 1;
/// No core of timed fidelity completes more instructions in a cycle; functional fidelity completes one.
constexpr u64 kMostPerCycle = 16;

/// Short enough that the next `left` instructions are not overrun; the last ones are stepped.
cpu::Slice slice_within(u64 most, u64 left, u64 cycles, bool timed) {
  // Functional: an instruction is a cycle, and the run ends at the first taken branch at or behind the limit.
  cpu::Slice slice{.cycles = std::min(cycles, std::max<u64>(1, most)), .instructions = 0};
  if (timed) left = std::min(left, most);
  if (left <= kLongestRun) {
    slice.instructions = left;
  } else {
    slice.cycles = std::min(slice.cycles, std::max<u64>(1, (left - kLongestRun) / (timed ? kMostPerCycle : 1)));
  }
  return slice;
}

cpu::Marks marks_of(const region::Mark* mark) {
  static_assert(cpu::kMarkHints == 32, "region::parse_mark() knows the hints");
  cpu::Marks marks;
  if (mark == nullptr) return marks;
  switch (mark->kind) {
    case region::MarkKind::Pc:
      marks.pc = mark->number;
      break;
    case region::MarkKind::Hint:
      marks.hint = static_cast<unsigned>(mark->number);
      break;
    case region::MarkKind::AnyVmid:
      marks.world = cpu::Marks::World::Any;
      break;
    case region::MarkKind::Vmid:
      marks.world = cpu::Marks::World::One;
      marks.vmid = Vmid{static_cast<u16>(mark->number)};
      break;
    case region::MarkKind::Text:          // printed()
    case region::MarkKind::Instructions:  // Plan::left()
    case region::MarkKind::Symbol:        // is a Pc by now
      break;
  }
  return marks;
}

}  // namespace

RunControl::RunControl(RunLimits limits) : limits_(std::move(limits)), plan_(limits_.region) {}

void RunControl::stop(StopCause cause, int status) {
  if (stopped_) return;
  stopped_ = true;
  cause_ = cause;
  status_ = status;
  for (cpu::CpuModule* core : cores_) {
    core->core().halt();
    if (sc_core::sc_is_running()) core->wake();  // it may end before it begins
  }
}

void RunControl::ask_all() {
  for (cpu::CpuModule* core : cores_) {
    core->core().request_exit();
    core->wake();  // a core that waits goes on waiting after it
  }
}

void RunControl::printed(const std::string& text) {
  const region::Mark* mark = plan_.awaited();
  if (mark == nullptr || mark->kind != region::MarkKind::Text || mark->text != text) return;
  mark_reached_ = true;
  ask_all();
}

void RunControl::begin() { begin_phase(); }

void RunControl::phase_changed() {
  if (interval_open_) {
    for (RunObserver* observer : observers_)
      observer->interval_ends(plan_.intervals() - u64{plan_.phase() == Phase::Measured});
  }
  begin_phase();
  ask_all();
}

void RunControl::begin_phase() {
  if (plan_.timed() && before_timed_) std::exchange(before_timed_, {})();
  interval_open_ = plan_.phase() == Phase::Measured;
  if (on_phase_) on_phase_(plan_.phase(), done_);
  if (interval_open_) {
    for (RunObserver* observer : observers_) observer->interval_begins(plan_.intervals());
  }
  const cpu::Marks marks = marks_of(plan_.awaited());
  for (cpu::CpuModule* core : cores_) cpu::look_out_for(core->core(), marks);
}

void RunControl::follow(cpu::Cpu& cpu) {
  Followed& followed = followed_[cpu.index];
  if (followed.number == plan_.number()) return;
  const bool measured = plan_.phase() == Phase::Measured;
  for (RunObserver* observer : observers_) {
    if (followed.interval != 0) observer->measure_ends(cpu, followed.interval);
  }
  for (RunObserver* observer : observers_) {
    if (followed.timed != plan_.timed()) observer->set_timed(cpu, plan_.timed());
    if (measured) observer->measure_begins(cpu, plan_.intervals());
  }
  followed = {.number = plan_.number(), .timed = plan_.timed(), .interval = measured ? plan_.intervals() : 0};
}

void RunControl::finish() {
  for (cpu::CpuModule* core : cores_) count(core->core());
  plan_.finish(position(tlm::to_picoseconds(sc_core::sc_time_stamp())));
  for (cpu::CpuModule* core : cores_) {
    Followed& followed = followed_[core->core().index];
    if (followed.interval == 0) continue;
    for (RunObserver* observer : observers_) observer->measure_ends(core->core(), followed.interval);
    followed.interval = 0;
  }
  if (!interval_open_) return;
  for (RunObserver* observer : observers_) observer->interval_ends(plan_.intervals());
  interval_open_ = false;
}

region::Position RunControl::position(u64 picoseconds) const {
  region::Position now{.instructions = done_, .picoseconds = picoseconds, .idle_cycles = 0};
  for (cpu::CpuModule* core : cores_) now.idle_cycles += core->core().idle_cycles;
  return now;
}

region::Plan RunControl::plan_now() const {
  region::Plan plan = plan_;
  region::Position now = position(tlm::to_picoseconds(sc_core::sc_time_stamp()));
  now.instructions = instructions();
  plan.finish(now);
  return plan;
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

cpu::Slice RunControl::before_slice(cpu::Cpu& cpu, u64 cycles) {
  check_interrupt();
  const u64 done = count(cpu);
  if (done >= limits_.max_instructions) stop(StopCause::InstructionLimit);
  if (plan_.left(done) == 0 && plan_.advance(position(tlm::to_picoseconds(cores_[cpu.index]->local_time()))))
    phase_changed();
  follow(cpu);
  slice_began_[cpu.index] = cpu.ledger.elapsed();
  const u64 most = limits_.max_instructions - std::min(done, limits_.max_instructions);
  const cpu::Slice slice = slice_within(most, plan_.left(done), cycles, plan_.timed());
  if (on_before_slice_) on_before_slice_(cpu, slice);
  return slice;
}

void RunControl::after_slice(cpu::Cpu& cpu) {
  const u64 done = count(cpu);
  fruitless_ = done == last_instructions_ ? fruitless_ + (cpu.ledger.elapsed() - slice_began_[cpu.index]) : 0;
  last_instructions_ = done;
  if (fruitless_ >= kStuckCycles) stop(StopCause::Stuck);
  mark_reached_ |= std::exchange(cpu.marks.reached, false);
  if (mark_reached_) {
    mark_reached_ = false;
    const u64 phase = plan_.number();
    plan_.reached(position(tlm::to_picoseconds(cores_[cpu.index]->local_time())));
    if (plan_.number() != phase) phase_changed();
  }
  if (on_slice_) on_slice_(cpu);
}

void RunControl::core_ended(cpu::Cpu&) {
  if (++ended_ == cores_.size() && on_end_) on_end_();
}

namespace {

struct CauseRow {
  StopCause cause;
  std::string_view name, sentence;
};

constexpr CauseRow kCauses[] = {
    {StopCause::Stuck, "stuck", "the guest is stuck: every instruction takes an exception"},
    {StopCause::Asleep, "asleep", "every core waits and nothing is left that could wake one"},
    {StopCause::Milestone, "milestone", "the text of --until was printed"},
    {StopCause::PowerOff, "power-off", "the guest powered off"},
    {StopCause::Reset, "reset", "the guest asked for a reset"},
    {StopCause::SemihostingExit, "semihosting-exit", "the guest's program ended (semihosting)"},
    {StopCause::InstructionLimit, "instruction-limit", "--max-instructions reached"},
    {StopCause::TimeLimit, "time-limit", "--max-time reached"},
    {StopCause::Forked, "forked", "all points have run from the region's beginning"},
    {StopCause::Quit, "quit", "the controlling process ended it"},
    {StopCause::Interrupted, "interrupted", "interrupted"},
};

const CauseRow& row_of(StopCause cause) {
  return *std::find_if(std::begin(kCauses), std::end(kCauses), [&](const CauseRow& row) { return row.cause == cause; });
}

}  // namespace

std::string describe(StopCause cause) { return std::string(row_of(cause).sentence); }

std::string_view name_of(StopCause cause) { return row_of(cause).name; }

}  // namespace tw::virt
