#include "sc_main/results.hpp"

#include <cstdio>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

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
  return {tlb("L1 instruction", config.l1i_entries, 0, statistics.l1i),
          tlb("L1 data", config.l1d_entries, 0, statistics.l1d),
          tlb("L2", config.l2_entries, config.l2_ways, statistics.l2),
          tlb("IPA cache", config.ipa_entries, config.ipa_ways, statistics.ipa),
          tlb("walk cache", config.walk_cache_entries, config.walk_cache_ways, statistics.walk_cache)};
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
  for (const auto& core : platform.complexes()) {
    report.cores.push_back(report::take_core(core->ledger(), settings.config.core.model,
                                             settings.config.core.frequency_mhz, tlbs(core->mmu())));
  }
  report.interrupts = report::take_interrupts(platform.interrupts());
  if (settings.config.interconnect.contention) report.links = links_of(platform.fabric());
  if (const memory::Dram* dram = platform.dram())
    report.dram.push_back(dram_of(*dram, settings, report.cores.front().cycles()));
  for (const auto& [insn, what] : unimplemented(platform)) {
    report.unimplemented.push_back({insn, what.first_pc, what.count});
  }
  // What only concerns the host changes no result, and is no part of one.
  std::erase_if(configuration, [](const config::Parameter& parameter) { return parameter.key.starts_with("host."); });
  report.configuration = std::move(configuration);
  return report;
}

}  // namespace tw::command
