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
  enable_group0_ = enable_group1_ = false;
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

std::optional<Candidate> Distributor::best(unsigned cpu, bool group0, bool group1) const {
  if (asleep_[cpu]) return std::nullopt;
  const std::optional<Candidate> found = best_of(cpu, enable_group0_ && group0, enable_group1_ && group1);
  if (!enable_group1_ || !group1) return found;
  const std::optional<Candidate> lpi = lpis_[cpu].best();
  return lpi && (!found || lpi->priority < found->priority) ? lpi : found;
}

void Distributor::acknowledge(unsigned cpu, u32 intid) {
  if (intid >= kFirstLpi) return lpis_[cpu].acknowledge(intid);
  latch_.set(cpu, intid, false);
  activate(cpu, intid);
}

void Distributor::send_sgi(unsigned cpu, u32 intid, Group of) {
  if (group(cpu, intid) == of) latch_.set(cpu, intid, true);
}

}  // namespace tw::gic::v3
