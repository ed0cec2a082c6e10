// The physical CPU interface of one core, reached by system registers (ICC_*). With two Security states some registers
// exist twice, and what an access sees and may do depends on where it comes from.
#pragma once

#include "gic/signalled_interrupt.hpp"
#include "gic/v3/distributor.hpp"
#include "gic/v3/interface_state.hpp"

namespace tw::gic::v3 {

class CpuInterface final {
 public:
  CpuInterface(unsigned cpu, const Config& config, Distributor& distributor, Observation observation);
  void reset();
  void set_world(arm::GicWorld world) { world_ = world; }
  /// A priority mask that lets Non-secure priorities through: Non-secure software cannot raise it from 0 itself.
  void hand_to_non_secure() { state_.set_priority_mask(0x80); }

  /// The interrupt inputs of the core.
  Outputs outputs();

  /// ICC_* registers; others read as zero. A read without `access.debug` may acknowledge.
  u64 read(arm::GicRegister reg, const arm::GicAccess& access);
  void write(arm::GicRegister reg, u64 value, const arm::GicAccess& access);

 private:
  /// Registers of Group 0, and registers of Group 1, whichever state it is of.
  enum class Registers : u8 { Group0, Group1 };

  std::optional<Candidate> highest_pending() const { return distributor_.best(cpu_, state_.controls); }
  std::optional<Candidate> signalled() const;
  bool is_fiq(Group group) const;
  bool is_secure(Group group) const { return distributor_.two_states() && group != Group::Group1; }
  u32 id_for(const std::optional<Candidate>& candidate, Registers through, const arm::GicAccess& access) const;
  u32 acknowledge(Registers through, const arm::GicAccess& access);
  void end_of_interrupt(Registers through, u32 intid, const arm::GicAccess& access);
  void deactivate(u32 intid, const arm::GicAccess& access);
  bool may_deactivate(Group group, const arm::GicAccess& access) const;
  bool is_split(const arm::GicAccess& access) const;
  void generate_sgi(Group group, u64 value, const arm::GicAccess& access);
  u64 read_control_el3() const;
  void write_control_el3(u64 value);

  unsigned cpu_;
  Distributor& distributor_;
  Observation observation_;
  InterfaceState state_;
  bool eoi_mode_el3_ = false;
  arm::GicWorld world_ = arm::GicWorld::NonSecure;
  SignalledInterrupt signalled_interrupt_;
};

}  // namespace tw::gic::v3
