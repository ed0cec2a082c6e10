// One pass against a TLB of each size: the array that the modelled TLBs are made of, filled on each miss.
#include "vmsa/tlb/stack_distances.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "vmsa/tlb/tag_array.hpp"

namespace tw::vmsa {
namespace {

struct Reference {
  ContextWord context;
  u64 page;
};

/// Guests with some address spaces each: hot pages, scans and far jumps.
std::vector<Reference> references(u64 seed, std::size_t count) {
  SplitMix64 random(seed);
  std::vector<Reference> result;
  u64 scan = 0;
  Context context;
  context.stage2 = true;
  while (result.size() < count) {
    if (random.below(50) == 0) {
      context.vmid = Vmid{static_cast<u16>(random.below(3))};
      context.asid = Asid{static_cast<u16>(random.below(4))};
    }
    const u64 what = random.below(8);
    const u64 page = what < 4   ? random.below(24)
                     : what < 6 ? 1000 + random.below(300)
                     : what < 7 ? 5000 + scan++ % 700
                                : random.next() >> 28;
    for (u64 again = 1 + random.below(3); again != 0; --again) result.push_back({{context, false}, page});
  }
  result.resize(count);
  return result;
}

u64 misses_of_an_array(const std::vector<Reference>& all, u64 sets, u64 ways) {
  TagArray tags({.entries = sets * ways, .ways = ways});
  Counters counters;
  u64 misses = 0;
  for (const Reference& one : all) {
    if (tags.lookup(one.page << 12, one.context, counters) != TagArray::kNone) continue;
    ++misses;
    Tag tag;
    tag.context = one.context;
    tag.page = one.page;
    tags.insert(tag, counters);
  }
  return misses;
}

StackDistances one_pass(const std::vector<Reference>& all, const StackDistances::Spec& spec) {
  StackDistances distances(spec);
  for (const Reference& one : all) distances.reference(one.context, one.page);
  return distances;
}

TEST(StackDistances, EqualsTheArrayForRandomConfigurations) {
  SplitMix64 random(11);
  for (unsigned trace = 0; trace < 4; ++trace) {
    const std::vector<Reference> all = references(trace + 20, 40'000);
    const StackDistances distances = one_pass(all, {.most_entries = 1024});
    for (unsigned n = 0; n < 10; ++n) {
      const u64 sets = u64{1} << random.below(11);
      const u64 ways = 1 + random.below(distances.most_ways(sets));
      EXPECT_EQ(distances.misses(sets, ways), misses_of_an_array(all, sets, ways)) << sets << " sets, " << ways;
    }
  }
}

/// Also of sets that are no power of two, and of those that no other number divides.
TEST(StackDistances, EqualsTheArrayForEverySmallConfiguration) {
  const std::vector<Reference> all = references(31, 8'000);
  const StackDistances distances = one_pass(all, {.most_entries = 40, .set_counts = {2, 3, 4, 5, 6, 12, 20}});
  for (const u64 sets : distances.set_counts()) {
    for (u64 ways = 1; ways <= distances.most_ways(sets); ++ways) {
      EXPECT_EQ(distances.misses(sets, ways), misses_of_an_array(all, sets, ways)) << sets << " sets, " << ways;
    }
  }
}

/// Many ways: numbers of sets that are counted together, and those that are not.
TEST(StackDistances, EqualsTheArrayForLongStacks) {
  const std::vector<Reference> all = references(41, 40'000);
  const StackDistances distances =
      one_pass(all, {.most_entries = 600, .set_counts = {1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16}});
  SplitMix64 random(42);
  for (const u64 sets : distances.set_counts()) {
    for (const u64 ways : {u64{1}, 1 + random.below(distances.most_ways(sets)), distances.most_ways(sets)}) {
      EXPECT_EQ(distances.misses(sets, ways), misses_of_an_array(all, sets, ways)) << sets << " sets, " << ways;
    }
  }
}

TEST(StackDistances, BatchesAreReferencesOneByOne) {
  const std::vector<Reference> all = references(51, 30'000);
  std::vector<StackDistances::Reference> batch;
  for (const Reference& one : all) batch.push_back({one.context, one.page});
  StackDistances batched({.most_entries = 512});
  const auto middle = batch.begin() + 10'007;
  batched.reference({batch.begin(), middle});
  batched.reference({middle, batch.end()});
  const StackDistances distances = one_pass(all, {.most_entries = 512});
  EXPECT_EQ(batched.references(), all.size());
  EXPECT_EQ(batched.pages(), distances.pages());
  for (const u64 sets : distances.set_counts()) {
    for (u64 ways = 1; ways <= distances.most_ways(sets); ++ways) {
      ASSERT_EQ(batched.misses(sets, ways), distances.misses(sets, ways)) << sets << " sets, " << ways;
    }
  }
}

/// As after 2^31 uses.
TEST(StackDistances, TimesThatAreUsedUp) {
  const std::vector<Reference> all = references(61, 20'000);
  const StackDistances often = one_pass(all, {.most_entries = 512, .times = 700});
  const StackDistances never = one_pass(all, {.most_entries = 512});
  for (const u64 sets : never.set_counts()) {
    for (u64 ways = 1; ways <= never.most_ways(sets); ++ways) {
      ASSERT_EQ(often.misses(sets, ways), never.misses(sets, ways)) << sets << " sets, " << ways;
    }
  }
}

TEST(StackDistances, ClosedForms) {
  StackDistances distances({.most_entries = 256});
  // Pages 0..99 in turn, ten times: LRU with 99 entries or less hits nothing, with 100 all but the first time.
  for (unsigned round = 0; round < 10; ++round) {
    for (u64 page = 0; page < 100; ++page) distances.reference({}, page);
  }
  EXPECT_EQ(distances.references(), 1000u);
  EXPECT_EQ(distances.pages(), 100u);
  EXPECT_EQ(distances.misses(1, 99), 1000u);
  EXPECT_EQ(distances.misses(1, 100), 100u);
  EXPECT_EQ(distances.misses(1, 256), 100u);
  // 32 sets: four of them have 4 pages, the others 3.
  EXPECT_EQ(distances.misses(32, 2), 1000u);
  EXPECT_EQ(distances.misses(32, 3), 4u * 40 + 28 * 3);
  EXPECT_EQ(distances.misses(32, 4), 100u);
}

TEST(StackDistances, ContextsDoNotShare) {
  StackDistances distances({.most_entries = 4});
  Context context;
  for (unsigned n = 0; n < 6; ++n) {
    context.vmid = Vmid{static_cast<u16>(n % 2)};
    distances.reference({context, false}, 7);
  }
  EXPECT_EQ(distances.pages(), 2u);
  EXPECT_EQ(distances.misses(1, 1), 6u);
  EXPECT_EQ(distances.misses(1, 2), 2u);
}

/// Two parts in turn: each misses what it would alone, once what all use fits.
TEST(StackDistances, Parts) {
  StackDistances distances({.most_entries = 16});
  EXPECT_EQ(distances.add_part(), 1u);
  for (unsigned n = 0; n < 60; ++n) {
    const u32 part = n % 3 == 0;
    const StackDistances::Reference one{{}, part == 1 ? 100 + n % 2 : n % 4, part};
    distances.reference({&one, 1});
  }
  // Part 0 has the pages 0 to 3, 40 times one of them, and part 1 has 100 and 101.
  EXPECT_EQ(distances.misses(1, 6, 0), 4u);
  EXPECT_EQ(distances.misses(1, 6, 1), 2u);
  EXPECT_EQ(distances.misses(1, 1, 0), 40u);
  EXPECT_EQ(distances.misses(1, 1, 1), 20u);
  for (u64 ways = 1; ways <= 16; ++ways) {
    EXPECT_EQ(distances.misses(1, ways), *distances.misses(1, ways, 0) + *distances.misses(1, ways, 1));
  }
}

TEST(StackDistances, KnowsWhatItHasNotCounted) {
  StackDistances distances({.most_entries = 64, .set_counts = {1, 16}});
  EXPECT_EQ(distances.misses(16, 4), 0u);
  EXPECT_EQ(distances.misses(16, 5), std::nullopt);
  EXPECT_EQ(distances.misses(2, 1), std::nullopt);
  EXPECT_EQ(distances.misses(1, 0), std::nullopt);
  EXPECT_EQ(distances.most_ways(2), 0u);
}

}  // namespace
}  // namespace tw::vmsa
