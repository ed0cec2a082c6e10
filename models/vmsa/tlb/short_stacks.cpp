#include "vmsa/tlb/short_stacks.hpp"

#include <algorithm>
#include <bit>

namespace tw::vmsa {

ShortStacks::ShortStacks(u64 sets, u64 ways)
    : sets_(sets),
      ways_(ways),
      chunks_of_set_((ways + kLanes - 1) / kLanes),
      power_of_two_(std::has_single_bit(sets)),
      chunks_(sets * chunks_of_set_, Chunk{Lanes{} + kEmpty}) {}

void ShortStacks::renumber(const std::vector<Time>& times) {
  for (Chunk& chunk : chunks_) {
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      if (chunk.times[lane] == kEmpty) continue;
      const auto at = std::lower_bound(times.begin(), times.end(), chunk.times[lane]);
      chunk.times[lane] = static_cast<Time>(at - times.begin());
    }
  }
}

}  // namespace tw::vmsa
