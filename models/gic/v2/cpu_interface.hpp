// The physical CPU interface of one core (GICC): priority masking, preemption, acknowledge, end of interrupt.
#pragma once

#include <span>

#include "base/mmio.hpp"
#include "gic/observation.hpp"
#include "gic/signalled_interrupt.hpp"
#include "gic/signalling.hpp"
#include "gic/v2/control_register.hpp"
#include "gic/v2/distributor.hpp"

namespace tw::gic::v2 {

class CpuInterface final {
 public:
  CpuInterface(unsigned cpu, const Config& config, Distributor& distributor, Observation observation);
  void reset();

  /// A priority mask that lets Non-secure priorities through: Non-secure software cannot raise it from 0 itself.
  void hand_to_non_secure() { controls_.priority_mask = 0x80; }

  /// The interrupt inputs of the core.
  Outputs outputs();

  static std::span<const RegisterRow<CpuInterface>> registers();

 private:
  friend struct CpuInterfaceRegisters;

  /// The interrupt that the distributor forwards, whatever mask and running priority say. When this interface disables
  /// its group there is none: the interface cannot look past it.
  std::optional<Candidate> highest_pending() const;
  std::optional<Candidate> signalled() const;
  u8 running() const { return std::min(active_[0].running(), active_[1].running()); }
  ActivePriorities& active(Group group) { return active_[static_cast<unsigned>(group)]; }

  u32 acknowledge(View view, bool peek);
  u32 highest_pending_id(View view) const;
  void end_of_interrupt(View view, bool restricted, u64 value);
  void deactivate(bool restricted, u64 value);

  unsigned cpu_;
  unsigned priority_bits_;
  bool security_extensions_;
  Distributor& distributor_;
  Observation observation_;

  InterfaceControls controls_;
  bool eoi_mode_ = false;     ///< EOImode, or EOImodeS
  bool eoi_mode_ns_ = false;  ///< EOImodeNS, with Security Extensions
  u8 bypass_disable_ = 0;     ///< CTLR[8:5]; there are no legacy inputs to bypass to
  ActivePriorities active_[2];
  SignalledInterrupt signalled_interrupt_;
};

}  // namespace tw::gic::v2
