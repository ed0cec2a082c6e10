#include "gic/v3/distributor.hpp"

#include <algorithm>

#include "gic/v3/identification.hpp"

namespace tw::gic::v3 {

Distributor::Distributor(const Config& config, std::vector<Affinity> affinities, MemoryPort* memory,
                         Observation observation)
    : InterruptStates(config, observation), affinities_(std::move(affinities)), router_(intids_) {
  for (unsigned cpu = 0; cpu < cpus(); ++cpu) {
    lpis_.emplace_back(cpu, static_cast<unsigned>(config.priority_bits), memory, observation);
  }
  reset();
}

void Distributor::reset() {
  enable_group0_ = enable_group1_ = enable_group1_secure_ = false;
  security_disabled_ = false;
  group_modifier_.fill(0, 0);
  reset_states(0);
  for (u32 intid = kFirstSpi; intid < intids_; ++intid) {
    set_message(intid, false);
    route(intid, 0);
  }
  status_.reset();
}

void Distributor::set_device_wire(unsigned cpu, u32 intid, bool level) {
  device_wire_.set(cpu, intid, level);
  set_wire(cpu, intid, level || message_.test(cpu, intid));
}

// Edge-triggered: SETSPI and CLRSPI are a write to ISPENDR and ICPENDR. Level-sensitive: they are a wire, that ICPENDR
// does not lower (IHI 0069, GICD_SETSPI_NSR, GICD_CLRSPI_NSR).
void Distributor::set_message(u32 intid, bool level) {
  const bool edge = edge_.test(0, intid);
  if (edge) latch_.set(0, intid, level);
  message_.set(0, intid, level && !edge);
  set_wire(0, intid, device_wire_.test(0, intid) || message_.test(0, intid));
}

std::optional<unsigned> Distributor::cpu_with(const Affinity& affinity) const {
  const auto found = std::find(affinities_.begin(), affinities_.end(), affinity);
  if (found == affinities_.end()) return std::nullopt;
  return static_cast<unsigned>(found - affinities_.begin());
}

void Distributor::route(u32 intid, u64 affinity) {
  constexpr u64 kAffinityFields = 0xFF00FFFFFF;  // no Interrupt_Routing_Mode: GICD_TYPER.No1N
  router_[intid] = affinity & kAffinityFields;
  const std::optional<unsigned> cpu = cpu_with(Affinity::from_mpidr(affinity));
  set_targets(intid, cpu ? static_cast<u8>(1u << *cpu) : u8{0});
}

Group Distributor::group(unsigned cpu, u32 intid) const {
  if (group_.test(cpu, intid)) return Group::Group1;
  return two_states() && group_modifier_.test(cpu, intid) ? Group::Group1Secure : Group::Group0;
}

void Distributor::hand_to_non_secure() { group_.fill(~0u, ~0u); }

std::optional<Candidate> Distributor::best(unsigned cpu, const InterfaceControls& enables) const {
  if (asleep_[cpu]) return std::nullopt;
  const bool group0 = enable_group0_ && enables.enable_group0;
  const bool group1 = enable_group1_ && enables.enable_group1;
  const bool group1_secure = enable_group1_secure_ && enables.enable_group1_secure;
  std::optional<Candidate> found = best_of(cpu, [&](unsigned n) {
    const u32 groups = group_.at(cpu, n);
    const u32 modifiers = two_states() ? group_modifier_.at(cpu, n) : 0;
    return (group1 ? groups : 0) | (group0 ? ~groups & ~modifiers : 0) | (group1_secure ? ~groups & modifiers : 0);
  });
  if (found) found->group = group(cpu, found->intid);
  if (!group1) return found;
  const std::optional<Candidate> lpi = lpis_[cpu].best();
  return lpi && (!found || lpi->priority < found->priority) ? lpi : found;
}

void Distributor::acknowledge(unsigned cpu, u32 intid) {
  if (intid >= kFirstLpi) return lpis_[cpu].acknowledge(intid);
  latch_.set(cpu, intid, false);
  activate(cpu, intid);
}

/// Secure Group 1 may stand for Group 0; with one Security state it does (IHI 0069, ICC_SGI1R_EL1). Non-secure software
/// sends no Secure SGI: there is no GICR_NSACR.
void Distributor::send_sgi(unsigned cpu, u32 intid, Group wanted, bool from_secure) {
  const Group its_group = group(cpu, intid);
  if (wanted == Group::Group1Secure && its_group == Group::Group0) wanted = Group::Group0;
  if (wanted != its_group) return;
  if (two_states() && !from_secure && its_group != Group::Group1) return;
  latch_.set(cpu, intid, true);
}

}  // namespace tw::gic::v3
