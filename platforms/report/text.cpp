#include "platforms/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "platforms/report/branches.hpp"
#include "platforms/report/format.hpp"
#include "platforms/report/structures.hpp"
#include "platforms/report/walks.hpp"

namespace tw::report {
namespace {

using enum Align;

std::string label(std::string_view name) { return fmt::format("  {:<12}", name); }

std::string zero_as_dot(double number) { return number == 0.0 ? std::string(kNothing) : decimal(number); }
std::string zero_as_empty(u64 number) { return number == 0 ? "" : grouped(number); }

std::string cores_line(const Report& report) {
  std::set<std::string> kinds;
  for (const Core& core : report.cores)
    kinds.insert(fmt::format("{} at {} MHz", core.model, grouped(core.frequency_mhz)));
  return fmt::format("{} x {}", report.cores.size(), fmt::join(kinds, ", "));
}

std::string summary(const Report& report, const Core& all) {
  std::string out = "trapwalk report\n\n";
  const Run& run = report.run;
  out += label("platform") + fmt::format("{}, {}, {}\n", run.platform, cores_line(report), run.fidelity);
  if (!run.images.empty()) out += label("images") + fmt::format("{}\n", fmt::join(run.images, ", "));
  out += label("stopped") + fmt::format("{} (exit status {})\n", run.stopped, run.exit_status);
  out += label("time") +
         fmt::format("{} simulated, {} cycles measured\n", duration(run.simulated_ps), grouped(all.cycles()));
  out += label("executed") + fmt::format("{} instructions, {:.2f} cycles each\n", grouped(all.instructions),
                                         per(all.cycles(), all.instructions));
  for (const Core& core : report.cores) {
    const u64 difference = core.cycles() - core.accounted;
    out += label(&core == report.cores.data() ? "ledger" : "");
    out += fmt::format("cpu {} {}: {} cycles = sum over causes, difference {}\n", core.cpu,
                       difference == 0 ? "conserved" : "NOT CONSERVED", grouped(core.cycles()),
                       grouped(static_cast<i64>(difference)));
  }
  return out;
}

/// Where the region of interest was.
std::string region_summary(const Report& report) {
  const Region& region = report.region;
  const bool asked = !region.from.empty() || !region.until.empty() || region.warm_up != 0;
  if (!asked && region.spans.empty()) return {};
  constexpr std::size_t kShown = 3;
  std::string out;
  for (std::size_t i = 0; i < std::min(region.spans.size(), kShown); ++i) {
    const RegionSpan& span = region.spans[i];
    out += label(i == 0 ? "region" : "");
    out += fmt::format("instructions {} to {}, {} to {}\n", grouped(span.first_instruction),
                       grouped(span.end_instruction), duration(span.begin_ps), duration(span.end_ps));
  }
  if (region.spans.size() > kShown) {
    out += label("") + fmt::format("and {} more times\n", grouped(u64{region.spans.size() - kShown}));
  }
  if (region.spans.empty()) out += label("region") + fmt::format("never began: {} was not reached\n", region.from);
  if (region.warm_up != 0) {
    out += label("warm-up") + fmt::format("{} instructions before it, not measured\n", grouped(region.warm_up));
  }
  return out;
}

std::string sampling_summary(const Report& report) {
  const Sampling& s = report.sampling;
  if (s.period == 0) return {};
  std::string out =
      label("samples") + fmt::format("{} of {} instructions, each {} instructions, {} of them warm-up\n",
                                     grouped(s.samples), grouped(s.measure), grouped(s.period), grouped(s.warm));
  if (s.samples == 0) return out;
  out += label("estimate") +
         fmt::format("{} cycles for the region's {} instructions", decimal(s.cycles), grouped(s.instructions));
  if (s.cycles != 0 && s.cycles_half_width != 0) {
    out += fmt::format(", ± {:.2f} % with 95 % confidence", 100 * s.cycles_half_width / s.cycles);
  }
  if (s.idle_cycles != 0) out += fmt::format("; {} of them idle", grouped(s.idle_cycles));
  return out + "\n";
}

std::string samples(const Report& report) {
  if (report.sampling.metrics.empty()) return {};
  TextTable table({{"per sample", Left}, {"mean"}, {"± 95 %"}, {"± relative"}, {"samples"}});
  for (const Metric& m : report.sampling.metrics) {
    const bool known = m.samples > 1;
    table.row({m.name, fmt::format("{:.4g}", m.mean), known ? fmt::format("{:.2g}", m.half_width) : "-",
               known && m.mean != 0 ? fmt::format("{:.1f} %", 100 * m.half_width / m.mean) : "-", grouped(m.samples)});
  }
  return heading("Samples",
                 "means over samples, with half of the 95 % confidence interval; below, sums of the samples") +
         table.text();
}

std::string configuration_summary(const Report& report) {
  std::string out;
  std::vector<const config::Parameter*> set;
  u64 placeholders = 0;
  for (const config::Parameter& p : report.configuration) {
    if (!p.is_default()) set.push_back(&p);
    placeholders += p.provenance == Provenance::Placeholder;
  }
  out += label("parameters") + fmt::format("{}, of them {} set and {} placeholders without a source\n",
                                           report.configuration.size(), set.size(), placeholders);
  return out;
}

/// The causes that make up most of `cycles`, three at most.
std::string largest_causes(const cost::ByCause& cycles) {
  std::vector<unsigned> order(cost::kCauseCount);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](unsigned a, unsigned b) { return cycles[a] > cycles[b]; });
  const u64 total = cost::total(cycles);
  std::vector<std::string> parts;
  for (unsigned i = 0; i < 3 && cycles[order[i]] != 0; ++i) {
    parts.push_back(fmt::format("{} {:.0f} %", cost::kCauses[order[i]].name, 100.0 * per(cycles[order[i]], total)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string contexts(const Core& all) {
  TextTable table({{"who", Left}, {"cycles"}, {"share"}, {"instructions"}, {"cycles/instr."}, {"mostly", Left, 70}});
  std::vector<ContextTotals> rows = all.contexts;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return cost::total(a.cycles) > cost::total(b.cycles); });
  for (const ContextTotals& c : rows) {
    const u64 cycles = cost::total(c.cycles);
    table.row({text(c.context), grouped(cycles), percent(cycles, all.accounted), grouped(c.instructions),
               c.instructions == 0 ? "" : fmt::format("{:.2f}", per(cycles, c.instructions)),
               largest_causes(c.cycles)});
  }
  return heading("Time by exception level and VMID") + table.text();
}

std::string causes(const Core& all) {
  cost::ByCause sum{};
  for (const ContextTotals& c : all.contexts) {
    for (unsigned i = 0; i < cost::kCauseCount; ++i) sum[i] += c.cycles[i];
  }
  std::vector<unsigned> order(cost::kCauseCount);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](unsigned a, unsigned b) { return sum[a] > sum[b]; });
  TextTable table({{"cause", Left}, {"cycles"}, {"share"}, {"what it is", Left, 80}});
  for (const unsigned i : order) {
    if (sum[i] == 0) continue;
    table.row({std::string(cost::kCauses[i].name), grouped(sum[i]), percent(sum[i], all.accounted),
               std::string(cost::kCauses[i].what)});
  }
  return heading("Time by cause") + table.text();
}

std::vector<const Trap*> by_share(const std::vector<Trap>& traps) {
  std::vector<const Trap*> order;
  for (const Trap& trap : traps) order.push_back(&trap);
  std::stable_sort(order.begin(), order.end(), [](const Trap* a, const Trap* b) {
    const u64 x = cost::total(a->inside), y = cost::total(b->inside);
    return x != y ? x > y : a->count > b->count;
  });
  return order;
}

std::string traps(const Core& all, const TextOptions& options) {
  if (all.traps.empty()) return heading("Traps") + "  none\n";
  TextTable table({{"#"},
                   {"from", Left},
                   {"to", Left},
                   {"reason", Left, 48},
                   {"count"},
                   {"mean"},
                   {"p50"},
                   {"p99"},
                   {"max"},
                   {"share"},
                   {"unfinished"}});
  TextTable inside({{"#"},
                    {"entry"},
                    {"instr"},
                    {"switch"},
                    {"walks"},
                    {"memory"},
                    {"gic"},
                    {"device"},
                    {"return"},
                    {"other"},
                    {"= mean"},
                    {"instructions"},
                    {"walks done"},
                    {"with inner traps"},
                    {"switched out"},
                    {"refills after"},
                    {"cycles after"}});
  u64 in_traps = 0, rest = 0, rest_rows = 0, number = 0;
  const std::vector<Trap> rows = options.fold ? folded(all.traps) : all.traps;
  for (const Trap* trap : by_share(rows)) {
    const u64 cycles = cost::total(trap->inside);
    in_traps += cycles;
    if (++number > options.max_traps) {
      rest += cycles;
      ++rest_rows;
      continue;
    }
    const cost::Histogram& h = trap->cycles;
    const bool any = h.count() != 0;
    table.row({grouped(number), text(trap->from), fmt::format("EL{}", index(trap->to)), reason(*trap),
               grouped(trap->count), any ? decimal(h.mean()) : "-", any ? grouped(h.quantile(0.5)) : "-",
               any ? grouped(h.quantile(0.99)) : "-", any ? grouped(h.max()) : "-", percent(cycles, all.accounted),
               zero_as_empty(trap->unfinished)});
    std::vector<std::string> cells = {grouped(number)};
    for (const u64 group : by_group(trap->inside)) cells.push_back(zero_as_dot(per(group, trap->count)));
    cells.push_back(decimal(per(cycles, trap->count)));
    cells.push_back(decimal(per(trap->instructions, trap->count)));
    cells.push_back(zero_as_dot(per(trap->walks, trap->count)));
    cells.push_back(trap->inclusive.sum() == h.sum() ? "" : decimal(trap->inclusive.mean()));
    cells.push_back(trap->away == 0 ? "" : decimal(per(trap->away, trap->count)));
    u64 refills = 0, refill_cycles = 0;
    for (const cost::Refills& after : trap->indirect) {
      refills += after.count;
      refill_cycles += after.cycles;
    }
    cells.push_back(refills == 0 ? "" : decimal(per(refills, trap->count)));
    cells.push_back(refills == 0 ? "" : decimal(per(refill_cycles, trap->count)));
    inside.row(std::move(cells));
  }
  table.drop_empty_columns();
  inside.drop_empty_columns();
  std::string out = heading("Traps", "cycles from the exception entry to the return, without inner traps");
  out += table.text();
  if (rest_rows != 0) {
    out += fmt::format("  and {} more, {} of all cycles; trapwalk report --all shows them\n", grouped(rest_rows),
                       percent(rest, all.accounted));
  }
  out += fmt::format("  all together {}, outside of traps {}\n", percent(in_traps, all.accounted),
                     percent(all.accounted - std::min(in_traps, all.accounted), all.accounted));
  return out + heading("Inside a trap", "mean cycles a trap; rows as above") + inside.text();
}

std::string walks(const Core& all) {
  if (all.walks.empty()) return heading("Translation table walks") + "  none\n";
  TextTable table({{"#"},
                   {"regime, stages, for", Left},
                   {"by", Left},
                   {"walks"},
                   {"faults"},
                   {"s1 fetches"},
                   {"s2 fetches"},
                   {"fetches/walk"},
                   {"mean"},
                   {"p50"},
                   {"p99"},
                   {"max"},
                   {"cycles"},
                   {"share"}});
  std::vector<TextTable::Column> columns = {{"#"}, {"stage 1"}, {"stage 2"}, {"of it final"}};
  for (unsigned i = 0; i < cost::kServedByCount; ++i) {
    columns.push_back({std::string(cost::name(static_cast<cost::ServedBy>(i)))});
  }
  TextTable inside(std::move(columns));
  std::vector<Walk> rows = all.walks;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Walk& a, const Walk& b) { return a.cycles.sum() > b.cycles.sum(); });
  u64 number = 0;
  for (const Walk& w : rows) {
    const u64 fetches = w.fetches_stage1 + w.fetches_stage2;
    const u64 cycles = w.cycles_stage1 + w.cycles_stage2;
    table.row({grouped(++number), text(w.key), text(w.key.context), grouped(w.count), zero_as_empty(w.faults),
               w.key.stage1 ? grouped(w.fetches_stage1) : "", w.key.stage2 ? grouped(w.fetches_stage2) : "",
               decimal(per(fetches, w.count)), decimal(w.cycles.mean()), grouped(w.cycles.quantile(0.5)),
               grouped(w.cycles.quantile(0.99)), grouped(w.cycles.max()), grouped(w.cycles.sum()),
               percent(w.cycles.sum(), all.accounted)});
    std::vector<std::string> cells = {grouped(number), w.key.stage1 ? percent(w.cycles_stage1, cycles) : "",
                                      w.key.stage2 ? percent(w.cycles_stage2, cycles) : "",
                                      w.key.stage2 ? percent(w.cycles_final_stage2, cycles) : ""};
    const u64 served = std::accumulate(w.served_by.begin(), w.served_by.end(), u64{0});
    for (const u64 by : w.served_by) cells.push_back(by == 0 ? "" : percent(by, served));
    inside.row(std::move(cells));
  }
  table.drop_empty_columns();
  inside.drop_empty_columns();
  return heading("Translation table walks", "mean to max: cycles of a walk") + table.text() +
         heading("Inside a walk",
                 "parts of its cycles by stage, then of its fetches by who served them; rows as above") +
         inside.text() + walks_by_level(all.walks);
}

/// The longest of the walks that were kept, fetch by fetch.
std::string explained_walk(const Report& report) {
  const ExplainedWalk* longest = nullptr;
  for (const Core& core : report.cores) {
    for (const ExplainedWalk& walk : core.recent_walks) {
      if (!longest || walk.fetches.size() > longest->fetches.size()) longest = &walk;
    }
  }
  if (!longest || longest->fetches.empty()) return {};
  return heading("A walk explained",
                 "the one of the last ones with the most fetches; more: trapwalk report --walks N") +
         tree(*longest);
}

std::string interrupts(const Report& report, const TextOptions& options) {
  if (report.interrupts.empty()) return heading("Interrupts") + "  none\n";
  const bool several = report.cores.size() > 1;
  TextTable table({{"interrupt", Left},
                   {"cpu"},
                   {"taken"},
                   {"mean"},
                   {"p50"},
                   {"p99"},
                   {"max"},
                   {"mean time"},
                   {"to signal"},
                   {"handler to drop"},
                   {"to deactivation"},
                   {"withdrawn"},
                   {"skewed"}});
  std::vector<Interrupt> rows = options.fold ? folded(report.interrupts) : report.interrupts;
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  for (const Interrupt& i : rows) {
    double mhz = 1000.0;
    for (const Core& core : report.cores) {
      if (core.cpu == i.cpu && core.frequency_mhz != 0) mhz = static_cast<double>(core.frequency_mhz);
    }
    const auto cycles = [mhz](double ps) { return decimal(ps * mhz / 1e6); };
    const auto mean = [&](const cost::Histogram& h) { return h.count() == 0 ? std::string() : cycles(h.mean()); };
    const auto quantile = [&](const cost::Histogram& h, double q) {
      return h.count() == 0 ? std::string() : cycles(static_cast<double>(h.quantile(q)));
    };
    const cost::Histogram& ack = i.asserted_to_ack_ps;
    table.row({text(i), several ? grouped(i.cpu) : "", grouped(i.count), mean(ack), quantile(ack, 0.5),
               quantile(ack, 0.99), quantile(ack, 1.0), ack.count() == 0 ? "" : duration(static_cast<u64>(ack.mean())),
               mean(i.asserted_to_signalled_ps), mean(i.ack_to_drop_ps), mean(i.ack_to_deactivate_ps),
               zero_as_empty(i.withdrawn), zero_as_empty(i.skewed)});
  }
  table.drop_empty_columns();
  return heading("Interrupts", "core cycles from the wire to the handler's acknowledge, then from there on") +
         table.text();
}

std::string unimplemented(const Report& report) {
  if (report.unimplemented.empty()) return {};
  TextTable table({{"instruction"}, {"first at"}, {"times"}});
  for (const UnimplementedEncoding& u : report.unimplemented) {
    table.row({fmt::format("{:#010x}", u.instruction), fmt::format("{:#x}", u.first_pc), grouped(u.count)});
  }
  return heading("Unimplemented encodings met", "UNDEFINED to the guest") + table.text();
}

std::string settings(const Report& report) {
  TextTable table(
      {{"parameter", Left}, {"value"}, {"default"}, {"unit", Left}, {"provenance", Left}, {"set by", Left}});
  for (const config::Parameter& p : report.configuration) {
    if (p.value == p.default_value) continue;
    table.row({p.key, config::text(p.value), config::text(p.default_value), p.unit,
               std::string(config::name(p.provenance)), p.set_by});
  }
  return table.empty() ? std::string() : heading("Parameters that are not at their default") + table.text();
}

}  // namespace

std::string to_text(const Report& report, const TextOptions& options) {
  const Core all = all_cores(report);
  return summary(report, all) + region_summary(report) + sampling_summary(report) + configuration_summary(report) +
         samples(report) + contexts(all) + causes(all) + traps(all, options) + walks(all) + explained_walk(report) +
         interrupts(report, options) + tlbs_text(all) + ghosts_text(report) + smmu_text(report) + pl330_text(report) +
         caches_text(all_caches(report, all)) + branches_text(all) + links_text(report) + dram_text(report) +
         violations_text(report) + unimplemented(report) + settings(report);
}

std::string to_text(const std::vector<config::Parameter>& parameters) {
  TextTable table({{"parameter", Left},
                   {"value"},
                   {"default"},
                   {"unit", Left},
                   {"range", Left},
                   {"provenance", Left},
                   {"set by", Left},
                   {"source", Left, 90}});
  for (const config::Parameter& p : parameters) {
    table.row({p.key, config::text(p.value), config::text(p.default_value), p.unit, config::range(p),
               std::string(config::name(p.provenance)), p.set_by, p.source});
  }
  table.drop_empty_columns();
  return table.text();
}

}  // namespace tw::report
