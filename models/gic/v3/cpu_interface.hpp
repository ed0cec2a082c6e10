// The physical CPU interface of one core, reached by system registers (ICC_*).
#pragma once

#include "gic/signalled_interrupt.hpp"
#include "gic/v3/distributor.hpp"
#include "gic/v3/interface_state.hpp"

namespace tw::gic::v3 {

class CpuInterface final {
 public:
  CpuInterface(unsigned cpu, const Config& config, Distributor& distributor, Observation observation);
  void reset() { state_.reset(); }

  /// The interrupt inputs of the core.
  Outputs outputs();

  /// ICC_* registers; others read as zero. `peek`: without the effect of an acknowledge.
  u64 read(arm::GicRegister reg, bool peek);
  void write(arm::GicRegister reg, u64 value);

 private:
  std::optional<Candidate> highest_pending() const;
  std::optional<Candidate> signalled() const;
  u32 acknowledge(Group group, bool peek);
  u32 highest_pending_id(Group group) const;
  void end_of_interrupt(Group group, u32 intid);
  void deactivate(u32 intid);
  void generate_sgi(Group group, u64 value);

  unsigned cpu_;
  Distributor& distributor_;
  Observation observation_;
  InterfaceState state_;
  SignalledInterrupt signalled_interrupt_;
};

}  // namespace tw::gic::v3
