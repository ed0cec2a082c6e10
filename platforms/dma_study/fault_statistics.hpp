// What a fault handler did.
#pragma once

#include "cost/histogram.hpp"

namespace tw::study {

struct FaultStatistics {
  u64 mapped = 0;             ///< pages
  u64 terminated = 0;         ///< nothing belongs there
  u64 others = 0;             ///< events that no master waits for
  cost::Histogram answer_ps;  ///< from the interrupt to CMD_RESUME's doorbell
};

}  // namespace tw::study
