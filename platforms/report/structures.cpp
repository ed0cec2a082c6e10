#include "platforms/report/structures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "platforms/report/format.hpp"

namespace tw::report {
namespace {

using enum Align;

std::string zero_as_empty(u64 number) { return number == 0 ? "" : grouped(number); }

}  // namespace

std::string structures_text(const std::vector<TlbStatistics>& all, std::string_view title,
                            std::string_view evictions_title) {
  TextTable table({{"structure", Left},
                   {"entries"},
                   {"ways"},
                   {"lookups"},
                   {"hits"},
                   {"misses"},
                   {"miss rate"},
                   {"insertions"},
                   {"evictions"},
                   {"TLBIs"},
                   {"removed by TLBI"}});
  TextTable by({{"structure", Left}, {"victim", Left}, {"evictor", Left}, {"evictions"}});
  for (const TlbStatistics& t : all) {
    if (t.entries == 0) continue;
    table.row({t.name, grouped(t.entries), t.ways == 0 ? "full" : grouped(t.ways), grouped(t.lookups), grouped(t.hits),
               grouped(t.misses), percent(t.misses, t.lookups), grouped(t.insertions), grouped(t.evictions),
               grouped(t.invalidations), grouped(t.entries_invalidated)});
    std::vector<Evictions> evictions = t.evictions_by;
    std::stable_sort(evictions.begin(), evictions.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    for (const Evictions& e : evictions) by.row({t.name, text(e.victim), text(e.evictor), grouped(e.count)});
  }
  if (table.empty()) return {};
  std::string out = heading(title) + table.text();
  if (!by.empty()) out += heading(evictions_title) + by.text();
  return out;
}

std::string tlbs_text(const Core& all) { return structures_text(all.tlbs, "TLBs and walk caches", "Who evicted whom"); }

std::string caches_text(const std::vector<CacheStatistics>& all) {
  TextTable table({{"cache", Left},
                   {"KB"},
                   {"ways"},
                   {"accesses"},
                   {"misses"},
                   {"miss rate"},
                   {"merged"},
                   {"from peers"},
                   {"written back"},
                   {"evicted"},
                   {"prefetched"},
                   {"useful"},
                   {"late"},
                   {"snooped"},
                   {"invalidated"}});
  TextTable by({{"cache", Left}, {"victim", Left}, {"evictor", Left}, {"evictions"}});
  for (const CacheStatistics& c : all) {
    const auto count = [&](std::string_view name) { return zero_as_empty(c.counts.of(name)); };
    const u64 accesses = c.counts.of("accesses"), misses = c.counts.of("misses");
    table.row({c.name, grouped(c.size / 1024), grouped(c.ways), grouped(accesses), grouped(misses),
               percent(misses, accesses), count("merges"), count("from_peers"), count("write_backs"),
               count("evictions"), count("prefetches"), count("prefetches_useful"), count("prefetches_late"),
               count("snoops"),
               zero_as_empty(c.counts.of("snoop_invalidations") + c.counts.of("back_invalidations") +
                             c.counts.of("maintenance_invalidations"))});
    std::vector<Evictions> evictions = c.evictions_by;
    std::stable_sort(evictions.begin(), evictions.end(),
                     [](const auto& a, const auto& b) { return a.count > b.count; });
    for (const Evictions& e : evictions) by.row({c.name, text(e.victim), text(e.evictor), grouped(e.count)});
    if (c.evictions_by_others != 0) by.row({c.name, "others", "", grouped(c.evictions_by_others)});
  }
  if (table.empty()) return {};
  table.drop_empty_columns();
  std::string out = heading("Caches") + table.text();
  if (!by.empty()) out += heading("Whose lines made way for whose") + by.text();
  return out;
}

std::string links_text(const Report& report) {
  TextTable table({{"to", Left}, {"transactions"}, {"bytes"}, {"waited to enter"}, {"waited for data"}, {"mean wait"}});
  for (const Link& l : report.links) {
    if (l.transactions == 0) continue;
    const double waited = static_cast<double>(l.waited_to_enter + l.waited_for_data);
    table.row({l.name, grouped(l.transactions), grouped(l.bytes), grouped(l.waited_to_enter),
               grouped(l.waited_for_data), fmt::format("{:.1f}", waited / static_cast<double>(l.transactions))});
  }
  return table.empty() ? std::string() : heading("Interconnect", "core cycles") + table.text();
}

std::string dram_text(const Report& report) {
  TextTable table({{"clock", Left},
                   {"reads"},
                   {"writes"},
                   {"bytes"},
                   {"of the bandwidth"},
                   {"row hits"},
                   {"rows closed"},
                   {"conflicts"},
                   {"hit rate"},
                   {"clocks a read"},
                   {"queued"},
                   {"for refresh"}});
  for (const Dram& d : report.dram) {
    const u64 bursts = d.row_hits + d.row_closed + d.row_conflicts;
    table.row(
        {fmt::format("{} MHz", d.clock_mhz), grouped(d.reads), grouped(d.writes), grouped(d.bytes),
         percent(d.bytes, d.elapsed_clocks * d.bytes_per_clock), grouped(d.row_hits), grouped(d.row_closed),
         grouped(d.row_conflicts), percent(d.row_hits, bursts),
         d.reads == 0 ? "" : fmt::format("{:.1f}", static_cast<double>(d.read_clocks) / static_cast<double>(d.reads)),
         grouped(d.queued_clocks), grouped(d.refresh_clocks)});
  }
  return table.empty() ? std::string() : heading("DRAM", "rows by burst; waiting in clocks of the DRAM") + table.text();
}

std::string violations_text(const Report& report) {
  if (report.violations.empty()) return {};
  TextTable table({{"violation", Left},
                   {"times"},
                   {"first on"},
                   {"cycle"},
                   {"PC"},
                   {"stage"},
                   {"address"},
                   {"descriptor"},
                   {"VMID"},
                   {"ASID"}});
  std::string meanings;
  for (const ContractViolation& v : report.violations) {
    table.row({v.kind, grouped(v.count), fmt::format("core {}", v.cpu), grouped(v.cycle), fmt::format("{:#x}", v.pc),
               grouped(v.stage), fmt::format("{:#x}", v.address), fmt::format("{:#x}", v.descriptor),
               grouped(u64{v.vmid.value}), grouped(v.asid)});
    meanings += fmt::format("{}: {}\n", v.kind, v.what);
  }
  return heading("Contract violations", "what the software owed the MMU") + table.text() + meanings;
}

std::string ghosts_text(const Report& report) {
  if (report.ghosts.empty()) return {};
  TextTable table(
      {{"structure", Left}, {"entries"}, {"ways"}, {"lookups"}, {"misses"}, {"miss rate"}, {"estimated cycles"}});
  for (const Ghost& g : report.ghosts) {
    table.row({g.structure, grouped(g.entries), g.ways == 0 ? "full" : grouped(g.ways), grouped(g.lookups),
               grouped(g.misses), percent(g.misses, g.lookups), grouped(g.estimated_cycles)});
  }
  return heading("Ghosts", "structures of other sizes in this run; cycles at this run's mean cost of a miss") +
         table.text();
}

}  // namespace tw::report
