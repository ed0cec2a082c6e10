// A number of equal things, each busy for a while: miss registers, write buffers. base/slots.hpp answers the same
// question from all that is known of a window of time; this one remembers only the last use of each, and costs every
// first-level miss a few nanoseconds.
#pragma once

#include <algorithm>
#include <vector>

#include "base/types.hpp"

namespace tw::cache {

/// Requests do not come in the order of their times, so a slot that is taken later leaves the time before free. The end
/// of a use is known only after its start was chosen: uses that come late in host order but begin early may for a
/// while be one more than there are slots.
class Occupancy final {
 public:
  /// `count` 0: as many as anybody wants.
  explicit Occupancy(u64 count) : uses_(count) {}

  /// The first time >= `from` at which one is free.
  u64 first_free(u64 from) const {
    if (from >= last_end_ || uses_.empty()) return from;
    while (true) {
      u64 soonest = ~u64{0};
      for (const Use& use : uses_) {
        if (!use.busy(from)) return from;
        soonest = std::min(soonest, use.end);
      }
      from = soonest;
    }
  }
  bool is_free(u64 at) const { return first_free(at) == at; }

  /// Takes one that is free at `begin` until `end`.
  void take(u64 begin, u64 end) {
    if (uses_.empty() || end <= begin) return;
    last_end_ = std::max(last_end_, end);
    Use* best = nullptr;
    for (Use& use : uses_) {
      if (use.busy(begin)) continue;
      // One whose use is over is better than one that is remembered for later.
      if (best == nullptr || (use.end <= begin && best->end > begin)) best = &use;
      if (best->end <= begin) break;
    }
    if (best != nullptr) *best = {begin, end};
  }

  void clear() {
    std::fill(uses_.begin(), uses_.end(), Use{});
    last_end_ = 0;
  }

 private:
  struct Use {
    u64 begin = 0, end = 0;
    bool busy(u64 at) const { return begin <= at && at < end; }
  };
  std::vector<Use> uses_;
  u64 last_end_ = 0;
};

}  // namespace tw::cache
