// Invalidation in TCU and TBUs, what CMD_SYNC waits for, and the sum of what all parts have counted.
#include <algorithm>

#include "smmu/parts.hpp"

namespace tw::smmu {
namespace {

void add(vmsa::TlbStatistics& sum, const vmsa::TlbStatistics& more) {
  sum.lookups += more.lookups;
  sum.hits += more.hits;
  sum.misses += more.misses;
  sum.insertions += more.insertions;
  sum.evictions += more.evictions;
  sum.invalidations += more.invalidations;
  sum.entries_invalidated += more.entries_invalidated;
  for (const auto& [who, times] : more.evictions_by) sum.evictions_by[who] += times;
}

}  // namespace

/// The TCU goes on when it has done its own; TBUs acknowledge behind that, which CMD_SYNC waits for.
u64 Smmu::Parts::invalidate(const vmsa::Invalidate& what, u64 now) {
  if (observer != nullptr) observer->invalidated(what);
  for (Tbu& tbu : tbus) tbu.invalidate(what);
  const u64 done = tcu.invalidate(what, now);
  acknowledged = std::max(acknowledged, done + 2 * config.link_latency);
  return done;
}

u64 Smmu::Parts::invalidate(const ConfigurationInvalidate& what, u64 now) {
  if (observer != nullptr) observer->invalidated(what);
  const u64 done = tcu.invalidate(what, now);
  acknowledged = std::max(acknowledged, done + 2 * config.link_latency);
  return done;
}

u64 Smmu::Parts::prefetch(StreamKey key, const Iova* address, u64 now) {
  if (programmed.state.enabled()) tcu.prefetch(key, address, now);
  return now;
}

u64 Smmu::Parts::settled(u64 now) { return std::max(under_way.end_of_those_before(now), acknowledged); }

std::optional<bool> Smmu::Parts::page_response_has_pasid(StreamId stream, u64 now) {
  return tcu.page_response_has_pasid(stream, now);
}

/// What is known of streams is by SMMUEN, ATSCHK and CR2 as well.
void Smmu::Parts::note_state() {
  const State& state = programmed.state;
  if (state.cr0_ack == last_cr0 && state.cr2 == last_cr2) return;
  last_cr0 = state.cr0_ack;
  last_cr2 = state.cr2;
  streams.clear();
}

void Smmu::Parts::reset() {
  registers.reset();
  tcu.clear();
  for (Tbu& tbu : tbus) tbu.clear();
  under_way.clear();
  acknowledged = 0;
  note_state();
}

Statistics Smmu::Parts::statistics() const {
  Statistics result = counted;
  result.streams = accounts.summaries();
  tcu.add_to(result);
  for (const Tbu& tbu : tbus) {
    add(result.tbu, tbu.tlb.statistics());
    add(result.tbu_main, tbu.main.statistics());
    tbu.bringers.add_to(result.tbu_evictions);
  }
  return result;
}

void Smmu::Parts::clear_statistics() {
  counted = {};
  accounts.clear();
  tcu.clear_statistics();
  for (Tbu& tbu : tbus) tbu.clear_statistics();
}

}  // namespace tw::smmu
