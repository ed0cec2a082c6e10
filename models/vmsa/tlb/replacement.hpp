// Who leaves a set that is full.
#pragma once

#include <bit>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types.hpp"
#include "vmsa/residence.hpp"

namespace tw::vmsa {

enum class Policy : u8 { Lru, Plru, Fifo, Random };

constexpr std::optional<Policy> policy_of(std::string_view name) {
  constexpr std::pair<std::string_view, Policy> kPolicies[] = {
      {"lru", Policy::Lru}, {"plru", Policy::Plru}, {"fifo", Policy::Fifo}, {"random", Policy::Random}};
  for (const auto& [known, policy] : kPolicies) {
    if (name == known) return policy;
  }
  return std::nullopt;
}

/// LRU of the `ways` lines from `first` on.
inline u32 oldest(std::span<const Residence> uses, u64 first, u64 ways) {
  u64 best = first;
  for (u64 line = first + 1; line < first + ways; ++line) best = uses[line].stamp < uses[best].stamp ? line : best;
  return static_cast<u32>(best);
}

/// The same of one large set, with one search for half of it: stamps only grow, so whichever of the oldest lines
/// then has not been used since is the oldest now.
class Elders final {
 public:
  u32 next(std::span<const Residence> uses, u64 first, u64 ways) {
    while (count_ != 0) {
      const Elder& elder = elders_[--count_];
      if (uses[elder.line].stamp == elder.stamp) return elder.line;
    }
    find(uses, first, ways);
    return elders_[--count_].line;
  }

 private:
  void find(std::span<const Residence> uses, u64 first, u64 ways);

  struct Elder {
    u64 stamp;
    u32 line;
  };
  std::vector<Elder> elders_;  ///< `count_` of them, the oldest last
  std::size_t count_ = 0;
};

/// Pseudo LRU by one bit a way, a word a set: set by a use; the last of a set's bits that would be set clears the
/// others. The victim is the first way without it.
struct RecentBits {
  static constexpr u64 kMostWays = 64;
  static constexpr u64 all(u64 ways) { return ways >= kMostWays ? ~u64{0} : (u64{1} << ways) - 1; }
  static void use(u64& set, u64 way, u64 ways) {
    set |= u64{1} << way;
    if (set == all(ways)) set = u64{1} << way;
  }
  static u64 victim(u64 set, u64 ways) {
    const u64 old = all(ways) & ~set;
    return old == 0 ? 0 : static_cast<u64>(std::countr_zero(old));
  }
};

}  // namespace tw::vmsa
