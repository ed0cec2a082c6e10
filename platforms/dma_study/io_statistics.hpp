// What software's I/Os came to.
#pragma once

#include "cost/histogram.hpp"

namespace tw::study {

/// Of all CPUs together.
struct IoStatistics {
  u64 started = 0, finished = 0;  ///< warm-up included
  u64 counted = 0;
  u64 begin_ps = 0, end_ps = 0;  ///< of those that are counted
  u64 wrong = 0;                 ///< data that went elsewhere, or that a device was refused
  u64 flushes = 0;               ///< deferred
  cost::Histogram io_ps;         ///< from its mapping to the end of its invalidation
  cost::Histogram unmap_ps;      ///< of that, unmapping and invalidation
  u64 elapsed_ps() const { return end_ps - begin_ps; }
};

}  // namespace tw::study
