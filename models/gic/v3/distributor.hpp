// The GICv3 distributor: interrupt states with affinity routing, for one Security state or two (GICD_CTLR.DS), no GICv2
// compatibility (ARE = 1): the registers of SGIs, PPIs and LPIs are in the redistributors.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/mmio.hpp"
#include "gic/interrupt_states.hpp"
#include "gic/v3/access_status.hpp"
#include "gic/v3/affinity.hpp"
#include "gic/v3/lpis.hpp"

namespace tw::gic::v3 {

class Distributor final : public InterruptStates {
 public:
  /// One affinity a core, all different. Without `memory` there are no LPIs.
  Distributor(const Config& config, std::vector<Affinity> affinities, MemoryPort* memory, Observation observation);
  void reset();

  MmioResult access(const MmioAccess& access) { return status_.serve(*this, registers(), access); }

  /// Wire of a device; ORed with what message-based software has written.
  void set_device_wire(unsigned cpu, u32 intid, bool level);
  /// A redistributor whose core sleeps forwards nothing (GICR_WAKER).
  void set_asleep(unsigned cpu, bool asleep) { asleep_[cpu] = asleep; }

  Lpis& lpis(unsigned cpu) { return lpis_[cpu]; }
  bool has_lpis() const { return lpis_.front().exist(); }

  Group group(unsigned cpu, u32 intid) const;
  /// A Non-secure access while there are two Security states: it sees Non-secure Group 1 only.
  bool is_restricted(const MmioAccess& access) const { return two_states() && access.security == Security::NonSecure; }
  /// The SGIs and PPIs of `cpu` that are in Non-secure Group 1, a bit each.
  u32 non_secure_private(unsigned cpu) const { return group_.at(cpu, 0); }
  /// As EL3 firmware hands over: every interrupt in Non-secure Group 1.
  void hand_to_non_secure();

  /// What is forwarded to `cpu` whose CPU interface enables these groups.
  std::optional<Candidate> best(unsigned cpu, const InterfaceControls& enables) const;
  void acknowledge(unsigned cpu, u32 intid);
  /// An SGI of `group` for `cpu`; nothing where the SGI is of another group.
  void send_sgi(unsigned cpu, u32 intid, Group group, bool from_secure);

  unsigned cpus() const { return static_cast<unsigned>(affinities_.size()); }
  const Affinity& affinity(unsigned cpu) const { return affinities_[cpu]; }
  std::optional<unsigned> cpu_with(const Affinity& affinity) const;

  static std::span<const RegisterRow<Distributor>> registers();

 private:
  friend struct DistributorRegisters;
  friend struct DistributorView;
  template <class Core, class View>
  friend struct GroupModifiers;

  void set_message(u32 intid, bool level);
  void route(u32 intid, u64 affinity);

  std::vector<Affinity> affinities_;
  std::vector<Lpis> lpis_;  ///< by core
  bool enable_group0_ = false;
  bool enable_group1_ = false;
  bool enable_group1_secure_ = false;
  InterruptBits group_modifier_;  ///< GICD_IGRPMODRn, GICR_IGRPMODR0: Secure Group 1, where the group bit is 0
  InterruptBits device_wire_;
  InterruptBits message_;    ///< level of message-based SPIs: between SETSPI and CLRSPI
  std::vector<u64> router_;  ///< GICD_IROUTERn
  std::array<bool, kMaxCpus> asleep_{};
  AccessStatus status_;
};

}  // namespace tw::gic::v3
