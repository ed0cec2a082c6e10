#include "vmsa/tlb/replacement.hpp"

#include <algorithm>
#include <limits>
#include <ranges>

namespace tw::vmsa {

/// Four searches side by side: each step of one waits for its last.
u32 oldest(std::span<const Residence> uses, u64 first, u64 ways) {
  struct Best {
    u64 stamp = std::numeric_limits<u64>::max();
    u64 line = 0;
  };
  Best best[4];
  u64 at = 0;
  for (; at + 4 <= ways; at += 4) {
    for (unsigned lane = 0; lane < 4; ++lane) {
      const u64 stamp = uses[first + at + lane].stamp;
      best[lane] = stamp < best[lane].stamp ? Best{stamp, at + lane} : best[lane];
    }
  }
  for (; at < ways; ++at) {
    if (uses[first + at].stamp < best[0].stamp) best[0] = {uses[first + at].stamp, at};
  }
  for (unsigned lane = 1; lane < 4; ++lane) {
    if (best[lane].stamp < best[0].stamp) best[0] = best[lane];
  }
  return static_cast<u32>(first + best[0].line);
}

u32 Elders::next(std::span<const Residence> uses, u64 first, u64 ways) {
  while (count_ != 0) {
    const Elder& elder = elders_[--count_];
    if (uses[elder.line].stamp == elder.stamp) return elder.line;
  }
  count_ = static_cast<unsigned>(std::min<u64>(kKept, ways / 4));
  const auto as_elder = [&](u64 line) { return Elder{uses[line].stamp, static_cast<u32>(line)}; };
  const auto kept = elders_ | std::views::take(count_);
  // The youngest first, so that the oldest is at the end.
  std::ranges::partial_sort_copy(std::views::iota(first, first + ways) | std::views::transform(as_elder), kept, {},
                                 &Elder::stamp, &Elder::stamp);
  std::ranges::reverse(kept);
  return elders_[--count_].line;
}

}  // namespace tw::vmsa
