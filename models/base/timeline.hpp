// When a resource that serves one thing at a time is busy. Cores and DMA masters run ahead of one another by up to a
// quantum, so requests do not arrive in the order of their times: one that comes late in host order but early in
// simulated time takes a gap that is still free, and does not queue behind the future.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/types.hpp"

namespace tw {

/// Times and lengths in one unit of the owner's choice.
class Timeline final {
 public:
  /// The first start >= `from` at which the resource is free for `length`. Changes nothing.
  u64 first_free(u64 from, u64 length) const {
    u64 start = std::max(from, horizon_);
    for (const Busy& busy : busy_) {
      if (busy.end <= start) continue;
      if (busy.begin >= start + length) break;
      start = busy.end;
    }
    return start;
  }

  /// Reserves [start, start + length), first_free(from, length) <= start; returns `start`.
  u64 reserve(u64 from, u64 length) {
    const u64 start = first_free(from, length);
    if (length != 0) occupy(start, start + length);
    return start;
  }

  /// Marks [begin, end) as busy; it must be free.
  void occupy(u64 begin, u64 end) {
    const auto after = std::find_if(busy_.begin(), busy_.end(), [&](const Busy& busy) { return busy.begin >= end; });
    const bool joins_after = after != busy_.end() && after->begin == end;
    const bool joins_before = after != busy_.begin() && (after - 1)->end == begin;
    if (joins_before && joins_after) {
      (after - 1)->end = after->end;
      busy_.erase(after);
    } else if (joins_before) {
      (after - 1)->end = end;
    } else if (joins_after) {
      after->begin = begin;
    } else {
      busy_.insert(after, {begin, end});
    }
    if (busy_.size() > kRemembered) forget_oldest();
  }

  void clear() {
    busy_.clear();
    horizon_ = 0;
  }

 private:
  struct Busy {
    u64 begin, end;
  };
  /// How many busy intervals are kept. A request from before the oldest one finds the resource busy until there.
  static constexpr std::size_t kRemembered = 64;

  void forget_oldest() {
    horizon_ = busy_.front().end;
    busy_.erase(busy_.begin());
  }

  std::vector<Busy> busy_;  ///< by begin, disjoint and not touching
  u64 horizon_ = 0;
};

}  // namespace tw
