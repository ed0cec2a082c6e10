// Miss curves of walk caches and IOTLBs against replays with structures of those sizes.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "platforms/replay/run.hpp"

namespace tw::replay {
namespace {

constexpr u64 k2M = u64{2} << 20;
constexpr u64 kLevels = 4;

struct Size {
  u64 sets, ways;
};
constexpr Size kSizes[] = {{1, 8}, {1, 32}, {4, 4}, {16, 2}, {32, 1}};

/// Pages of 60 tables of the last level, which all are in one table of the level above.
std::vector<trace::Record> records(u64 seed) {
  SplitMix64 random(seed);
  std::vector<trace::Record> all;
  for (unsigned n = 0; n < 20'000; ++n) {
    trace::Record record;
    const u64 table = random.below(3) != 0 ? random.below(12) : random.below(60);
    record.va = Va{table * k2M + random.below(8) * 4096};
    record.size = 8;
    record.vmid = Vmid{1};
    all.push_back(record);
  }
  return all;
}

/// Each level has a cache of its own: a walk has a descriptor of the last level, one more where the table was not
/// known, and the first has two above it.
TEST(Curves, OfWalkCaches) {
  const std::vector<trace::Record> all = records(1);
  for (const u64 l2_entries : {u64{0}, u64{64}}) {
    for (const auto& [sets, ways] : kSizes) {
      mmu::Config mmu;
      mmu.l1i_entries = mmu.l1d_entries = 0;
      mmu.l2_entries = l2_entries;
      mmu.walk_cache_entries = sets * ways;
      mmu.walk_cache_ways = ways;
      mmu.walk_cache_per_level = true;
      Replay replay({.paging = "native"}, mmu);
      replay.watch_walks({.most_entries = 64});
      replay.access(all);
      replay.finish();
      const mmu::MmuStatistics counted = replay.mmu().statistics();
      EXPECT_EQ(replay.walks()->together().references(), counted.walks);
      EXPECT_EQ(counted.descriptor_fetches,
                counted.walks + *replay.walks()->together().misses(sets, ways) + kLevels - 2)
          << sets << " sets, " << ways << " ways";
      EXPECT_EQ(replay.table_bytes(), k2M);
    }
  }
}

/// A shadow, whose leaves may be smaller than the guest's, and blocks.
TEST(Curves, WhatATableOfTheLastLevelMaps) {
  EXPECT_EQ(Replay({.leaf = k2M, .leaf2 = k2M}, {}).table_bytes(), 512 * k2M);
  EXPECT_EQ(Replay({.paging = "shadow", .leaf = k2M}, {}).table_bytes(), k2M);
  EXPECT_EQ(Replay({.granule = 65536, .leaf = 65536}, {}).table_bytes(), 8192 * u64{65536});
}

TEST(Curves, OfIotlbs) {
  std::vector<trace::Record> all = records(2);
  SplitMix64 random(3);
  for (trace::Record& record : all) {
    record.stream = StreamId{static_cast<u32>(1 + random.below(2))};
    record.vmid = Vmid{static_cast<u16>(random.below(2))};
    record.asid = Asid{static_cast<u16>(random.below(3))};  // 0: the stream's own
    record.size = static_cast<u32>(1 + random.below(3 * 4096));
  }
  MissCurve curve({}, {}, {.most_entries = 64}, CurveOf::Masters);
  curve.access(all);
  for (const auto& [sets, ways] : kSizes) {
    smmu::Config smmu;
    smmu.tbu_entries = 0;
    smmu.tlb_entries = sets * ways;
    smmu.tlb_ways = ways;
    Replay replay({}, {}, {}, smmu);
    replay.access(all);
    EXPECT_EQ(replay.dma()->counts().translations, curve.distances().references());
    EXPECT_EQ(replay.dma()->smmu().statistics().tlb.misses, curve.distances().misses(sets, ways))
        << sets << " sets, " << ways << " ways";
  }
}

TEST(Curves, OfOnePass) {
  std::vector<trace::Record> all = records(4);
  for (std::size_t n = 0; n < all.size(); n += 3) all[n].stream = StreamId{1};
  Settings settings;
  MemorySource source("mixed", all, {});
  const Outcome outcome = run(settings, {}, source, {.miss_curve = vmsa::StackDistances::Spec{.most_entries = 64}});
  EXPECT_EQ(outcome.iotlb_curve->distances().references(), outcome.dma.translations);
  EXPECT_EQ(outcome.miss_curve->distances().references(), outcome.counts.translations);
  EXPECT_GT(outcome.walk_cache_curve->together().references(), 0u);
}

}  // namespace
}  // namespace tw::replay
