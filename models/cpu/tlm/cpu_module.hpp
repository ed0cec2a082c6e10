// The TLM shell of a core: its thread, its quantum, its bus. The core's local time is its ledger: elapsed cycles times
// the clock period. It is ahead of sc_time by at most a quantum, and equal to it at every access to a device.
#pragma once

#include <systemc>

#include "cpu/cpu.hpp"
#include "cpu/tlm/run_port.hpp"
#include "tlm/clock.hpp"
#include "tlm/initiator.hpp"

namespace tw::cpu {

/// Everything around one core; the references outlive the module.
struct CpuSurroundings {
  MmuPort& mmu;
  TimerPort& timer;
  SystemPort& system;
  CodeCache& code;
  cost::CoreLedger& ledger;
  RunPort& run;
};

class CpuModule final : public sc_core::sc_module, private BusPort {
 public:
  tlm::Initiator bus;

  CpuModule(sc_core::sc_module_name name, unsigned index, const Config& config, const arm::CpuModel& model,
            tlm::Clock clock, sc_core::sc_time quantum, const CpuSurroundings& around);

  Cpu& core() { return core_; }
  const tlm::Clock& clock() const { return clock_; }
  /// The core's own time; not before sc_time_stamp() while it runs.
  sc_core::sc_time local_time() const { return clock_.time(core_.ledger.elapsed()); }
  /// Waits until sc_time has caught up with the core. Only from inside the core's own thread, i.e. below Cpu::run().
  void synchronise();
  /// Leaves the present slice early if the kernel has something to do before its end. Same callers.
  void reconsider_slice();

  /// In WFI, WFE or powered off, until somebody wakes it.
  bool asleep() const { return asleep_; }
  /// In its run loop: where its thread is now, inside an instruction's access or in a debugger's halt.
  bool in_run_loop() const { return in_run_loop_; }
  /// An interrupt input changes.
  void drive(Line line, bool level);
  /// SEV or the event stream.
  void send_event();
  /// Look at the core again: it was powered on, or halted.
  void wake();
  /// Host shortcuts: off means that no host pointer is handed out. The accesses themselves do not change.
  void set_host_shortcuts(bool on);

 private:
  void live();
  StopReason step(const Slice& slice);
  void sleep();
  /// Waits until sc_time is `time`, or returns at once.
  void wait_for(const sc_core::sc_time& time);
  BusResult access(const BusAccess& access) override;
  u8* host_page(Pa page, bool write, Security security) override;

  tlm::Clock clock_;
  sc_core::sc_time quantum_;
  RunPort& run_;
  Cpu core_;
  sc_core::sc_event wake_event_;
  bool woken_ = false;
  bool asleep_ = false;
  bool in_run_loop_ = false;
  sc_core::sc_time slice_end_;
  bool leave_slice_ = false;
};

}  // namespace tw::cpu
