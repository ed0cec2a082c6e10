#include "vmsa/tlb/replacement.hpp"

#include <algorithm>
#include <ranges>

namespace tw::vmsa {

u32 oldest(std::span<const Residence> uses, u64 first, u64 ways) {
  u64 best = first;
  for (u64 line = first + 1; line < first + ways; ++line) best = uses[line].stamp < uses[best].stamp ? line : best;
  return static_cast<u32>(best);
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
