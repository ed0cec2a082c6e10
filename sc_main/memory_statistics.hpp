// What interconnect and memory have counted, as rows of a report.
#pragma once

#include <vector>

#include "interconnect/tlm/interconnect_module.hpp"
#include "memory/dram.hpp"
#include "platforms/report/report.hpp"

namespace tw::command {

std::vector<report::Link> links_of(interconnect::InterconnectModule& fabric);
/// `measured_cycles` at `frequency_mhz`.
report::Dram dram_of(const memory::Dram& dram, const memory::DramConfig& config, u64 measured_cycles,
                     u64 frequency_mhz);

}  // namespace tw::command
