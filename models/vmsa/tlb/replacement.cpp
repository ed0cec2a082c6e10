#include "vmsa/tlb/replacement.hpp"

#include <algorithm>
#include <functional>

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
  elders_.resize(ways);
  for (u64 way = 0; way < ways; ++way) elders_[way] = {uses[first + way].stamp, static_cast<u32>(first + way)};
  count_ = std::min<std::size_t>(kKept, ways / 4);
  const auto kept = elders_.begin() + static_cast<std::ptrdiff_t>(count_);
  std::ranges::nth_element(elders_, kept, {}, &Elder::stamp);
  std::ranges::sort(elders_.begin(), kept, std::greater<>{}, &Elder::stamp);
  return elders_[--count_].line;
}

}  // namespace tw::vmsa
