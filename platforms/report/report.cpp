#include "platforms/report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace tw::report {
namespace {

using cost::ByCause;
using cost::Cause;

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

void merge(Interrupt& to, const Interrupt& from) {
  to.count += from.count;
  to.withdrawn += from.withdrawn;
  to.skewed += from.skewed;
  to.asserted_to_signalled_ps.merge(from.asserted_to_signalled_ps);
  to.asserted_to_ack_ps.merge(from.asserted_to_ack_ps);
  to.ack_to_drop_ps.merge(from.ack_to_drop_ps);
  to.ack_to_deactivate_ps.merge(from.ack_to_deactivate_ps);
}

/// Rows of one group become one when they are many; `name` gives it what the whole group is called.
template <class Row, class GroupOf, class Name>
std::vector<Row> fold(const std::vector<Row>& rows, GroupOf group_of, Name name) {
  std::map<decltype(group_of(rows.front())), std::vector<const Row*>> groups;
  for (const Row& row : rows) groups[group_of(row)].push_back(&row);
  std::vector<Row> out;
  for (const Row& row : rows) {
    const std::vector<const Row*>& group = groups[group_of(row)];
    if (group.size() <= kFoldAbove) {
      out.push_back(row);
    } else if (group.front() == &row) {
      Row sum = row;
      for (std::size_t i = 1; i < group.size(); ++i) merge(sum, *group[i]);
      name(sum, group);
      out.push_back(std::move(sum));
    }
  }
  return out;
}

std::string_view kind_of(u64 intid) { return intid < 16 ? "SGI" : intid < 32 ? "PPI" : "SPI"; }

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

struct GroupRow {
  Cause cause;
  Group group;
};
/// Causes that are not instructions of the code that runs.
constexpr GroupRow kGroups[] = {
    {Cause::ExceptionEntry, Group::Entry},
    {Cause::ExceptionReturn, Group::Return},
    {Cause::ContextRegister, Group::WorldSwitch},
    {Cause::TlbLookup, Group::Walks},
    {Cause::WalkStage1, Group::Walks},
    {Cause::WalkStage2, Group::Walks},
    {Cause::Fetch, Group::Memory},
    {Cause::StoreBuffer, Group::Memory},
    {Cause::L2Cache, Group::Memory},
    {Cause::L3Cache, Group::Memory},
    {Cause::PeerCache, Group::Memory},
    {Cause::Memory, Group::Memory},
    {Cause::Gic, Group::Gic},
    {Cause::Device, Group::Device},
    {Cause::Firmware, Group::Other},
    {Cause::Idle, Group::Other},
};

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

namespace {

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

std::vector<Trap> folded(const std::vector<Trap>& traps) {
  return fold(
      traps, [](const Trap& t) { return std::tuple(t.from, t.to, t.exception_class, t.control); },
      [](Trap& sum, const std::vector<const Trap*>& group) {
        std::set<std::string_view> registers;
        for (const Trap* trap : group) {
          std::string_view subject = trap->subject;
          if (!subject.starts_with("read ") && !subject.starts_with("write ")) {
            sum.subject = fmt::format("{} kinds", group.size());
            return;
          }
          registers.insert(subject.substr(subject.find(' ') + 1));
        }
        sum.subject = fmt::format("{} registers", registers.size());
      });
}

std::vector<Interrupt> folded(const std::vector<Interrupt>& interrupts) {
  return fold(
      interrupts,
      [](const Interrupt& i) { return std::tuple(i.is_virtual, i.cpu, i.vmid, kind_of(i.intid), i.others != 0); },
      [](Interrupt& sum, const std::vector<const Interrupt*>& group) { sum.others = group.size() - 1; });
}

std::string_view name(Group group) {
  static constexpr std::string_view kNames[] = {"entry", "instr",  "switch", "walks", "memory",
                                                "gic",   "device", "return", "other"};
  static_assert(std::size(kNames) == kGroupCount);
  return kNames[static_cast<unsigned>(group)];
}

Group group_of(Cause cause) {
  for (const GroupRow& row : kGroups) {
    if (row.cause == cause) return row.group;
  }
  return Group::Instructions;
}

std::array<u64, kGroupCount> by_group(const ByCause& cycles) {
  std::array<u64, kGroupCount> groups{};
  for (unsigned i = 0; i < cost::kCauseCount; ++i) {
    groups[static_cast<unsigned>(group_of(static_cast<Cause>(i)))] += cycles[i];
  }
  return groups;
}

std::string text(const cost::Context& context) {
  const std::string el = fmt::format("EL{}", index(context.el));
  return context.guest ? fmt::format("{} VMID {}", el, context.vmid.value) : el;
}

std::string reason(const Trap& trap) {
  if (trap.subject.empty()) return trap.control;
  if (trap.control.empty()) return trap.subject;
  return trap.control + ": " + trap.subject;
}

std::string text(const cost::WalkKey& key) {
  const std::string_view stages = key.stage1 && key.stage2 ? "stages 1+2" : key.stage2 ? "stage 2" : "stage 1";
  return fmt::format("{}, {}, {}", cost::name(key.regime), stages, cost::name(key.purpose));
}

std::string text(const LevelFetches& place) {
  const std::string own = fmt::format("stage {}, level {}", place.stage, place.level);
  if (place.stage == 1) return own;
  if (place.for_stage1_level < 0) return own + ", for the final IPA";
  return fmt::format("{}, for stage 1, level {}", own, place.for_stage1_level);
}

std::string text(const Interrupt& interrupt) {
  // Arm BSA, "PPI assignments".
  static const std::map<u64, std::string_view> kWellKnown = {{25, "GIC maintenance"}, {26, "hypervisor timer"},
                                                             {27, "virtual timer"},   {29, "secure timer"},
                                                             {30, "physical timer"},  {23, "PMU"}};
  std::string line = interrupt.is_virtual ? "virtual " : "";
  line += fmt::format("{} {}", kind_of(interrupt.intid), interrupt.intid);
  if (interrupt.others != 0) {
    line += fmt::format(" and {} others", interrupt.others);
  } else if (const auto known = kWellKnown.find(interrupt.intid); known != kWellKnown.end()) {
    line += fmt::format(" ({})", known->second);
  }
  if (interrupt.is_virtual) line += fmt::format(", VMID {}", interrupt.vmid.value);
  return line;
}

}  // namespace tw::report
