#include <algorithm>
#include <tuple>

#include "platforms/report/report.hpp"
#include "platforms/report/rows.hpp"

namespace tw::report {
namespace {

using cost::ByCause;

void add(ByCause& to, const ByCause& from) {
  for (unsigned i = 0; i < cost::kCauseCount; ++i) to[i] += from[i];
}

auto key_of(const Trap& t) { return std::tie(t.from, t.to, t.exception_class, t.control, t.subject); }
auto key_of(const Walk& w) { return w.key; }
auto key_of(const ContextTotals& c) { return c.context; }
auto key_of(const TlbStatistics& t) { return t.name; }
auto key_of(const BranchStatistics& b) { return std::tie(b.context, b.kind); }
auto key_of(const CacheStatistics& c) { return c.name; }
auto key_of(const Link& l) { return l.name; }
auto key_of(const Ghost& g) { return std::tie(g.structure, g.entries, g.ways); }
auto key_of(const Interrupt& i) { return std::tie(i.is_virtual, i.cpu, i.vmid, i.intid); }

void merge(ContextTotals& to, const ContextTotals& from) {
  to.instructions += from.instructions;
  add(to.cycles, from.cycles);
}

void merge(std::vector<LevelFetches>& to, const LevelFetches& more) {
  const auto place = [](const LevelFetches& l) { return std::tie(l.stage, l.for_stage1_level, l.level); };
  const auto at =
      std::lower_bound(to.begin(), to.end(), more, [&](const auto& a, const auto& b) { return place(a) < place(b); });
  if (at == to.end() || place(*at) != place(more)) {
    to.insert(at, more);
    return;
  }
  at->count += more.count;
  at->cycles += more.cycles;
}

void merge(Walk& to, const Walk& from) {
  to.count += from.count;
  to.faults += from.faults;
  to.fetches_stage1 += from.fetches_stage1;
  to.fetches_stage2 += from.fetches_stage2;
  to.cycles_stage1 += from.cycles_stage1;
  to.cycles_stage2 += from.cycles_stage2;
  to.cycles_final_stage2 += from.cycles_final_stage2;
  for (unsigned i = 0; i < cost::kServedByCount; ++i) to.served_by[i] += from.served_by[i];
  to.cycles.merge(from.cycles);
  to.fetches.merge(from.fetches);
  for (const LevelFetches& more : from.levels) merge(to.levels, more);
}

void merge(CacheStatistics& to, const CacheStatistics& from) {
  merge(to.counts, from.counts);
  merge_evictions(to.evictions_by, from.evictions_by);
  to.evictions_by_others += from.evictions_by_others;
}

void merge(BranchStatistics& to, const BranchStatistics& from) {
  to.branches += from.branches;
  to.taken += from.taken;
  to.wrong_direction += from.wrong_direction;
  to.wrong_target += from.wrong_target;
  to.unknown_target += from.unknown_target;
}

void merge(Link& to, const Link& from) {
  to.transactions += from.transactions;
  to.bytes += from.bytes;
  to.waited_to_enter += from.waited_to_enter;
  to.waited_for_data += from.waited_for_data;
}

void merge(Ghost& to, const Ghost& from) {
  to.lookups += from.lookups;
  to.misses += from.misses;
  to.estimated_cycles += from.estimated_cycles;
}

void merge(Dram& to, const Dram& from) {
  for (u64 Dram::*member :
       {&Dram::elapsed_clocks, &Dram::reads, &Dram::writes, &Dram::bytes, &Dram::row_hits, &Dram::row_closed,
        &Dram::row_conflicts, &Dram::read_clocks, &Dram::queued_clocks, &Dram::refresh_clocks, &Dram::bus_clocks}) {
    to.*member += from.*member;
  }
}

template <class Row>
void merge_rows(std::vector<Row>& to, const std::vector<Row>& from) {
  for (const Row& row : from) {
    const auto same = std::find_if(to.begin(), to.end(), [&](const Row& t) { return key_of(t) == key_of(row); });
    if (same == to.end()) {
      to.push_back(row);
    } else {
      merge(*same, row);
    }
  }
}

/// The same units of both.
template <class Unit>
void merge_all(std::vector<Unit>& to, const std::vector<Unit>& more) {
  if (to.empty()) {
    to = more;
    return;
  }
  for (std::size_t i = 0; i < more.size(); ++i) merge(to[i], more[i]);
}

/// All rows, merged by key; the order of the keys is restored by sort_rows().
void merge_figures(Core& to, const Core& from) {
  to.accounted += from.accounted;
  to.instructions += from.instructions;
  merge_rows(to.contexts, from.contexts);
  merge_rows(to.traps, from.traps);
  merge_rows(to.walks, from.walks);
  merge_rows(to.tlbs, from.tlbs);
  merge_rows(to.branches, from.branches);
  merge_rows(to.caches, from.caches);
}

/// As many of both as one of them has.
void keep_walks(Core& to, const Core& more) {
  const std::size_t recent = std::max(to.recent_walks.size(), more.recent_walks.size());
  to.recent_walks.insert(to.recent_walks.end(), more.recent_walks.begin(), more.recent_walks.end());
  to.recent_walks.erase(to.recent_walks.begin(), to.recent_walks.end() - static_cast<std::ptrdiff_t>(recent));
  const std::size_t longest = std::max(to.longest_walks.size(), more.longest_walks.size());
  to.longest_walks.insert(to.longest_walks.end(), more.longest_walks.begin(), more.longest_walks.end());
  std::stable_sort(to.longest_walks.begin(), to.longest_walks.end(),
                   [](const ExplainedWalk& a, const ExplainedWalk& b) { return a.cycles > b.cycles; });
  to.longest_walks.resize(longest);
}

void sort_rows(Core& core) {
  const auto by_key = [](const auto& a, const auto& b) { return key_of(a) < key_of(b); };
  std::sort(core.contexts.begin(), core.contexts.end(), by_key);
  std::sort(core.traps.begin(), core.traps.end(), by_key);
  std::sort(core.walks.begin(), core.walks.end(), by_key);
}

}  // namespace

void merge(Trap& to, const Trap& from) {
  to.count += from.count;
  to.returned += from.returned;
  to.unfinished += from.unfinished;
  to.instructions += from.instructions;
  to.walks += from.walks;
  to.away += from.away;
  for (unsigned n = 0; n < cost::kStructureCount; ++n) {
    to.indirect[n].count += from.indirect[n].count;
    to.indirect[n].cycles += from.indirect[n].cycles;
  }
  add(to.inside, from.inside);
  to.cycles.merge(from.cycles);
  to.inclusive.merge(from.inclusive);
}

void merge(Interrupt& to, const Interrupt& from) {
  to.count += from.count;
  to.withdrawn += from.withdrawn;
  to.skewed += from.skewed;
  to.asserted_to_signalled_ps.merge(from.asserted_to_signalled_ps);
  to.asserted_to_ack_ps.merge(from.asserted_to_ack_ps);
  to.ack_to_drop_ps.merge(from.ack_to_drop_ps);
  to.ack_to_deactivate_ps.merge(from.ack_to_deactivate_ps);
}

void add(Core& to, const Core& more) {
  if (to.cycles() == 0) {
    to = more;
    return;
  }
  to.elapsed += more.cycles();
  keep_walks(to, more);
  merge_figures(to, more);
  sort_rows(to);
}

void add_shared(Report& to, const Report& more) {
  merge_rows(to.shared_caches, more.shared_caches);
  merge_rows(to.interrupts, more.interrupts);
  std::sort(to.interrupts.begin(), to.interrupts.end(), [](const Interrupt& a, const Interrupt& b) {
    return std::tie(a.intid, a.cpu, a.is_virtual, a.vmid) < std::tie(b.intid, b.cpu, b.is_virtual, b.vmid);
  });
  merge_rows(to.links, more.links);
  merge_rows(to.ghosts, more.ghosts);
  merge_all(to.dram, more.dram);
  merge_all(to.smmu, more.smmu);
  merge_all(to.pl330, more.pl330);
}

Core all_cores(const Report& report) { return sum_of(report.cores); }

Core sum_of(std::span<const Core> cores) {
  if (cores.size() == 1) return cores.front();
  Core all;
  for (const Core& core : cores) {
    all.model = core.model;
    all.frequency_mhz = core.frequency_mhz;
    all.elapsed += core.elapsed;
    all.origin += core.origin;
    merge_figures(all, core);
  }
  sort_rows(all);
  return all;
}

std::vector<LevelFetches> levels_of(const std::vector<Walk>& walks) {
  std::vector<LevelFetches> all;
  for (const Walk& walk : walks) {
    for (const LevelFetches& place : walk.levels) merge(all, place);
  }
  return all;
}

std::vector<CacheStatistics> all_caches(const Report& report, const Core& all) {
  std::vector<CacheStatistics> caches = all.caches;
  caches.insert(caches.end(), report.shared_caches.begin(), report.shared_caches.end());
  return caches;
}

}  // namespace tw::report
