#include "platforms/report/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "platforms/report/format.hpp"

namespace tw::report {
namespace {

/// The rows of A and of B by key; one that the other lacks is null.
template <class Row, class Key>
auto joined(const std::vector<Row>& a, const std::vector<Row>& b, Key key) {
  std::map<decltype(key(a.front())), std::pair<const Row*, const Row*>> rows;
  for (const Row& row : a) rows[key(row)].first = &row;
  for (const Row& row : b) rows[key(row)].second = &row;
  return rows;
}

u64 magnitude(i64 difference) {
  return difference < 0 ? u64{0} - static_cast<u64>(difference) : static_cast<u64>(difference);
}

template <class Row>
void largest_first(std::vector<Row>& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& x, const Row& y) { return magnitude(x.difference()) > magnitude(y.difference()); });
}

std::vector<SettingPair> configuration(const Report& a, const Report& b) {
  std::vector<SettingPair> rows;
  const auto run = [&](const char* what, const std::string& x, const std::string& y) {
    if (x != y) rows.push_back({what, x, y, ""});
  };
  run("platform", a.run.platform, b.run.platform);
  run("fidelity", a.run.fidelity, b.run.fidelity);
  run("images", fmt::format("{}", fmt::join(a.run.images, ", ")), fmt::format("{}", fmt::join(b.run.images, ", ")));
  run("stopped", a.run.stopped, b.run.stopped);
  run("cores", grouped(u64{a.cores.size()}), grouped(u64{b.cores.size()}));
  for (const auto& [key, pair] :
       joined(a.configuration, b.configuration, [](const config::Parameter& p) { return p.key; })) {
    const auto& [x, y] = pair;
    if (x && y && x->value == y->value) continue;
    rows.push_back({key, x ? config::text(x->value) : "-", y ? config::text(y->value) : "-", x ? x->unit : y->unit});
  }
  return rows;
}

void totals(std::vector<PairTable>& tables, const Core& a, const Core& b, const Report& ra, const Report& rb) {
  tables.push_back({"totals",
                    "Totals",
                    "total",
                    {{"cycles", a.cycles(), b.cycles()},
                     {"instructions", a.instructions, b.instructions},
                     {"simulated time, ns", ra.run.simulated_ps / 1000, rb.run.simulated_ps / 1000}}});
  PairTable who{"contexts", "Time by exception level and VMID", "cycles by context", {}};
  cost::ByCause causes_a{}, causes_b{};
  for (const auto& [context, pair] : joined(a.contexts, b.contexts, [](const ContextTotals& c) { return c.context; })) {
    const auto cycles = [](const ContextTotals* c, auto& causes) {
      if (!c) return u64{0};
      for (unsigned i = 0; i < cost::kCauseCount; ++i) causes[i] += c->cycles[i];
      return cost::total(c->cycles);
    };
    const u64 x = cycles(pair.first, causes_a);
    const u64 y = cycles(pair.second, causes_b);
    who.rows.push_back({text(context), x, y});
  }
  PairTable why{"causes", "Time by cause", "cycles by cause", {}};
  for (unsigned i = 0; i < cost::kCauseCount; ++i) {
    if (causes_a[i] != 0 || causes_b[i] != 0) {
      why.rows.push_back({std::string(cost::kCauses[i].name), causes_a[i], causes_b[i]});
    }
  }
  for (PairTable* table : {&who, &why}) {
    largest_first(table->rows);
    tables.push_back(std::move(*table));
  }
}

std::vector<TrapPair> traps(const Core& a, const Core& b, bool fold) {
  // Both sides at once, so that a control is folded on both or on neither.
  const auto same_row = [](const Trap& t) { return std::tuple(t.from, t.to, t.exception_class, t.control, t.subject); };
  std::vector<Trap> rows_a, rows_b;
  for (const auto& [key, pair] : joined(a.traps, b.traps, same_row)) {
    const Trap& any = pair.first ? *pair.first : *pair.second;
    const Trap none{any.from, any.to, any.exception_class, any.control, any.subject, 0, 0, 0, 0, 0, 0, {}, {}, {}};
    rows_a.push_back(pair.first ? *pair.first : none);
    rows_b.push_back(pair.second ? *pair.second : none);
  }
  if (fold) {
    rows_a = folded(rows_a);
    rows_b = folded(rows_b);
  }
  std::vector<TrapPair> out;
  const auto mean = [](const Trap& t) { return t.cycles.count() == 0 ? 0.0 : t.cycles.mean(); };
  for (std::size_t i = 0; i < rows_a.size(); ++i) {
    const Trap& x = rows_a[i];
    const Trap& y = rows_b[i];
    out.push_back({text(x.from), fmt::format("EL{}", index(x.to)), reason(x), x.count, y.count, mean(x), mean(y),
                   cost::total(x.inside), cost::total(y.inside)});
  }
  largest_first(out);
  return out;
}

PairTable walks(const Core& a, const Core& b) {
  PairTable table{"walks", "Translation table walks", "walks", {}};
  for (const auto& [key, pair] : joined(a.walks, b.walks, [](const Walk& w) { return w.key; })) {
    const auto& x = pair.first;  // no structured binding: a lambda below captures them (clang 14)
    const auto& y = pair.second;
    const std::string who = text(key) + ", " + text(key.context);
    const auto add = [&](std::string_view what, u64 va, u64 vb) {
      table.rows.push_back({fmt::format("{}: {}", who, what), va, vb});
    };
    const auto both = [&](std::string_view what, u64 Walk::*member) {
      add(what, x ? x->*member : 0, y ? y->*member : 0);
    };
    both("walks", &Walk::count);
    if (key.stage1) both("stage-1 fetches", &Walk::fetches_stage1);
    if (key.stage2) both("stage-2 fetches", &Walk::fetches_stage2);
    add("cycles", x ? x->cycles.sum() : 0, y ? y->cycles.sum() : 0);
  }
  largest_first(table.rows);
  return table;
}

/// Of all walks together, by place.
PairTable walk_levels(const Core& a, const Core& b, PairTable table, u64 LevelFetches::*member) {
  const auto place = [](const LevelFetches& l) { return std::tuple(l.stage, l.for_stage1_level, l.level); };
  const std::vector<LevelFetches> levels_a = levels_of(a.walks), levels_b = levels_of(b.walks);
  for (const auto& [key, pair] : joined(levels_a, levels_b, place)) {
    const auto& [x, y] = pair;
    table.rows.push_back({text(x ? *x : *y), x ? x->*member : 0, y ? y->*member : 0});
  }
  largest_first(table.rows);
  return table;
}

PairTable interrupts(const Report& a, const Report& b, bool fold) {
  PairTable table{"interrupts", "Interrupts", "interrupt", {}};
  const auto rows = [fold](const Report& r) { return fold ? folded(r.interrupts) : r.interrupts; };
  const std::vector<Interrupt> rows_a = rows(a), rows_b = rows(b);
  for (const auto& [key, pair] : joined(rows_a, rows_b, [](const Interrupt& i) {
         return std::tuple(i.is_virtual, i.intid, i.cpu, i.vmid, i.others);
       })) {
    const auto& [x, y] = pair;
    const std::string name = fmt::format("{}, cpu {}", text(x ? *x : *y), x ? x->cpu : y->cpu);
    table.rows.push_back({name + ": taken", x ? x->count : 0, y ? y->count : 0});
    const auto mean_ns = [](const Interrupt* i) {
      return i ? static_cast<u64>(std::llround(i->asserted_to_ack_ps.mean() / 1000)) : 0;
    };
    table.rows.push_back({name + ": wire to handler, mean ns", mean_ns(x), mean_ns(y)});
  }
  largest_first(table.rows);
  return table;
}

PairTable tlbs(const Core& a, const Core& b) {
  struct Member {
    std::string_view what;
    u64 TlbStatistics::*member;
  };
  static constexpr Member kMembers[] = {{"lookups", &TlbStatistics::lookups},
                                        {"misses", &TlbStatistics::misses},
                                        {"evictions", &TlbStatistics::evictions},
                                        {"entries removed by TLBI", &TlbStatistics::entries_invalidated}};
  PairTable table{"tlbs", "TLBs and walk caches", "structure", {}};
  for (const auto& [name, pair] : joined(a.tlbs, b.tlbs, [](const TlbStatistics& t) { return t.name; })) {
    for (const Member& m : kMembers) {
      const u64 x = pair.first ? pair.first->*m.member : 0, y = pair.second ? pair.second->*m.member : 0;
      if (x != 0 || y != 0) table.rows.push_back({fmt::format("{}: {}", name, m.what), x, y});
    }
  }
  largest_first(table.rows);
  return table;
}

PairTable branches(const Core& a, const Core& b) {
  PairTable table{"branches", "Branch prediction", "branches", {}};
  const auto by_kind = [](const Core& core) {
    std::map<std::string, std::pair<u64, u64>> sums;
    for (const BranchStatistics& row : core.branches) {
      sums[row.kind].first += row.branches;
      sums[row.kind].second += row.mispredicted();
    }
    return sums;
  };
  auto in_a = by_kind(a), in_b = by_kind(b);
  for (const auto& side : {in_a, in_b}) {
    for (const auto& [kind, sums] : side) in_a[kind], in_b[kind];
  }
  for (const auto& [kind, sums] : in_a) {
    table.rows.push_back({kind + ": executed", sums.first, in_b[kind].first});
    table.rows.push_back({kind + ": mispredicted", sums.second, in_b[kind].second});
  }
  largest_first(table.rows);
  return table;
}

PairTable caches(const std::vector<CacheStatistics>& a, const std::vector<CacheStatistics>& b) {
  PairTable table{"caches", "Caches", "cache", {}};
  for (const auto& [name, pair] : joined(a, b, [](const CacheStatistics& c) { return c.name; })) {
    for (const Counts::Row& row : (pair.first ? pair.first : pair.second)->counts.rows) {
      const u64 x = pair.first ? pair.first->counts.of(row.name) : 0;
      const u64 y = pair.second ? pair.second->counts.of(row.name) : 0;
      if (x != 0 || y != 0) table.rows.push_back({fmt::format("{}: {}", name, row.name), x, y});
    }
  }
  largest_first(table.rows);
  return table;
}

}  // namespace

Comparison compare(const Report& a, const Report& b, const std::string& name_a, const std::string& name_b,
                   const CompareOptions& options) {
  const Core all_a = all_cores(a), all_b = all_cores(b);
  Comparison comparison{name_a, name_b, configuration(a, b), {}, traps(all_a, all_b, options.fold)};
  totals(comparison.tables, all_a, all_b, a, b);
  comparison.tables.push_back(walks(all_a, all_b));
  comparison.tables.push_back(walk_levels(
      all_a, all_b, {"walk_level_cycles", "Walks by level: cycles", "descriptors of", {}}, &LevelFetches::cycles));
  comparison.tables.push_back(walk_levels(
      all_a, all_b, {"walk_level_fetches", "Walks by level: fetches", "descriptors of", {}}, &LevelFetches::count));
  comparison.tables.push_back(interrupts(a, b, options.fold));
  comparison.tables.push_back(tlbs(all_a, all_b));
  comparison.tables.push_back(branches(all_a, all_b));
  comparison.tables.push_back(caches(all_caches(a, all_a), all_caches(b, all_b)));
  for (PairTable& table : compare_smmu(a, b)) comparison.tables.push_back(std::move(table));
  for (PairTable& table : compare_pl330(a, b)) comparison.tables.push_back(std::move(table));
  return comparison;
}

}  // namespace tw::report
