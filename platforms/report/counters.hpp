// Statistics that several parts of a report have: counters by name, and what a TLB counts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"

namespace tw::report {

/// Who brought a TLB entry in: a guest by its VMID, or what runs without stage 2 (EL2, EL3, a host).
struct Owner {
  bool guest = false;
  Vmid vmid{};
  auto operator<=>(const Owner&) const = default;
};

/// Entries of `victim` that `evictor` pushed out.
struct Evictions {
  Owner victim;
  Owner evictor;
  u64 count = 0;
  bool operator==(const Evictions&) const = default;
};

/// Statistics of one TLB, walk cache or IPA cache.
struct TlbStatistics {
  std::string name;  ///< "L1 data"
  u64 entries = 0;
  u64 ways = 0;  ///< 0: fully associative
  u64 lookups = 0;
  u64 hits = 0;
  u64 misses = 0;
  u64 insertions = 0;
  u64 evictions = 0;
  u64 invalidations = 0;  ///< TLBIs (and flushes for want of VMID tags) that concern the structure
  u64 entries_invalidated = 0;
  std::vector<Evictions> evictions_by;
  bool operator==(const TlbStatistics&) const = default;
};

/// Counters by name, in the order of their block's rows.
struct Counts {
  struct Row {
    std::string name;
    u64 value = 0;
    bool operator==(const Row&) const = default;
  };
  std::vector<Row> rows;
  /// 0 without such a row.
  u64 of(std::string_view name) const;
  bool operator==(const Counts&) const = default;
};

/// Adds what `more` counted of the same structure.
void merge(TlbStatistics& to, const TlbStatistics& more);
void merge(Counts& to, const Counts& more);
void merge_evictions(std::vector<Evictions>& to, const std::vector<Evictions>& more);

/// "VMID 3", "no stage 2".
std::string text(const Owner& owner);

}  // namespace tw::report
