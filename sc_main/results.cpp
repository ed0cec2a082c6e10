#include "sc_main/results.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

#include "cpu/pipeline/branch_predictor.hpp"

namespace tw::command {

namespace {

std::map<u32, virt::Unimplemented> unimplemented(virt::Platform& platform) {
  std::map<u32, virt::Unimplemented> all;
  for (const auto& core : platform.complexes()) {
    for (const auto& [insn, met] : core->unimplemented()) {
      virt::Unimplemented& sum = all[insn];
      if (sum.count == 0) sum.first_pc = met.first_pc;
      sum.count += met.count;
    }
  }
  return all;
}

std::vector<report::Evictions> evictions(const mmu::TlbStatistics& statistics) {
  std::vector<report::Evictions> rows;
  for (const auto& [who, count] : statistics.evictions_by) {
    rows.push_back({{who.first.guest, who.first.vmid}, {who.second.guest, who.second.vmid}, count});
  }
  return rows;
}

report::TlbStatistics tlb(std::string name, u64 entries, u64 ways, const mmu::TlbStatistics& statistics) {
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

std::vector<report::Ghost> ghosts(virt::Platform& platform) {
  std::vector<report::Ghost> rows;
  for (const auto& core : platform.complexes()) {
    const std::vector<mmu::GhostResult> results = core->mmu().ghosts();
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
  return rows;
}

std::vector<report::BranchStatistics> branches(cpu::Cpu& core) {
  std::vector<report::BranchStatistics> rows;
  if (!core.predictor) return rows;
  for (const cpu::BranchPredictor::ContextCounts& entry : core.predictor->by_context()) {
    const cost::Context context{entry.context.el, entry.context.guest, Vmid{entry.context.vmid}};
    for (unsigned kind = 0; kind < cpu::kBranchKinds; ++kind) {
      const cpu::BranchCounts& counts = entry.counts[kind];
      if (counts.branches == 0) continue;
      const std::string name{cpu::kBranchKindNames[kind]};
      auto row = std::ranges::find_if(rows, [&](const report::BranchStatistics& other) {
        return other.context == context && other.kind == name;  // Secure and Non-secure are one context of a report
      });
      if (row == rows.end()) row = rows.insert(row, {.context = context, .kind = name});
      row->branches += counts.branches;
      row->taken += counts.taken;
      row->wrong_direction += counts.wrong_direction;
      row->wrong_target += counts.wrong_target;
      row->unknown_target += counts.unknown_target;
    }
  }
  return rows;
}

std::string_view name_of(cache::LevelId level) {
  switch (level) {
    case cache::LevelId::L1i:
      return "L1 instruction";
    case cache::LevelId::L1d:
      return "L1 data";
    case cache::LevelId::L2:
      return "L2";
    case cache::LevelId::L3:
      return "L3";
    case cache::LevelId::System:
      break;
  }
  return "system cache";
}

report::CacheStatistics cache_of(const cache::LevelConfig& level, const cache::LevelStatistics& statistics) {
  report::CacheStatistics cache;
  cache.name = name_of(level.id);
  cache.size = level.size;
  cache.ways = level.ways;
  cache.latency = level.latency;
  cache.evictions_by_others = statistics.evictions_by.others();
  for (const cache::StatisticRow& row : cache::kLevelStatistics) {
    cache.counts.rows.push_back({std::string(row.name), statistics.*row.member});
  }
  for (const auto& [victim, evictor, count] : statistics.evictions_by.rows()) {
    cache.evictions_by.push_back({{victim.guest, victim.vmid}, {evictor.guest, evictor.vmid}, count});
  }
  return cache;
}

/// A core's own caches, or those that all share.
std::vector<report::CacheStatistics> caches(const cache::Hierarchy& hierarchy, unsigned core, bool shared) {
  using enum cache::LevelId;
  std::vector<report::CacheStatistics> all;
  if (!hierarchy.enabled()) return all;
  for (const cache::LevelId level : {L1i, L1d, L2, L3, System}) {
    if (hierarchy.is_shared(level) != shared || hierarchy.statistics(level, core) == nullptr) continue;
    all.push_back(cache_of(*hierarchy.geometry(level, core), *hierarchy.statistics(level, core)));
  }
  return all;
}

std::string fidelity_of(const RunOptions& options) {
  if (options.timed) return "timed";
  return options.timed_from.empty() ? "functional" : "timed from " + options.timed_from;
}

std::vector<report::Link> links_of(interconnect::InterconnectModule& fabric) {
  std::vector<report::Link> links;
  for (const interconnect::Region& region : fabric.address_map().regions()) {
    const interconnect::Fabric::Statistics& s = fabric.fabric().target_statistics(region.target);
    links.push_back({region.name, s.transactions, s.bytes, s.waited_to_enter, s.waited_for_data});
  }
  return links;
}

report::Dram dram_of(const memory::Dram& dram, const virt::Settings& settings, u64 measured_cycles) {
  const memory::DramConfig& config = settings.config.dram;
  const memory::Dram::Statistics& s = dram.statistics();
  return {.clock_mhz = config.clock_mhz,
          .elapsed_clocks = measured_cycles * config.clock_mhz / settings.config.core.frequency_mhz,
          .bytes_per_clock = 2 * config.width * config.channels,
          .reads = s.reads,
          .writes = s.writes,
          .bytes = s.bytes,
          .row_hits = s.row_hits,
          .row_closed = s.row_closed,
          .row_conflicts = s.row_conflicts,
          .read_clocks = s.read_clocks,
          .queued_clocks = s.queued_clocks,
          .refresh_clocks = s.refresh_clocks,
          .bus_clocks = s.bus_clocks};
}

}  // namespace

void print_summary(virt::Platform& platform, double host_seconds) {
  virt::RunControl& control = platform.control();
  const double instructions = static_cast<double>(control.instructions());
  fmt::print(stderr, "\ntrapwalk: stopped: {}\n", describe(control.cause()));
  fmt::print(stderr, "trapwalk: {} instructions in {:.2f} s ({:.0f} MIPS), {:.6f} s simulated\n",
             control.instructions(), host_seconds, host_seconds > 0 ? instructions / host_seconds / 1e6 : 0.0,
             sc_core::sc_time_stamp().to_seconds());
  const auto met = unimplemented(platform);
  if (met.empty()) return;
  fmt::print(stderr, "trapwalk: unimplemented encodings met:\n");
  for (const auto& [insn, what] : met) {
    fmt::print(stderr, "  {:08x}  {} times, first at pc {:#x}\n", insn, what.count, what.first_pc);
  }
}

void check_conservation(virt::Platform& platform) {
  for (const auto& core : platform.complexes()) {
    cost::CoreLedger& ledger = core->ledger();
    ledger.settle();
    const u64 elapsed = ledger.elapsed() - ledger.origin();
    if (ledger.accounted() == elapsed) continue;
    throw std::logic_error(
        fmt::format("core {}: {} cycles elapsed, {} have an owner", ledger.cpu(), elapsed, ledger.accounted()));
  }
}

report::Report make_report(virt::Platform& platform, const virt::Settings& settings, const RunOptions& options,
                           const std::vector<std::string>& images, std::vector<config::Parameter> configuration,
                           int exit_status) {
  report::Report report;
  report.run = {.platform = "virt",
                .fidelity = fidelity_of(options),
                .images = images,
                .stopped = describe(platform.control().cause()),
                .exit_status = static_cast<u64>(exit_status),
                .simulated_ps = tlm::to_picoseconds(sc_core::sc_time_stamp())};
  const cache::Hierarchy& hierarchy = platform.caches();
  for (const auto& core : platform.complexes()) {
    report.cores.push_back(report::take_core(core->ledger(), settings.config.core.model,
                                             settings.config.core.frequency_mhz, tlbs(core->mmu()),
                                             caches(hierarchy, core->ledger().cpu(), false)));
    report.cores.back().branches = branches(core->core());
  }
  report.shared_caches = caches(hierarchy, 0, true);
  report.interrupts = report::take_interrupts(platform.interrupts());
  if (settings.config.interconnect.contention) report.links = links_of(platform.fabric());
  if (const memory::Dram* dram = platform.dram())
    report.dram.push_back(dram_of(*dram, settings, report.cores.front().cycles()));
  for (const auto& [insn, what] : unimplemented(platform)) {
    report.unimplemented.push_back({insn, what.first_pc, what.count});
  }
  report.ghosts = ghosts(platform);
  // What only concerns the host changes no result, and is no part of one.
  std::erase_if(configuration, [](const config::Parameter& parameter) { return parameter.key.starts_with("host."); });
  report.configuration = std::move(configuration);
  return report;
}

}  // namespace tw::command
