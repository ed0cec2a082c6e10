#include "platforms/statistics/pl330.hpp"

#include <fmt/format.h>

namespace tw::statistics {

namespace {

namespace pl330 = devices::pl330;

report::Pl330Bursts bursts(const pl330::BurstStatistics& counted) {
  return {.count = counted.count, .bytes = counted.bytes, .cycles = counted.cycles};
}

report::Pl330Thread thread(std::string name, const pl330::ThreadStatistics& counted) {
  return {.name = std::move(name),
          .starts = counted.starts,
          .instructions = counted.instructions,
          .fetches = counted.fetches,
          .reads = bursts(counted.reads),
          .writes = bursts(counted.writes),
          .faults = counted.faults};
}

}  // namespace

report::Pl330 take_pl330(const pl330::Pl330& dmac) {
  report::Pl330 taken;
  taken.frequency_mhz = dmac.config().frequency_mhz;
  for (unsigned n = 0; n < dmac.config().channels; ++n) {
    taken.threads.push_back(thread(fmt::format("channel {}", n), dmac.statistics()[n]));
  }
  taken.threads.push_back(thread("manager", dmac.statistics()[pl330::kManager]));
  return taken;
}

}  // namespace tw::statistics
