// n identical servers of requests whose end is only known once they are on their way: outstanding transactions of a
// port, miss registers of a cache, walkers of an MMU.
#pragma once

#include <vector>

#include "base/timeline.hpp"

namespace tw {

/// Ask first_free(), follow the request from that time to its end, then occupy(): the two calls belong together.
/// Requests may come out of the order of their times, as with Timeline. One that comes late may then run into a
/// reservation which was made for later: that one stays, and for so long more than n are busy.
class Slots final {
 public:
  /// With a count of zero there is no limit.
  explicit Slots(unsigned count, u64 window = Timeline::kWindow) : servers_(count, Timeline(window)) {}

  /// The first instant >= `from` at which a server is free. Changes nothing.
  u64 first_free(u64 from) const { return from >= end_ ? from : search(from); }
  /// A request keeps one of them busy over [begin, end).
  void occupy(u64 begin, u64 end);
  void clear();

 private:
  u64 search(u64 from) const;

  std::vector<Timeline> servers_;
  u64 end_ = 0;  ///< of the latest request: all are free from there on
};

}  // namespace tw
