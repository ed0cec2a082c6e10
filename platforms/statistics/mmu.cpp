#include "platforms/statistics/mmu.hpp"

#include <utility>

namespace tw::statistics {

namespace {

std::vector<report::Evictions> evictions(const mmu::TlbStatistics& statistics) {
  std::vector<report::Evictions> rows;
  for (const auto& [who, count] : statistics.evictions_by) {
    rows.push_back({{who.first.guest, who.first.vmid}, {who.second.guest, who.second.vmid}, count});
  }
  return rows;
}

}  // namespace

report::TlbStatistics tlb(std::string name, u64 entries, u64 ways, const vmsa::TlbStatistics& statistics) {
  return {.name = std::move(name),
          .entries = entries,
          .ways = ways,
          .lookups = statistics.lookups,
          .hits = statistics.hits,
          .misses = statistics.misses,
          .insertions = statistics.insertions,
          .evictions = statistics.evictions,
          .invalidations = statistics.invalidations,
          .entries_invalidated = statistics.entries_invalidated,
          .evictions_by = evictions(statistics)};
}

std::vector<report::TlbStatistics> tlbs(const mmu::Mmu& mmu) {
  const mmu::Config& config = mmu.config();
  const mmu::MmuStatistics statistics = mmu.statistics();
  std::vector<report::TlbStatistics> rows = {
      tlb("L1 instruction", config.l1i_entries, 0, statistics.l1i),
      tlb("L1 data", config.l1d_entries, 0, statistics.l1d),
      tlb("L2", config.l2_entries, config.l2_ways, statistics.l2),
      tlb("IPA cache", config.ipa_entries, config.ipa_ways, statistics.ipa),
      tlb("walk cache", config.walk_cache_entries, config.walk_cache_ways, statistics.walk_cache)};
  const auto add_used = [&](const char* name, u64 entries, u64 ways, const mmu::TlbStatistics& counted) {
    if (entries != 0 || counted.lookups != 0) rows.push_back(tlb(name, entries, ways, counted));
  };
  add_used("L1 store", config.l1d_store_entries, 0, statistics.l1s);
  add_used("stage-2 walk cache", config.walk_cache2_entries, config.walk_cache2_ways, statistics.walk_cache2);
  return rows;
}

void add_ghosts(std::vector<report::Ghost>& rows, const mmu::Mmu& mmu) {
  const std::vector<mmu::GhostResult> results = mmu.ghosts();
  rows.resize(results.size());
  for (std::size_t at = 0; at < results.size(); ++at) {
    const mmu::GhostResult& result = results[at];
    report::Ghost& row = rows[at];
    row.structure = name(result.spec.structure);
    row.entries = result.spec.entries;
    row.ways = result.spec.ways;
    row.lookups += result.lookups;
    row.misses += result.misses;
    row.estimated_cycles += result.estimated_cycles;
  }
}

}  // namespace tw::statistics
