// Latencies of pointer chases, of parallel misses and of lines that travel between cores: closed formulas of the
// parameters.
#include "unit/cache/support.hpp"

namespace tw {
namespace {

using namespace test;
using cache::Kind;
using cache::LevelId;
using cost::Cause;
using cost::ServedBy;

constexpr u64 kMemory = 100;

cache::Config three_levels() {
  cache::Config config = small();
  config.l2_shared = false;
  config.l3_size = 8192;
  config.l3_inclusion = "inclusive";
  config.system_size = 16384;
  return config;
}

/// Goes round `lines` lines, `stride` apart; the cycles of one round once all is warm.
u64 warm_round(Rig& rig, u64 lines, u64 stride = kLine) {
  u64 cycles = 0;
  for (unsigned round = 0; round < 4; ++round) {
    cycles = 0;
    for (u64 n = 0; n < lines; ++n) cycles += rig.load(n * stride);
  }
  return cycles;
}

TEST(PointerChase, HasItsPlateausAtTheConfiguredLatenciesAndItsKneesAtTheSizes) {
  const cache::Config config = three_levels();
  struct Plateau {
    u64 lines, cycles;
  };
  const u64 l2 = kL2, l3 = l2 + kL3, system = l3 + kSystem, memory = system + kMemory;
  const Plateau plateaus[] = {
      {1, 0},        {16, 0},   // L1: 1 KB
      {32, l2},      {64, l2},  // L2: 4 KB; twice a set-associative LRU's size misses always
      {128, l3},                // L3: 8 KB
      {256, system},            // 16 KB
      {512, memory}, {4096, memory},
  };
  for (const Plateau& plateau : plateaus) {
    Rig rig(config);
    EXPECT_EQ(warm_round(rig, plateau.lines), plateau.lines * plateau.cycles) << plateau.lines << " lines";
  }
}

TEST(PointerChase, MissesBeginWithTheFirstLineThatIsTooMany) {
  // 17 lines in 8 sets of 2: the set that has three misses each time, the others never.
  Rig l1(three_levels());
  EXPECT_EQ(warm_round(l1, 17), 3 * kL2);
  Rig l2(three_levels());
  EXPECT_EQ(warm_round(l2, 65), 60 * kL2 + 5 * (kL2 + kL3));
  Rig full(three_levels());
  EXPECT_EQ(warm_round(full, 64), 64 * kL2);
}

TEST(PointerChase, NamesWhoServed) {
  Rig rig(three_levels());
  const auto first = rig.go(0, 0, Kind::Load, 0);
  EXPECT_EQ(first.served_by, ServedBy::Memory);
  ASSERT_EQ(first.latency.parts().size(), 1u);
  EXPECT_EQ(first.latency.parts()[0].cause, Cause::Memory);
  const auto fetched = rig.go(0, 0x10000, Kind::Fetch, 1000);
  ASSERT_EQ(fetched.latency.parts().size(), 1u);
  EXPECT_EQ(fetched.latency.parts()[0].cause, Cause::Fetch);
  EXPECT_EQ(fetched.cycles, kL2 + kL3 + kSystem + kMemory);
  EXPECT_EQ(rig.go(0, 0x10000, Kind::Load, 2000).served_by, ServedBy::L2);
  EXPECT_EQ(rig.go(0, 0x10000, Kind::Load, 3000).served_by, ServedBy::L1);
}

TEST(PointerChase, MoreWaysNeverMissMore) {
  // LRU is a stack algorithm: with the sets fixed, what w ways hold, w + 1 hold too.
  u64 before = ~u64{0};
  for (u64 ways = 1; ways <= 16; ++ways) {
    cache::Config config = small();
    config.l1d_ways = ways;
    config.l1d_size = ways * 8 * kLine;
    config.l2_size = 1 << 16;
    config.l2_ways = 16;
    Rig rig(config);
    u64 x = 1;
    for (unsigned n = 0; n < 20000; ++n) {
      x = x * 6364136223846793005u + 1442695040888963407u;
      rig.load((x >> 33) % 160 * kLine);
    }
    EXPECT_LE(rig.count(LevelId::L1d).misses, before) << ways;
    before = rig.count(LevelId::L1d).misses;
  }
  EXPECT_LT(before, 20000u / 2);
}

TEST(PointerChase, OffTakesNoTime) {
  cache::Config config = small();
  config.enabled = false;
  Rig rig(config);
  EXPECT_EQ(rig.load(0), 0u);
  EXPECT_EQ(rig.store(1 << 20), 0u);
  EXPECT_EQ(rig.count(LevelId::L1d).accesses, 0u);
  EXPECT_TRUE(rig.memory.reads.empty());
}

TEST(MissRegisters, AsManyAsThereAreGoAtOnceAndOneMoreWaits) {
  for (u64 mshrs : {1, 2, 6}) {
    cache::Config config = small();
    config.l1d_mshrs = mshrs;
    Rig rig(config);
    for (u64 n = 0; n < mshrs; ++n) {
      EXPECT_EQ(rig.go(0, n * kLine, Kind::Load, 10).cycles, kL2 + kMemory) << mshrs;
    }
    EXPECT_EQ(rig.go(0, mshrs * kLine, Kind::Load, 10).cycles, 2 * (kL2 + kMemory)) << mshrs;
    EXPECT_EQ(rig.count(LevelId::L1d).miss_wait, kL2 + kMemory);
  }
}

TEST(MissRegisters, OfTheSecondLevelLimitAllCores) {
  cache::Config config = small();
  config.l2_mshrs = 2;
  Rig rig(config, 3);
  EXPECT_EQ(rig.go(0, 0 * kLine, Kind::Load, 0).cycles, kL2 + kMemory);
  EXPECT_EQ(rig.go(1, 1 * kLine, Kind::Load, 0).cycles, kL2 + kMemory);
  EXPECT_EQ(rig.go(2, 2 * kLine, Kind::Load, 0).cycles, kL2 + 2 * kMemory);
}

TEST(MissRegisters, ASecondMissToALineUnderWayWaitsForTheRest) {
  Rig rig(small(), 2);
  const u64 whole = kL2 + kMemory;
  EXPECT_EQ(rig.go(0, 0, Kind::Load, 100).cycles, whole);
  EXPECT_EQ(rig.go(0, 8, Kind::Load, 101).cycles, whole - 1);
  EXPECT_EQ(rig.go(0, 8, Kind::Load, 100 + whole - 1).cycles, 1u);
  EXPECT_EQ(rig.go(0, 8, Kind::Load, 100 + whole).cycles, 0u);
  // Who asks before the line was even requested does not wait longer than the fill took.
  EXPECT_EQ(rig.go(0, 8, Kind::Load, 20).cycles, whole);
  EXPECT_EQ(rig.count(LevelId::L1d).merges, 3u);
  // Another core misses L1 and finds the line on its way to L2.
  Rig two(small(), 2);
  EXPECT_EQ(two.go(0, 0, Kind::Fetch, 0).cycles, whole);
  EXPECT_EQ(two.go(1, 0, Kind::Fetch, 50).cycles, whole - 50);
  EXPECT_EQ(two.count(LevelId::L2).merges, 1u);
  EXPECT_EQ(two.memory.reads.size(), 1u);
}

TEST(Port, AcceptsOneRequestAnInterval) {
  cache::Config config = small();
  config.l2_interval = 5;
  Rig rig(config, 4);
  for (u64 n = 0; n < 4; ++n) rig.next(0, n * kLine, Kind::Fetch);  // into L2
  rig.time = 10000;
  for (unsigned core = 1; core < 4; ++core) {
    EXPECT_EQ(rig.go(core, 0, Kind::Fetch, rig.time).cycles, kL2 + (core - 1) * 5);
  }
  // Late in host order, early in time: the gap before is still free.
  EXPECT_EQ(rig.go(1, kLine, Kind::Fetch, rig.time - 5).cycles, kL2);
  EXPECT_EQ(rig.go(1, 2 * kLine, Kind::Fetch, rig.time - 4).cycles, kL2 + 4 + 3 * 5);
}

TEST(PingPong, OfTwoWritersIsOneTransferBeyondTheSharedLevel) {
  for (const bool shared : {true, false}) {
    cache::Config config = three_levels();
    config.l2_shared = shared;
    config.directory_latency = 3;
    Rig rig(config, 2);
    rig.store(0, 0);
    const u64 path = 3 + (shared ? kL2 : kL2 + kL3);
    for (unsigned n = 0; n < 6; ++n) {
      const unsigned core = 1 - n % 2;
      const auto outcome = rig.go(core, 8 * core, Kind::Store, rig.time);
      EXPECT_EQ(outcome.cycles, path + kTransfer);
      EXPECT_EQ(outcome.served_by, ServedBy::PeerCache);
      EXPECT_EQ(outcome.latency.parts()[0].cause, Cause::PeerCache);
      EXPECT_EQ(rig.go(core, 8 * core, Kind::Store, rig.time + 1000).cycles, 0u);
      rig.time += 2000;
    }
    EXPECT_TRUE(rig.memory.writes.empty());
  }
}

TEST(PingPong, OfAReaderAndAWriterIsATransferAndAnUpgrade) {
  Rig rig(small(), 2);
  rig.store(0, 0);
  for (unsigned n = 0; n < 3; ++n) {
    EXPECT_EQ(rig.load(0, 1), kL2 + kTransfer);
    EXPECT_EQ(rig.load(0, 0), 0u);  // kept its copy, Shared
    EXPECT_EQ(rig.store(0, 0), kL2 + kInvalidate);
    EXPECT_EQ(rig.store(0, 0), 0u);
  }
  // Exclusive becomes Modified for nothing; a copy that was the last is still Shared and has to ask.
  EXPECT_EQ(rig.load(0x40, 0), kL2 + kMemory);
  EXPECT_EQ(rig.store(0x40, 0), 0u);
}

TEST(PingPong, OfAFalselySharedLineIsTheSame) {
  Rig rig(small(), 2);
  rig.store(0x100, 0);
  EXPECT_EQ(rig.store(0x138, 1), kL2 + kTransfer);
  Rig apart(small(), 2);
  apart.store(0x100, 0);
  EXPECT_EQ(apart.store(0x140, 1), kL2 + kMemory);
}

TEST(Crossing, OfALineTakesAsLongAsTheSlowerHalf) {
  Rig rig(small());
  rig.load(0);
  EXPECT_EQ(rig.load(60), kL2 + kMemory);
  EXPECT_EQ(rig.load(60), 0u);
  EXPECT_EQ(rig.count(LevelId::L1d).accesses, 5u);
  EXPECT_EQ(rig.load(56), 0u);  // ends with the line
  EXPECT_EQ(rig.count(LevelId::L1d).accesses, 6u);
}

TEST(Prefetch, HidesWhatLiesBetweenTheAccesses) {
  cache::Config config = small();
  config.l1d_prefetcher = "next-line";
  config.l1d_prefetch_degree = 1;
  const u64 whole = kL2 + kMemory;
  for (const u64 gap : {u64{0}, u64{1}, whole - 1, whole, whole + 50}) {
    Rig rig(config);
    EXPECT_EQ(rig.go(0, 0, Kind::Load, 1000).cycles, whole);
    const u64 hidden = std::min(gap, whole);
    EXPECT_EQ(rig.go(0, kLine, Kind::Load, 1000 + gap).cycles, whole - hidden) << gap;
    const auto& count = rig.count(LevelId::L1d);
    EXPECT_EQ(count.prefetches_useful, 1u);
    EXPECT_EQ(count.prefetches_late, gap < whole ? 1u : 0u);
  }
}

TEST(Prefetch, ByStrideNeedsThreeAccessesAndThenRunsAhead) {
  cache::Config config = small();
  config.l1d_prefetcher = "stride";
  config.l1d_prefetch_degree = 2;
  config.l1d_size = 16384;
  config.l2_size = 65536;
  Rig rig(config);
  const u64 stride = 3 * kLine, pc = 0x4000'0000;
  u64 now = 0;
  std::vector<u64> cycles;
  for (u64 n = 0; n < 8; ++n, now += 1000) cycles.push_back(rig.go(0, n * stride, Kind::Load, now, pc).cycles);
  const u64 whole = kL2 + kMemory;
  EXPECT_EQ(cycles, (std::vector<u64>{whole, whole, whole, 0, 0, 0, 0, 0}));
  // Other code at the same addresses is another stream; nothing beyond the 4 KB page is asked for.
  for (const auto& read : rig.memory.reads) EXPECT_LT(read.pa.value, 4096u);
}

TEST(Prefetch, InTheSecondLevelLeavesTheSecondLevelsLatency) {
  cache::Config config = small();
  config.l2_prefetcher = "next-line";
  for (const bool shared : {true, false}) {
    config.l2_shared = shared;
    Rig rig(config);
    EXPECT_EQ(rig.go(0, 0, Kind::Load, 0).cycles, kL2 + kMemory);
    EXPECT_EQ(rig.go(0, kLine, Kind::Load, 1000).cycles, kL2);
    EXPECT_EQ(rig.count(LevelId::L2).prefetches_useful, 1u);
  }
}

TEST(Prefetch, TakesNoMissRegisterFromDemand) {
  cache::Config config = small();
  config.l1d_prefetcher = "next-line";
  config.l1d_prefetch_degree = 1;
  config.l1d_mshrs = 1;
  Rig rig(config);
  rig.go(0, 0, Kind::Load, 0);
  EXPECT_EQ(rig.count(LevelId::L1d).prefetches, 0u);
  EXPECT_EQ(rig.count(LevelId::L1d).prefetches_dropped, 1u);
}

TEST(Prefetch, BySoftwareIsNotWaitedFor) {
  Rig rig(small());
  EXPECT_EQ(rig.go(0, 0, Kind::Prefetch, 0).cycles, 0u);
  EXPECT_EQ(rig.go(0, 0, Kind::Load, 40).cycles, kL2 + kMemory - 40);
  EXPECT_EQ(rig.go(0, 0x40, Kind::PrefetchStore, 1000).cycles, 0u);
  EXPECT_EQ(rig.state(LevelId::L1d, 0x40), cache::State::Exclusive);
}

TEST(WriteBuffers, AsManyAsThereAreHideWriteBacksAndOneMoreDelaysAFill) {
  cache::Config config = small();
  config.l2_size = 0;
  config.l1d_write_buffers = 2;
  Rig rig(config);
  rig.memory.write = 400;
  for (u64 way = 0; way < 2; ++way) {
    for (u64 set = 0; set < 8; ++set) rig.store((way * 8 + set) * kLine);
  }
  const u64 now = 100000;
  for (u64 n = 0; n < 2; ++n) EXPECT_EQ(rig.go(0, (16 + n) * kLine, Kind::Load, now).cycles, kMemory);
  // The victims of the first two left when their fills came; the third waits until a buffer is free.
  EXPECT_EQ(rig.go(0, 18 * kLine, Kind::Load, now).cycles, kMemory + 400);
  EXPECT_EQ(rig.memory.writes.size(), 3u);
}

TEST(Walks, EnterWhereTheParameterSays) {
  for (const char* port : {"l1d", "l2"}) {
    for (const bool shared : {true, false}) {
      cache::Config config = small();
      config.walker_port = port;
      config.l2_shared = shared;
      Rig rig(config);
      EXPECT_EQ(rig.next(0, 0, Kind::Walk), kL2 + kMemory);
      const bool l1 = std::string(port) == "l1d";
      EXPECT_EQ(rig.next(0, 0, Kind::Walk), l1 ? 0 : kL2);
      EXPECT_EQ(rig.state(LevelId::L1d, 0) != cache::State::Invalid, l1);
      // A descriptor that the core has just written is found.
      rig.store(0x1000);
      EXPECT_EQ(rig.next(0, 0x1000, Kind::Walk), l1 ? 0 : kL2);
      cache::Request request{.pa = Pa{0}, .now = rig.time, .kind = Kind::Walk, .cacheable = false};
      EXPECT_EQ(rig.go(0, request).cycles, rig.memory.single);
    }
  }
}

TEST(Zeroing, ALineReadsNothing) {
  Rig rig(small(), 2);
  EXPECT_EQ(rig.next(0, 0, Kind::Zero), kL2);
  EXPECT_TRUE(rig.memory.reads.empty());
  EXPECT_EQ(rig.state(LevelId::L1d, 0), cache::State::Modified);
  EXPECT_EQ(rig.store(8), 0u);
  EXPECT_EQ(rig.next(1, 0, Kind::Zero), kL2 + kTransfer);
}

}  // namespace
}  // namespace tw
