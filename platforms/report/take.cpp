#include "platforms/report/report.hpp"

namespace tw::report {
namespace {

/// By stage, of stage 2 by what it was for, then by level: as merge() keeps them.
std::vector<LevelFetches> levels_of(const cost::FetchesByLevel& fetches) {
  using cost::FetchesByLevel;
  std::vector<LevelFetches> levels;
  const auto add = [&](u64 stage, int level, int for_stage1_level, const FetchesByLevel::Cell& cell) {
    if (cell.count != 0) levels.push_back({stage, level, for_stage1_level, cell.count, cell.cycles});
  };
  for (int level = 0; level < FetchesByLevel::kLevels; ++level) {
    add(1, level, FetchesByLevel::kFinalIpa, fetches.stage1(level));
  }
  for (int what_for = FetchesByLevel::kFinalIpa; what_for < FetchesByLevel::kLevels; ++what_for) {
    for (int level = 0; level < FetchesByLevel::kLevels; ++level) {
      add(2, level, what_for, fetches.stage2(level, what_for));
    }
  }
  return levels;
}

Walk walk_of(const cost::WalkKey& key, const cost::WalkSummary& w) {
  const cost::FetchesByLevel::Cell stage1 = w.levels.stage1(), stage2 = w.levels.stage2();
  return {key,          w.count,       w.faults,      stage1.count,
          stage2.count, stage1.cycles, stage2.cycles, w.levels.final_stage2().cycles,
          w.served_by,  w.cycles,      w.fetches,     levels_of(w.levels)};
}

ExplainedWalk explained(const cost::WalkRecord& record) {
  ExplainedWalk walk{record.key, record.va.value, record.fault, record.cycles, {}};
  for (const cost::DescriptorFetch& f : record.fetches) {
    walk.fetches.push_back(
        {f.stage, f.level, f.for_stage1_level, f.served_by, f.address.value, f.descriptor, f.cycles});
  }
  return walk;
}

}  // namespace

Core take_core(cost::CoreLedger& ledger, std::string model, u64 frequency_mhz, std::vector<TlbStatistics> tlbs,
               std::vector<CacheStatistics> caches) {
  ledger.settle();
  Core core;
  core.cpu = ledger.cpu();
  core.model = std::move(model);
  core.frequency_mhz = frequency_mhz;
  core.elapsed = ledger.elapsed();
  core.origin = ledger.origin();
  core.accounted = ledger.accounted();
  core.instructions = ledger.instructions();
  for (const auto& [context, account] : ledger.accounts()) {
    core.contexts.push_back({context, account.instructions, account.cycles});
  }
  for (const auto& [key, t] : ledger.traps_so_far()) {
    core.traps.push_back({key.from, key.to, key.exception_class, std::string(key.reason.control),
                          std::string(key.reason.subject), t.count, t.returned, t.unfinished, t.instructions, t.walks,
                          t.away, t.inside, t.cycles, t.inclusive, t.indirect});
  }
  for (const auto& [key, summary] : ledger.walks()) core.walks.push_back(walk_of(key, summary));
  for (const cost::WalkRecord& record : ledger.recent_walks()) core.recent_walks.push_back(explained(record));
  for (const cost::WalkRecord& record : ledger.longest_walks()) core.longest_walks.push_back(explained(record));
  core.tlbs = std::move(tlbs);
  core.caches = std::move(caches);
  return core;
}

std::vector<Interrupt> take_interrupts(const cost::InterruptLedger& ledger) {
  std::vector<Interrupt> interrupts;
  for (const auto& [key, s] : ledger.interrupts()) {
    interrupts.push_back({key.intid, key.cpu, key.is_virtual, key.vmid, s.count, s.withdrawn, s.skewed,
                          s.asserted_to_signalled_ps, s.asserted_to_ack_ps, s.ack_to_drop_ps, s.ack_to_deactivate_ps,
                          0});
  }
  return interrupts;
}

}  // namespace tw::report
