// What a structure of translations counts, for the report.
#pragma once

#include <compare>
#include <map>
#include <utility>

#include "base/types.hpp"

namespace tw::vmsa {

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

}  // namespace tw::vmsa
