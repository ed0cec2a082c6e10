// A replay with caches: closed formulas, and what they must not change.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "platforms/replay/replay.hpp"
#include "platforms/replay/settings.hpp"

namespace tw::replay {
namespace {

constexpr u64 kMemory = 100, kL2 = 9, kFirst = 3;
constexpr u64 kPage = 4096;

trace::Record load(u64 va, u32 size = 8) {
  trace::Record record;
  record.va = Va{va};
  record.size = size;
  record.vmid = Vmid{1};
  return record;
}

/// One level of data and instructions, and no other, without a limit of what is outstanding.
cache::Config one_level() {
  cache::Config config;
  config.enabled = true;
  config.l2_size = 0;
  return config;
}

mmu::Config first_level_only() {
  mmu::Config config;
  config.l2_entries = 0;
  config.descriptor_latency = kFirst;
  return config;
}

Config native() { return {.paging = "native", .caches = true, .memory_cycles = kMemory}; }

u64 time_of(const Config& config, const std::vector<trace::Record>& records,
            const cache::Config& caches = one_level()) {
  Replay replay(config, first_level_only(), {}, {}, caches);
  replay.access(records);
  EXPECT_EQ(replay.counts().faults, 0u);
  replay.ledger().settle();
  EXPECT_EQ(replay.ledger().accounted(), replay.ledger().elapsed());
  return replay.ledger().elapsed();
}

TEST(ReplayCaches, AreNotThereUnlessAskedFor) {
  Replay replay({}, {});
  EXPECT_EQ(replay.caches(), nullptr);
}

/// Four descriptors of the first page come from memory; those of its neighbours are in the same lines.
TEST(ReplayCaches, WalksFindTheirDescriptorsInTheFirstLevel) {
  std::vector<trace::Record> records;
  for (u64 page = 0; page < 8; ++page) records.push_back(load(page * kPage));
  const u64 first = 4 * (kFirst + kMemory) + 1 + kMemory;
  const u64 other = 4 * kFirst + 1 + kMemory;
  EXPECT_EQ(time_of(native(), records), first + 7 * other);
  records.push_back(load(7 * kPage + 8));  // hits everywhere
  EXPECT_EQ(time_of(native(), records), first + 7 * other + 1);
  records.push_back(load(8 * kPage));  // the next line of the last level's table
  EXPECT_EQ(time_of(native(), records), first + 7 * other + 1 + 3 * kFirst + kFirst + kMemory + 1 + kMemory);
}

TEST(ReplayCaches, WalkersThatBeginAtTheSecondLevelPayForIt) {
  cache::Config caches;
  caches.enabled = true;
  caches.l2_latency = kL2;
  const u64 missing = kL2 + kMemory;
  EXPECT_EQ(time_of(native(), {load(0), load(kPage)}, caches),
            4 * (kFirst + missing) + 1 + missing + 4 * kFirst + 1 + missing);
  caches.walker_port = "l2";
  EXPECT_EQ(time_of(native(), {load(0), load(kPage)}, caches),
            4 * (kFirst + missing) + 1 + missing + 4 * (kFirst + kL2) + 1 + missing);
}

TEST(ReplayCaches, AnAccessWaitsForEachLine) {
  const u64 walk = 4 * (kFirst + kMemory);
  EXPECT_EQ(time_of(native(), {load(60, 4)}), walk + 1 + kMemory);
  EXPECT_EQ(time_of(native(), {load(60, 8)}), walk + 1 + 2 * kMemory);
  EXPECT_EQ(time_of(native(), {load(0, 300)}), walk + 1 + 5 * kMemory);
  // Two pages: two accesses, each with its walk.
  EXPECT_EQ(time_of(native(), {load(kPage - 4, 8)}), walk + 4 * kFirst + 2 * (1 + kMemory));
}

std::vector<trace::Record> random_records() {
  SplitMix64 random(7);
  std::vector<trace::Record> records;
  trace::Record context;
  for (unsigned n = 0; n < 30'000; ++n) {
    if (random.below(200) == 0) {
      context.vmid = Vmid{static_cast<u16>(1 + random.below(2))};
      context.asid = Asid{static_cast<u16>(random.below(3))};
    }
    trace::Record record = context;
    record.va =
        Va{(random.below(3) == 0 ? 0xFFFF'8000'0000'0000 : 0) + random.below(200) * kPage + random.below(kPage)};
    record.kind = static_cast<trace::Kind>(random.below(3));
    record.size = 1u << random.below(5);
    records.push_back(record);
  }
  return records;
}

class EveryPaging : public testing::TestWithParam<const char*> {};

/// Time alone is another; and shortcuts do not change that either.
TEST_P(EveryPaging, CachesChangeNothingButTime) {
  const std::vector<trace::Record> records = random_records();
  Config config{.paging = GetParam(), .memory_cycles = kMemory};
  Replay without(config, {});
  without.access(records);
  config.caches = true;
  Replay with(config, {}, {}, {}, one_level());
  with.access(records);
  config.shortcuts = false;
  Replay one_by_one(config, {}, {}, {}, one_level());
  one_by_one.access(records);
  EXPECT_EQ(with.counts(), without.counts());
  EXPECT_EQ(with.mmu().statistics(), without.mmu().statistics());
  EXPECT_GT(with.ledger().elapsed(), without.ledger().elapsed());
  EXPECT_EQ(with.ledger().elapsed(), one_by_one.ledger().elapsed());
  EXPECT_EQ(with.mmu().statistics(), one_by_one.mmu().statistics());
  for (const cache::LevelId level : {cache::LevelId::L1i, cache::LevelId::L1d}) {
    const cache::LevelStatistics& a = *with.caches()->statistics(level, 0);
    const cache::LevelStatistics& b = *one_by_one.caches()->statistics(level, 0);
    for (const cache::StatisticRow& row : cache::kLevelStatistics) EXPECT_EQ(a.*row.member, b.*row.member) << row.name;
    EXPECT_GT(a.misses, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, EveryPaging, testing::Values("native", "nested", "shadow", "direct"));

/// The replay's own tables are not the trace's memory, wherever that is.
TEST(ReplayCaches, TablesShareNoLineWithTheTracesData) {
  Config config = native();
  config.mapping = "own";
  const auto at = [&](u64 pa) {
    std::vector<trace::Record> records;
    for (u64 page = 0; page < 64; ++page) {
      trace::Record record = load(page * kPage);
      record.pa = Pa{pa + page * kPage};
      records.push_back(record);
    }
    return time_of(config, records);
  };
  EXPECT_EQ(at(u64{1} << 30), at(u64{1} << 40));
}

TEST(ReplayCaches, NeedCachesThatAreOn) {
  Settings settings;
  settings.replay.caches = true;
  ASSERT_EQ(validate(settings).size(), 1u);
  EXPECT_EQ(validate(settings)[0].where, "replay.caches");
  settings.platform.cache.enabled = true;
  EXPECT_TRUE(validate(settings).empty());
  settings.platform.cache.l1d_ways = 7;
  EXPECT_FALSE(validate(settings).empty());
  settings.replay.caches = false;
  EXPECT_TRUE(validate(settings).empty());
}

}  // namespace
}  // namespace tw::replay
