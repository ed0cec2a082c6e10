#include "platforms/statistics/smmu.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "platforms/statistics/mmu.hpp"

namespace tw::statistics {

namespace {

report::SmmuStream stream_of(const smmu::LedgerKey& key, const smmu::StreamSummary& summary) {
  report::SmmuStream stream{.stream = key.from.stream.value,
                            .substream = key.from.substream,
                            .has_substream = key.from.has_substream,
                            .owner = {key.guest, key.vmid},
                            .reads = summary.reads,
                            .writes = summary.writes,
                            .fetches_stage1 = summary.fetches_stage1,
                            .fetches_stage2 = summary.fetches_stage2,
                            .ste_fetches = summary.ste_fetches,
                            .cd_fetches = summary.cd_fetches,
                            .prefetches = summary.prefetches,
                            .ats_requests = summary.ats_requests,
                            .page_requests = summary.page_requests,
                            .latency = summary.latency};
  for (unsigned level = 0; level < smmu::kHitLevelCount; ++level) {
    stream.translations.rows.push_back({std::string(smmu::kHitLevels[level]), summary.translations[level]});
  }
  for (unsigned part = 0; part < smmu::kPartCount; ++part) {
    stream.cycles.rows.push_back({std::string(smmu::kParts[part].name), summary.cycles[part]});
  }
  return stream;
}

std::string event_name(smmu::EventKind kind) {
  const auto row = std::ranges::find(smmu::kEvents, kind, &smmu::EventRow::kind);
  return std::string(row->name);
}

std::vector<report::TlbStatistics> structures(const smmu::Config& config, const smmu::Statistics& statistics) {
  return {tlb("TBU TLBs", config.tbu_entries, config.tbu_ways, statistics.tbu),
          tlb("TBU main TLBs", config.tbu_main_entries, config.tbu_main_ways, statistics.tbu_main),
          tlb("TLB", config.tlb_entries, config.tlb_ways, statistics.tlb),
          tlb("walk cache", config.walk_cache_entries, config.walk_cache_ways, statistics.walk_cache),
          tlb("stage-2 walk cache", config.walk_cache2_entries, config.walk_cache2_ways, statistics.walk_cache2),
          tlb("IPA cache", config.ipa_entries, config.ipa_ways, statistics.ipa),
          tlb("STE cache", config.ste_entries, config.ste_ways, statistics.ste),
          tlb("CD cache", config.cd_entries, config.cd_ways, statistics.cd)};
}

report::SmmuWho who(const smmu::LedgerKey& key) {
  return {.stream = key.from.stream.value,
          .substream = key.from.substream,
          .has_substream = key.from.has_substream,
          .owner = {key.guest, key.vmid}};
}

void add_evictions(report::Smmu& to, std::string_view structure, const smmu::StreamEvictions& evictions) {
  for (const auto& [pair, count] : evictions) {
    to.evictions.push_back({std::string(structure), who(pair.first), who(pair.second), count});
  }
}

}  // namespace

report::Smmu take_smmu(const smmu::Smmu& smmu) {
  const smmu::Statistics statistics = smmu.statistics();
  report::Smmu taken;
  taken.frequency_mhz = smmu.config().frequency_mhz;
  for (const auto& [key, summary] : statistics.streams) taken.streams.push_back(stream_of(key, summary));
  for (const auto& [opcode, summary] : statistics.commands) {
    taken.commands.push_back({std::string(smmu::command_name(opcode)), summary.count, summary.cycles});
  }
  for (const auto& [kind, count] : statistics.events) taken.events.rows.push_back({event_name(kind), count});
  taken.events_lost = statistics.events_lost;
  taken.events_merged = statistics.events_merged;
  taken.commands_illegal = statistics.commands_illegal;
  taken.sync_wait_cycles = statistics.syncs_waited;
  taken.structures = structures(smmu.config(), statistics);
  const char* const last_of_tbu = smmu.config().tbu_main_entries != 0 ? "TBU main TLBs" : "TBU TLBs";
  add_evictions(taken, last_of_tbu, statistics.tbu_evictions);
  add_evictions(taken, "TLB", statistics.tlb_evictions);
  return taken;
}

std::vector<report::Ghost> ghosts_of(const smmu::Smmu& smmu) {
  std::vector<report::Ghost> rows;
  for (const vmsa::GhostResult& result : smmu.ghosts()) {
    report::Ghost& row = rows.emplace_back();
    row.structure = smmu::haunted_name(result.spec.structure);
    row.entries = result.spec.entries;
    row.ways = result.spec.ways;
    row.lookups = result.lookups;
    row.misses = result.misses;
    row.estimated_cycles = result.estimated_cycles;
  }
  return rows;
}

void take_translations(const cost::EventRing<smmu::TranslationEvent>& events, u64 period_ps, report::Events& into) {
  std::vector<std::string> parts;
  for (const smmu::PartRow& row : smmu::kParts) parts.emplace_back(row.name);
  into.dma_period_ps = period_ps;
  into.dma_levels.assign(std::begin(smmu::kHitLevels), std::end(smmu::kHitLevels));
  std::map<smmu::LedgerKey, u64> sources;
  report::DmaColumns& to = into.dma;
  to.dropped = events.dropped();
  for (const smmu::TranslationEvent& event : events.events()) {
    const auto [source, is_new] = sources.emplace(event.key, into.dma_sources.size());
    if (is_new) into.dma_sources.push_back(who(event.key));
    report::add_row(to.inside, parts, {event.cycles.begin(), event.cycles.end()}, to.source.size());
    to.source.push_back(source->second);
    to.level.push_back(static_cast<u64>(event.level));
    to.write.push_back(event.write);
    to.begin.push_back(event.begin);
    to.cycles.push_back(std::accumulate(event.cycles.begin(), event.cycles.end(), u64{0}));
  }
}

}  // namespace tw::statistics
