// The GICv2 distributor: who gets to see the interrupts' states, and SGIs by source CPU.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/mmio.hpp"
#include "gic/interrupt_states.hpp"

namespace tw::gic::v2 {

class Distributor final : public InterruptStates {
 public:
  Distributor(const Config& config, Observation observation);
  void reset();

  void set_device_wire(unsigned cpu, u32 intid, bool level) { set_wire(cpu, intid, level); }

  /// A Non-secure access to a GIC with Security Extensions: sees Group 1 only, and its own view of priorities.
  bool is_restricted(const MmioAccess& access) const { return two_states() && access.security == Security::NonSecure; }

  void hand_to_non_secure() { group_.fill(~0u, ~0u); }

  /// What the distributor forwards to `cpu`; among sources of an SGI the lowest CPU comes first.
  std::optional<Candidate> best(unsigned cpu) const;
  void acknowledge(unsigned cpu, const Candidate& candidate);

  static std::span<const RegisterRow<Distributor>> registers();

 private:
  friend struct DistributorRegisters;
  friend struct DistributorView;

  void set_sgi_sources(unsigned cpu, u32 intid, u8 sources);

  bool enable_group0_ = false;
  bool enable_group1_ = false;
  std::array<std::array<u8, kFirstPpi>, kMaxCpus> sgi_sources_{};  ///< pending: one bit a source CPU
};

}  // namespace tw::gic::v2
