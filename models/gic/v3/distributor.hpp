// The GICv3 distributor: interrupt states with affinity routing. One Security state (GICD_CTLR.DS = 1), no GICv2
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

  /// What is forwarded to `cpu` whose CPU interface enables these groups.
  std::optional<Candidate> best(unsigned cpu, bool group0, bool group1) const;
  void acknowledge(unsigned cpu, u32 intid);
  /// An SGI of `group` for `cpu`; nothing where the SGI is of the other group.
  void send_sgi(unsigned cpu, u32 intid, Group group);

  unsigned cpus() const { return static_cast<unsigned>(affinities_.size()); }
  const Affinity& affinity(unsigned cpu) const { return affinities_[cpu]; }
  std::optional<unsigned> cpu_with(const Affinity& affinity) const;

  static std::span<const RegisterRow<Distributor>> registers();

 private:
  friend struct DistributorRegisters;
  friend struct DistributorView;

  void set_message(u32 intid, bool level);
  void route(u32 intid, u64 affinity);

  std::vector<Affinity> affinities_;
  std::vector<Lpis> lpis_;  ///< by core
  bool enable_group0_ = false;
  bool enable_group1_ = false;
  InterruptBits device_wire_;
  InterruptBits message_;    ///< level of message-based SPIs: between SETSPI and CLRSPI
  std::vector<u64> router_;  ///< GICD_IROUTERn
  std::array<bool, kMaxCpus> asleep_{};
  AccessStatus status_;
};

}  // namespace tw::gic::v3
