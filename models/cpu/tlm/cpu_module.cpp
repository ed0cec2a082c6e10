#include "cpu/tlm/cpu_module.hpp"

#include <algorithm>

namespace tw::cpu {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

namespace {

/// A device access may call deep into targets from the core's own stack.
constexpr std::size_t kThreadStackBytes = std::size_t{1} << 20;

}  // namespace

CpuModule::CpuModule(sc_core::sc_module_name name, unsigned index, const Config& config, const arm::CpuModel& model,
                     tlm::Clock clock, sc_time quantum, const CpuSurroundings& around)
    : sc_module(name),
      bus("bus"),
      clock_(clock),
      quantum_(quantum),
      run_(around.run),
      core_(index, config, model, around.mmu, *this, around.timer, around.system, around.code, around.ledger) {
  bus.on_invalidate([this] { core_.flush_host_pages(); });
  SC_HAS_PROCESS(CpuModule);
  SC_THREAD(live);
  set_stack_size(kThreadStackBytes);
}

void CpuModule::live() {
  StopReason reason = StopReason::Budget;
  while (reason != StopReason::Halted) {
    // All cores meet at the very end of a slice, however far beyond it the last instructions went. If each waited for
    // its own time instead, every core's slice would end where another one's begins, a few instructions later.
    wait_for(std::min(slice_end_, local_time()));
    wait(sc_core::SC_ZERO_TIME);  // whatever else happens at this time comes first
    slice_end_ = sc_time_stamp() + tlm::time_to_next_event(quantum_);
    const sc_time local = local_time();
    if (local >= slice_end_ && !core_.halted) continue;
    const sc_time left = local < slice_end_ ? slice_end_ - std::max(local, sc_time_stamp()) : sc_core::SC_ZERO_TIME;
    const Slice slice = run_.before_slice(core_, std::max<u64>(1, clock_.cycles_up(left)));
    woken_ = false;
    leave_slice_ = false;
    in_run_loop_ = true;
    reason = slice.instructions != 0 ? step(slice) : core_.run(slice.cycles);
    in_run_loop_ = false;
    run_.after_slice(core_);
    if (reason == StopReason::Waiting || reason == StopReason::PoweredOff) sleep();
  }
  synchronise();
  run_.core_ended(core_);
}

/// At least one step: an instruction, or the interrupt in its place.
StopReason CpuModule::step(const Slice& slice) {
  const u64 deadline = core_.ledger.elapsed() + slice.cycles;
  const u64 last = core_.retired + slice.instructions;
  StopReason reason = StopReason::Budget;
  do {
    reason = core_.step();
  } while (reason == StopReason::Budget && core_.retired < last && core_.ledger.elapsed() < deadline && !leave_slice_ &&
           !core_.marks.reached);
  return reason;
}

/// Waits for something to happen; the time until the clock edge at or after it is idle time of the core.
void CpuModule::sleep() {
  synchronise();
  asleep_ = true;
  if (!woken_ && core_.waits_for_store()) {
    wait(tlm::time_to_next_event(quantum_), wake_event_);  // memory changes while others run
  } else if (!woken_) {
    wait(wake_event_);
  }
  asleep_ = false;
  const u64 now = clock_.cycles_up(sc_time_stamp());
  if (now > core_.ledger.elapsed()) core_.idle(now - core_.ledger.elapsed());
}

void CpuModule::synchronise() { wait_for(local_time()); }

void CpuModule::wait_for(const sc_time& time) {
  if (time > sc_time_stamp()) wait(time - sc_time_stamp());
}

void CpuModule::reconsider_slice() {
  const sc_time now = sc_time_stamp();
  if (now < slice_end_ && now + tlm::time_to_next_event(quantum_) >= slice_end_) return;
  leave_slice_ = true;
  core_.request_exit();
}

void CpuModule::wake() {
  woken_ = true;
  wake_event_.notify();
}

void CpuModule::drive(Line line, bool level) {
  core_.set_line(line, level);
  if (level) wake();
}

void CpuModule::send_event() {
  core_.set_event();
  wake();
}

void CpuModule::set_host_shortcuts(bool on) { core_.set_host_shortcuts(on); }

BusResult CpuModule::access(const BusAccess& access) {
  const bool memory = bus.is_memory(access.pa, access.write, access.security);
  if (!memory) synchronise();
  const tlm::Initiator::Answer answer = bus.transport(access.pa, access.size, access.write, access.value,
                                                      {.vmid = access.vmid,
                                                       .asid = access.asid,
                                                       .el = access.el,
                                                       .security = access.security,
                                                       .guest = access.guest,
                                                       .instruction = access.fetch,
                                                       .data_only = !access.timed,
                                                       .cpu = static_cast<u8>(core_.index)},
                                                      clock_.lead(core_.ledger.elapsed()));
  if (!memory) reconsider_slice();
  return {
      .ok = answer.ok, .value = answer.value, .cycles = clock_.cycles_up(answer.delay), .served_by = answer.served_by};
}

u8* CpuModule::host_page(Pa page, bool write, Security security) { return bus.host_page(page, write, security); }

}  // namespace tw::cpu
