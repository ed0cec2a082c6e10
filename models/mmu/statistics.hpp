// What each structure of the MMU counts, for the report.
#pragma once

#include <compare>
#include <map>
#include <utility>

#include "base/types.hpp"

namespace tw::mmu {

/// Who brought an entry in: a guest (stage 2 in force) by its VMID, or the rest (EL2, EL3, a host without stage 2).
struct Owner {
  bool guest = false;
  Vmid vmid{};
  auto operator<=>(const Owner&) const = default;
};

struct TlbStatistics {
  u64 lookups = 0;
  u64 hits = 0;
  u64 misses = 0;
  u64 insertions = 0;
  u64 evictions = 0;
  u64 invalidations = 0;  ///< TLBIs (and flushes for want of tags) that concern the structure
  u64 entries_invalidated = 0;
  /// (victim, evictor) -> evictions
  std::map<std::pair<Owner, Owner>, u64> evictions_by;
  bool operator==(const TlbStatistics&) const = default;
};

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
