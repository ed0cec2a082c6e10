// A bounded list of events: the first or the last ones, and how many there was no room for.
#pragma once

#include <algorithm>
#include <vector>

#include "base/types.hpp"

namespace tw::cost {

/// Which events stay when there are more than fit.
enum class Keep : u8 { First, Last };

struct RingLimits {
  u64 limit = 0;  ///< 0: nobody asked for these events, none is counted
  Keep keep = Keep::Last;
};

template <class Event>
class EventRing final {
 public:
  explicit EventRing(RingLimits limits = {}) : limits_(limits) {}

  void add(const Event& event) {
    if (limits_.limit == 0) return;
    if (events_.size() < limits_.limit) {
      events_.push_back(event);
      newest_ = events_.size() - 1;
      return;
    }
    ++dropped_;
    if (limits_.keep == Keep::First) return;
    newest_ = (newest_ + 1) % events_.size();
    events_[newest_] = event;
  }
  /// The one that was added last and has stayed, to be made longer; nullptr: none has.
  Event* newest() { return events_.empty() ? nullptr : &events_[newest_]; }
  /// In the order in which they were added.
  std::vector<Event> events() const {
    std::vector<Event> all = events_;
    if (!all.empty()) std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(newest_ + 1), all.end());
    return all;
  }
  u64 dropped() const { return dropped_; }

 private:
  RingLimits limits_;
  std::vector<Event> events_;
  std::size_t newest_ = 0;
  u64 dropped_ = 0;
};

}  // namespace tw::cost
