#include "sc_main/memory_statistics.hpp"

namespace tw::command {

std::vector<report::Link> links_of(interconnect::InterconnectModule& fabric) {
  std::vector<report::Link> links;
  for (const interconnect::Region& region : fabric.address_map().regions()) {
    const interconnect::Fabric::Statistics& s = fabric.fabric().target_statistics(region.target);
    links.push_back({region.name, s.transactions, s.bytes, s.waited_to_enter, s.waited_for_data});
  }
  return links;
}

report::Dram dram_of(const memory::Dram& dram, const memory::DramConfig& config, u64 measured_cycles,
                     u64 frequency_mhz) {
  const memory::Dram::Statistics& s = dram.statistics();
  return {.clock_mhz = config.clock_mhz,
          .elapsed_clocks = measured_cycles * config.clock_mhz / frequency_mhz,
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

}  // namespace tw::command
