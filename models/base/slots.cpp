#include "base/slots.hpp"

#include <algorithm>
#include <limits>

namespace tw {

u64 Slots::search(u64 from) const {
  if (servers_.empty()) return from;
  u64 earliest = std::numeric_limits<u64>::max();
  for (const Timeline& server : servers_) {
    earliest = std::min(earliest, server.next_free(from));
    if (earliest == from) break;
  }
  return earliest;
}

/// The first server that is free all the time, else the one that is free for longest from `begin` on.
void Slots::occupy(u64 begin, u64 end) {
  end_ = std::max(end_, end);
  Timeline* best = nullptr;
  u64 best_until = begin;
  for (Timeline& server : servers_) {
    const u64 until = server.next_busy(begin, end);
    if (best == nullptr || until > best_until) {
      best = &server;
      best_until = until;
    }
    if (until == end) break;
  }
  if (best != nullptr) best->occupy(begin, end);
}

void Slots::clear() {
  for (Timeline& server : servers_) server.clear();
  end_ = 0;
}

}  // namespace tw
