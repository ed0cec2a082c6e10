#include "platforms/report/counters.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tw::report {

void merge_evictions(std::vector<Evictions>& to, const std::vector<Evictions>& more) {
  for (const Evictions& e : more) {
    const auto same = std::find_if(to.begin(), to.end(),
                                   [&](const Evictions& t) { return t.victim == e.victim && t.evictor == e.evictor; });
    if (same == to.end()) {
      to.push_back(e);
    } else {
      same->count += e.count;
    }
  }
}

void merge(TlbStatistics& to, const TlbStatistics& more) {
  to.lookups += more.lookups;
  to.hits += more.hits;
  to.misses += more.misses;
  to.insertions += more.insertions;
  to.evictions += more.evictions;
  to.invalidations += more.invalidations;
  to.entries_invalidated += more.entries_invalidated;
  merge_evictions(to.evictions_by, more.evictions_by);
}

void merge(Counts& to, const Counts& more) {
  for (const Counts::Row& row : more.rows) {
    const auto same =
        std::find_if(to.rows.begin(), to.rows.end(), [&](const Counts::Row& known) { return known.name == row.name; });
    if (same == to.rows.end()) {
      to.rows.push_back(row);
    } else {
      same->value += row.value;
    }
  }
}

u64 Counts::of(std::string_view name) const {
  for (const Row& row : rows) {
    if (row.name == name) return row.value;
  }
  return 0;
}

std::string text(const Owner& owner) {
  return owner.guest ? fmt::format("VMID {}", owner.vmid.value) : std::string("no stage 2");
}

}  // namespace tw::report
