#include "interconnect/fabric.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace tw::interconnect {
namespace {

constexpr u64 kTarget = 50;  ///< what the target takes

/// One initiator and one target with a latency of 10, 16 bytes and 2 cycles a beat.
struct Bench {
  Fabric fabric;
  explicit Bench(bool contention, const Link& near = kIdealLink,
                 const Link& far = {.latency = 10, .width = 16, .beat = 2})
      : fabric(contention) {
    fabric.add_initiator(near);
    fabric.add_initiator(near);
    fabric.add_target(far);
  }
  u64 end(u64 arrival, u64 bytes, bool write, unsigned initiator = 0, u64 takes = kTarget) {
    const auto passage = fabric.enter({.initiator = initiator, .target = 0, .bytes = bytes, .write = write}, arrival);
    return fabric.leave(passage, passage.at_target + takes);
  }
};

TEST(Fabric, AnIdleFabricCostsLatencyAndFurtherBeats) {
  for (const bool contention : {false, true}) {
    for (const bool write : {false, true}) {
      struct Row {
        u64 bytes, cycles;
      };
      for (const Row& row : {Row{1, 10}, Row{16, 10}, Row{17, 12}, Row{64, 16}, Row{4096, 520}}) {
        Bench bench(contention);
        EXPECT_EQ(bench.end(1000, row.bytes, write), 1000 + row.cycles + kTarget) << row.bytes;
        EXPECT_EQ(bench.fabric.idle_cycles({.bytes = row.bytes}), row.cycles);
      }
    }
  }
}

TEST(Fabric, TheNarrowerPortSetsThePaceAndLatenciesAdd) {
  Bench bench(true, {.latency = 5, .width = 4, .beat = 1});
  EXPECT_EQ(bench.end(0, 64, false), 5 + 10 + kTarget + 15);  // 16 beats of 1 here, 4 of 2 there
}

TEST(Fabric, WithoutContentionNobodyWaits) {
  Bench bench(false, kIdealLink, {.latency = 10, .width = 16, .beat = 2, .outstanding = 1});
  for (unsigned n = 0; n < 100; ++n) EXPECT_EQ(bench.end(0, 64, n % 2 == 0), 10 + 6 + kTarget);
}

TEST(Fabric, ReadDataQueueForTheChannel) {
  Bench bench(true);
  EXPECT_EQ(bench.end(0, 64, false, 0), 66u);
  EXPECT_EQ(bench.end(7, 64, false, 1), 74u) << "data are there at 67, the channel is free at 68: a cycle";
  EXPECT_EQ(bench.end(16, 64, false, 0), 82u) << "data at 76, and the channel free then: none";
  EXPECT_EQ(bench.fabric.target_statistics(0).waited_for_data, 1u);
}

TEST(Fabric, WritesQueueBeforeTheyEnterAndDoNotMeetReads) {
  Bench bench(true);
  EXPECT_EQ(bench.end(0, 64, true, 0), 66u);
  EXPECT_EQ(bench.end(7, 64, true, 1), 74u);
  EXPECT_EQ(bench.end(0, 64, false, 1), 66u);
  EXPECT_EQ(bench.fabric.target_statistics(0).waited_to_enter, 1u);
  EXPECT_EQ(bench.fabric.target_statistics(0).transactions, 3u);
  EXPECT_EQ(bench.fabric.target_statistics(0).bytes, 192u);
}

TEST(Fabric, ManyReadsReachTheBandwidthOfTheLink) {
  for (const bool write : {false, true}) {
    Bench bench(true);
    constexpr unsigned kCount = 500;
    u64 last = 0;
    for (unsigned n = 0; n < kCount; ++n) last = std::max(last, bench.end(0, 64, write, n % 2));
    EXPECT_EQ(last, 10 + kTarget + kCount * 8 - 2) << "8 cycles for 64 bytes; the last beat's two are in the latency";
  }
}

TEST(Fabric, ALimitOfTheTargetHoldsOverAllInitiators) {
  Bench bench(true, kIdealLink, {.latency = 10, .width = 16, .beat = 0, .outstanding = 2});
  EXPECT_EQ(bench.end(0, 8, false, 0), 60u);
  EXPECT_EQ(bench.end(1, 8, false, 1), 61u);
  EXPECT_EQ(bench.end(59, 8, false, 0), 120u) << "N-1: waits one cycle for the first to end";
  EXPECT_EQ(bench.end(61, 8, false, 0), 121u) << "N: does not wait";
}

TEST(Fabric, ALimitOfAnInitiatorHoldsForItAlone) {
  Bench bench(true, {.latency = 0, .width = 256, .beat = 0, .outstanding = 1}, {.latency = 10, .width = 16, .beat = 0});
  EXPECT_EQ(bench.end(0, 8, false, 0), 60u);
  EXPECT_EQ(bench.end(5, 8, false, 0), 120u);
  EXPECT_EQ(bench.end(5, 8, false, 1), 65u);
}

TEST(Fabric, BandwidthUnderALimitIsLittlesLaw) {
  Bench bench(true, kIdealLink, {.latency = 10, .width = 64, .beat = 1, .outstanding = 4});
  constexpr unsigned kCount = 400;
  u64 last = 0;
  for (unsigned n = 0; n < kCount; ++n) last = std::max(last, bench.end(0, 64, true, n % 2));
  EXPECT_NEAR(static_cast<double>(last), kCount / 4 * (10.0 + kTarget), 60);
}

TEST(Fabric, AnInitiatorThatIsBehindTakesTheGapBeforeOneThatIsAhead) {
  Bench bench(true, kIdealLink, {.latency = 10, .width = 16, .beat = 2, .outstanding = 1});
  EXPECT_EQ(bench.end(10'000, 64, false, 0), 10'066u);
  EXPECT_EQ(bench.end(100, 64, false, 1), 166u);
}

TEST(Fabric, WhatAnInitiatorKeepsLongerCountsLonger) {
  Bench bench(true, kIdealLink, {.latency = 10, .width = 16, .beat = 0, .outstanding = 1});
  const auto passage = bench.fabric.enter({.bytes = 8}, 0);
  const u64 end = bench.fabric.leave(passage, passage.at_target + kTarget);
  bench.fabric.hold(passage, end, end + 40);
  EXPECT_EQ(bench.fabric.ready({.bytes = 8}, 5), end + 40);
}

}  // namespace
}  // namespace tw::interconnect
