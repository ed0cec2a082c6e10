// Which line gives way, by hand.
#include "unit/cache/support.hpp"

namespace tw {
namespace {

using cache::Policy;
using cache::State;
using cache::TagArray;

/// One set of four ways that holds lines 0, 1, 2, 3 in that order.
TagArray full(Policy policy, u64 seed = 1) {
  TagArray tags(1, 4, policy, seed);
  for (u64 key = 0; key < 4; ++key) tags.put(tags.place_for(key), key, State::Shared);
  return tags;
}

u64 victim(TagArray& tags) { return tags.key(tags.place_for(99)); }

TEST(Policies, LruTakesTheOneUsedLongestAgo) {
  TagArray tags = full(Policy::Lru);
  EXPECT_EQ(victim(tags), 0u);
  tags.touch(tags.find(0));
  tags.touch(tags.find(2));
  EXPECT_EQ(victim(tags), 1u);
}

TEST(Policies, TreeLruPointsAwayFromEachUse) {
  TagArray tags = full(Policy::Plru);
  // The root points away from 3, to {0, 1}; that node away from 1.
  EXPECT_EQ(victim(tags), 0u);
  tags.touch(tags.find(0));
  EXPECT_EQ(victim(tags), 2u);
  tags.touch(tags.find(2));
  EXPECT_EQ(victim(tags), 1u);  // true LRU would say 1 as well
  tags.touch(tags.find(1));
  EXPECT_EQ(victim(tags), 3u);
  tags.touch(tags.find(3));
  EXPECT_EQ(victim(tags), 0u);
  tags.touch(tags.find(0));
  tags.touch(tags.find(1));
  tags.touch(tags.find(0));
  EXPECT_EQ(victim(tags), 2u);
}

TEST(Policies, SrripKeepsWhatWasUsedAgainThroughAScan) {
  TagArray tags = full(Policy::Srrip);
  tags.touch(tags.find(1));
  for (u64 key = 10; key < 16; ++key) {
    const u32 place = tags.place_for(key);
    EXPECT_NE(tags.key(place), 1u) << key;
    tags.put(place, key, State::Shared);
    if (key == 12) break;
  }
  EXPECT_NE(tags.find(1), TagArray::kAbsent);
}

TEST(Policies, RandomIsTheSameForTheSameSeedAndTakesEveryWay) {
  TagArray a = full(Policy::Random, 7), b = full(Policy::Random, 7), c = full(Policy::Random, 8);
  unsigned seen = 0, differences = 0;
  for (unsigned n = 0; n < 64; ++n) {
    const u64 of_a = victim(a);
    EXPECT_EQ(of_a, victim(b));
    differences += of_a != victim(c);
    seen |= 1u << of_a;
  }
  EXPECT_EQ(seen, 15u);
  EXPECT_GT(differences, 0u);
}

TEST(Occupancy, LeavesTheTimeBeforeItFree) {
  cache::Occupancy slots(1);
  slots.take(100, 200);
  EXPECT_EQ(slots.first_free(100), 200u);
  EXPECT_EQ(slots.first_free(199), 200u);
  EXPECT_EQ(slots.first_free(200), 200u);
  EXPECT_EQ(slots.first_free(99), 99u);
  cache::Occupancy unlimited(0);
  unlimited.take(0, 100);
  EXPECT_EQ(unlimited.first_free(50), 50u);
}

TEST(Prefetchers, StayInsideThePage) {
  cache::Prefetcher next(cache::PrefetcherKind::NextLine, 4, 64);
  const auto guesses = next.train(Pa{0x1F80}, 0x1F80 / 64, 0);
  ASSERT_EQ(guesses.size(), 1u);
  EXPECT_EQ(guesses[0], 0x1FC0u / 64);
  cache::Prefetcher stride(cache::PrefetcherKind::Stride, 2, 64);
  // Downwards, by less than a line: guesses are whole lines ahead.
  std::vector<u64> lines;
  for (u64 pa = 0x1400; pa > 0x1380; pa -= 16) {
    lines.clear();
    for (const u64 key : stride.train(Pa{pa}, pa / 64, 0x40)) lines.push_back(key * 64);
  }
  EXPECT_EQ(lines, (std::vector<u64>{0x1340, 0x1300}));
}

}  // namespace
}  // namespace tw
