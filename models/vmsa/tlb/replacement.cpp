#include "vmsa/tlb/replacement.hpp"

#include <algorithm>
#include <functional>

namespace tw::vmsa {

void Elders::find(std::span<const Residence> uses, u64 first, u64 ways) {
  elders_.resize(ways);
  for (u64 way = 0; way < ways; ++way) elders_[way] = {uses[first + way].stamp, static_cast<u32>(first + way)};
  count_ = ways / 2;
  const auto kept = elders_.begin() + static_cast<std::ptrdiff_t>(count_);
  std::ranges::nth_element(elders_, kept, {}, &Elder::stamp);
  std::ranges::sort(elders_.begin(), kept, std::greater<>{}, &Elder::stamp);
}

}  // namespace tw::vmsa
