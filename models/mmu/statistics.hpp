// What the MMU counts, for the report.
#pragma once

#include "mmu/structures.hpp"

namespace tw::mmu {

struct MmuStatistics {
  TlbStatistics l1i, l1d, l1s, l2, ipa, walk_cache, walk_cache2;
  u64 walks = 0;  ///< with at least one descriptor fetch
  u64 walk_faults = 0;
  u64 descriptor_fetches = 0;
  u64 prefetches = 0;    ///< walks of nobody's access, not among `walks`
  u64 vmid_flushes = 0;  ///< for want of VMID tags
  u64 asid_flushes = 0;
  bool operator==(const MmuStatistics&) const = default;
};

/// What performance monitors count: totals since the start, whatever clear_statistics() forgets.
struct EventCounts {
  struct Level {
    u64 lookups = 0, refills = 0;
    bool operator==(const Level&) const = default;
  };
  Level l1i, l1d, l2;
  u64 instruction_walks = 0, data_walks = 0;
  bool operator==(const EventCounts&) const = default;
};

}  // namespace tw::mmu
