#include <gtest/gtest.h>

#include "cache/hierarchy.hpp"
#include "tlm/bench.hpp"

namespace tw::test {
namespace {

// Link and RAM of the bench: 16 beats of four bytes.
constexpr u64 kLineCycles = 10 + 15 * 2 + 7;

cache::Hierarchy caches() {
  cache::Config config;
  config.enabled = true;
  config.l1d_size = 128;
  config.l1d_ways = 1;
  config.l2_size = 0;
  return {config, 1, bench().cache_memory};
}

u64 go(cache::Hierarchy& of, Pa pa, cache::Kind kind, bool cacheable = true) {
  cost::Latency latency;
  const u64 now = bench().clock.cycles_up(sc_core::sc_time_stamp());
  of.access(0, {.pa = pa, .now = now + 1000, .kind = kind, .cacheable = cacheable}, latency);
  return latency.total();
}

TEST(CacheMemory, ALineFillIsATransactionForItsTime) {
  cache::Hierarchy of = caches();
  ASSERT_TRUE(bench().ram.write(0x100, 8, 0xABCD));
  const sc_core::sc_time before = sc_core::sc_time_stamp();
  EXPECT_EQ(go(of, Bench::kRam + 0x100, cache::Kind::Store), kLineCycles);
  EXPECT_EQ(go(of, Bench::kRam + 0x108, cache::Kind::Load), kLineCycles) << "still under way at the same time";
  EXPECT_EQ(sc_core::sc_time_stamp(), before);
  u64 value = 0;
  ASSERT_TRUE(bench().ram.read(0x100, 8, value));
  EXPECT_EQ(value, 0xABCDu) << "no data move";
}

TEST(CacheMemory, AWriteBackIsNotWaitedFor) {
  cache::Hierarchy of = caches();
  go(of, Bench::kRam + 0x100, cache::Kind::Store);
  EXPECT_EQ(go(of, Bench::kRam + 0x180, cache::Kind::Load), kLineCycles);
  EXPECT_EQ(of.statistics(cache::LevelId::L1d, 0)->write_backs, 1u);
}

TEST(CacheMemory, UncachedAccessesHaveTheirSize) {
  cache::Hierarchy of = caches();
  EXPECT_EQ(go(of, Bench::kRam, cache::Kind::Load, false), 10u + 2u + 7u);
  EXPECT_EQ(go(of, Bench::kRam, cache::Kind::Store, false), 10u + 2u + 7u);
}

}  // namespace
}  // namespace tw::test
