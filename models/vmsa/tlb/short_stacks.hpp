// LRU stacks of the sets of one number of sets, where they are short: the times of the last uses themselves, newest
// first, moved by vectors.
#pragma once

#include <vector>

#include "base/types.hpp"

namespace tw::vmsa {

class ShortStacks final {
 public:
  using Time = i32;
  static constexpr Time kNever = -2;  ///< the last use of a page that is new

  ShortStacks(u64 sets, u64 ways);

  u64 sets() const { return sets_; }
  u64 ways() const { return ways_; }
  /// A page of page number `number`, last used at `last`, is used `now`, which is later than all uses before. Its depth
  /// before in its set; `ways()`: deeper, or not there.
  u64 use(u64 number, Time last, Time now) {
    const u64 set = power_of_two_ ? number & (sets_ - 1) : number % sets_;
    Chunk* const chunks = &chunks_[set * chunks_of_set_];
    return chunks_of_set_ <= kFew ? use<false>(chunks, last, now) : use<true>(chunks, last, now);
  }
  /// What was used at `times[n]`, ascending, was used at n.
  void renumber(const std::vector<Time>& times);

 private:
  static constexpr unsigned kLanes = 4;
  static constexpr u64 kFew = 4;  ///< chunks that are looked through faster than one can tell whether it needs to be
  using Lanes = Time __attribute__((vector_size(kLanes * sizeof(Time))));
  struct Chunk {
    Lanes times;
  };
  static constexpr Time kEmpty = -1;

  template <bool kStops>
  u64 use(Chunk* chunks, Time last, Time now) const;

  u64 sets_, ways_, chunks_of_set_;
  bool power_of_two_;
  std::vector<Chunk> chunks_;
};

/// All that is newer than `last` moves by one place, into that of `last` or beyond the end.
template <bool kStops>
u64 ShortStacks::use(Chunk* chunks, Time last, Time now) const {
  const Lanes lasts = Lanes{} + last;
  Lanes before = Lanes{} + now;
  Lanes newer{};
  for (u64 n = 0; n < chunks_of_set_; ++n) {
    const Lanes times = chunks[n].times;
    const Lanes joint = __builtin_shufflevector(before, times, 3, 3, 4, 4);
    const Lanes moved = __builtin_shufflevector(joint, times, 0, 2, 5, 6);
    newer -= times > lasts;
    chunks[n].times = moved > lasts ? moved : times;
    before = times;
    if (kStops && times[kLanes - 1] <= last) break;
  }
  const u64 depth = static_cast<u64>(newer[0] + newer[1] + newer[2] + newer[3]);
  return depth < ways_ ? depth : ways_;
}

}  // namespace tw::vmsa
