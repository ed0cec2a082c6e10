// The virtual interface of one core: hypervisor control (ICH_*) and what the guest sees (ICV_*). One state.
#pragma once

#include "gic/list_registers.hpp"
#include "gic/signalled_interrupt.hpp"
#include "gic/v3/distributor.hpp"
#include "gic/v3/interface_state.hpp"

namespace tw::gic::v3 {

class VirtualInterface final {
 public:
  VirtualInterface(unsigned cpu, const Config& config, Distributor& distributor, Observation observation);
  void reset();

  /// The virtual interrupt inputs of the core.
  Outputs outputs();
  /// The level of the maintenance interrupt.
  bool maintenance() const { return is_enabled() && misr() != 0; }

  /// ICV_*, by the numbers of their ICC_* twins. Others read as zero. `peek`: without the effect of an acknowledge.
  u64 read_guest(arm::GicRegister reg, bool peek);
  void write_guest(arm::GicRegister reg, u64 value);
  /// ICH_*. A list register that is not implemented is RAZ/WI.
  u64 read_hypervisor(arm::GicRegister reg) const;
  void write_hypervisor(arm::GicRegister reg, u64 value);

 private:
  bool is_enabled() const { return hcr_ & 1; }
  u32 misr() const;
  std::optional<Candidate> highest_pending() const;
  std::optional<Candidate> signalled() const;
  u32 acknowledge(Group group, bool peek);
  u32 highest_pending_id(Group group) const;
  void end_of_interrupt(Group group, u32 intid);
  void deactivate(u32 intid);
  void deactivate(ListRegister& lr);

  unsigned cpu_;
  Distributor& distributor_;
  Observation observation_;
  u32 hcr_ = 0;
  InterfaceState state_;
  ListRegisters list_registers_;
  SignalledInterrupt signalled_interrupt_;
};

}  // namespace tw::gic::v3
