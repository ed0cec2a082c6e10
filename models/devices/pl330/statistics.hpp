// What the PL330 has counted, thread by thread.
#pragma once

#include <array>

#include "devices/pl330/types.hpp"

namespace tw::devices::pl330 {

/// AXI bursts of one direction that are over.
struct BurstStatistics {
  u64 count = 0;
  u64 bytes = 0;   ///< of those that the bus did not refuse
  u64 cycles = 0;  ///< of all of them, from the request to the last beat
};

struct ThreadStatistics {
  u64 starts = 0;        ///< by DMAGO
  u64 instructions = 0;  ///< of its program, executed; not those of the debug registers
  u64 fetches = 0;       ///< lines of microcode
  BurstStatistics reads, writes;
  u64 faults = 0;
};

using Statistics = std::array<ThreadStatistics, kMostThreads>;

}  // namespace tw::devices::pl330
