// What accesses, maintenance and DMA leave behind: states, traffic, statistics, and what an observer is told.
#include "unit/cache/support.hpp"

namespace tw {
namespace {

using namespace test;
using cache::Clean;
using cache::Departure;
using cache::Kind;
using cache::LevelId;
using cache::State;
using cost::ServedBy;

constexpr u64 kMemory = 100;
constexpr u64 kWay = 8 * kLine;  ///< of L1D: lines so far apart share its set

u64 maintain(Rig& rig, Clean what, u64 address, unsigned core = 0) {
  cost::Latency latency;
  rig.caches.clean(core, what, {.pa = Pa{address}, .now = rig.time}, latency);
  for (const auto& part : latency.parts()) EXPECT_EQ(part.cause, cost::Cause::CacheMaintenance);
  return latency.total();
}

struct Watcher final : cache::EvictionObserver {
  std::vector<Eviction> seen;
  void on_evict(const Eviction& eviction) override { seen.push_back(eviction); }
};

TEST(Writing, BackHappensOnceALineAndLevel) {
  Rig rig(small());
  for (u64 n = 0; n < 3; ++n) rig.store(n * kWay);
  EXPECT_EQ(rig.count(LevelId::L1d).write_backs, 1u);
  EXPECT_EQ(rig.count(LevelId::L1d).evictions, 1u);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Modified);
  EXPECT_TRUE(rig.memory.writes.empty());
  // 64 lines of L2 and one more of its set: the victim is written to memory, once.
  for (u64 n = 0; n < 5; ++n) rig.load(n * 16 * kLine);
  for (u64 n = 5; n < 9; ++n) rig.load(n * 16 * kLine);
  ASSERT_EQ(rig.memory.writes.size(), 2u);  // line 0 and 2 * kWay of the stores
  EXPECT_EQ(rig.count(LevelId::L2).write_backs, 2u);
  EXPECT_EQ(rig.caches.events(0).l2_write_backs, 2u);
}

TEST(Writing, ThroughKeepsNothingModified) {
  cache::Config config = small();
  config.l1d_write_back = false;
  Rig rig(config);
  rig.load(0);
  for (unsigned n = 0; n < 3; ++n) EXPECT_EQ(rig.store(0), 0u);
  EXPECT_EQ(rig.state(LevelId::L1d, 0), State::Exclusive);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Modified);
  EXPECT_EQ(rig.count(LevelId::L1d).write_throughs, 3u);
}

TEST(Writing, AroundLeavesL1Alone) {
  cache::Config config = small();
  config.l1d_write_allocate = false;
  for (const bool shared : {true, false}) {
    config.l2_shared = shared;
    Rig rig(config);
    EXPECT_EQ(rig.store(0), kL2 + kMemory);
    EXPECT_EQ(rig.store(0), kL2);
    EXPECT_EQ(rig.state(LevelId::L1d, 0), State::Invalid);
    EXPECT_EQ(rig.state(LevelId::L2, 0), State::Modified);
  }
}

TEST(Uncached, AccessesGoToMemoryAndLeaveNoTrace) {
  Rig rig(small());
  const cache::Request request{.pa = Pa{0x100}, .cacheable = false};
  EXPECT_EQ(rig.go(0, request).cycles, 70u);
  EXPECT_EQ(rig.go(0, request).served_by, ServedBy::Memory);
  EXPECT_EQ(rig.count(LevelId::L1d).accesses, 0u);
  EXPECT_EQ(rig.state(LevelId::L2, 0x100), State::Invalid);
}

TEST(Security, IsPartOfTheTag) {
  Rig rig(small());
  rig.load(0);
  const cache::Request secure{.pa = Pa{0}, .now = rig.time, .security = Security::Secure};
  EXPECT_EQ(rig.go(0, secure).cycles, kL2 + kMemory);
  EXPECT_EQ(rig.memory.reads[1].security, Security::Secure);
  EXPECT_EQ(rig.memory.reads[1].pa.value, 0u);
}

TEST(Inclusion, WhatAnInclusiveLevelLosesTheCoresLose) {
  cache::Config config = small();
  for (const char* inclusion : {"inclusive", "nine"}) {
    config.l2_inclusion = inclusion;
    Rig rig(config, 2);
    rig.store(0, 0);
    // Five lines of one L2 set; those of core 1 leave core 0's L1D alone.
    for (u64 n = 1; n < 5; ++n) rig.load(n * 16 * kLine, 1);
    const bool inclusive = std::string(inclusion) == "inclusive";
    EXPECT_EQ(rig.state(LevelId::L2, 0), State::Invalid);
    EXPECT_EQ(rig.state(LevelId::L1d, 0, 0), inclusive ? State::Invalid : State::Modified);
    EXPECT_EQ(rig.count(LevelId::L1d, 0).back_invalidations, inclusive ? 1u : 0u);
    EXPECT_EQ(rig.memory.writes.size(), inclusive ? 1u : 0u);
  }
}

TEST(Inclusion, AnExclusiveLevelHoldsWhatL1Lost) {
  cache::Config config = small();
  config.l2_inclusion = "exclusive";
  config.l2_shared = false;
  Rig rig(config);
  rig.load(0);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Invalid);
  for (u64 n = 1; n < 3; ++n) rig.load(n * kWay);
  EXPECT_EQ(rig.state(LevelId::L1d, 0), State::Invalid);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Exclusive);
  EXPECT_EQ(rig.load(0), kL2);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Invalid);
  // Together they hold 16 + 64 lines.
  Rig full(config);
  for (unsigned round = 0; round < 2; ++round) {
    for (u64 n = 0; n < 80; ++n) full.load(n * kLine);
  }
  EXPECT_EQ(full.memory.reads.size(), 80u);
}

TEST(Directory, WithoutRoomTakesTheCopiesWithIt) {
  cache::Config config = small();
  config.directory_entries = 4;
  config.directory_ways = 4;
  Rig rig(config, 2);
  for (u64 n = 0; n < 4; ++n) rig.store(n * kLine, 0);
  EXPECT_EQ(rig.state(LevelId::L1d, 0, 0), State::Modified);
  rig.load(4 * kLine, 1);
  EXPECT_EQ(rig.state(LevelId::L1d, 0, 0), State::Invalid);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Modified);  // not lost
  EXPECT_EQ(rig.count(LevelId::L1d, 0).back_invalidations, 1u);
}

TEST(Maintenance, ByAddress) {
  Rig rig(small(), 2);
  rig.store(0, 0);
  EXPECT_EQ(maintain(rig, Clean::ToPou, 0), kL2);
  EXPECT_EQ(rig.state(LevelId::L1d, 0), State::Exclusive);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Modified);
  EXPECT_EQ(maintain(rig, Clean::ToPou, 0), 0u);
  EXPECT_TRUE(rig.memory.writes.empty());
  EXPECT_EQ(maintain(rig, Clean::ToPoc, 0), kL2 + rig.memory.write);
  EXPECT_EQ(rig.state(LevelId::L1d, 0), State::Exclusive);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Shared);
  EXPECT_EQ(maintain(rig, Clean::ToPoc, 0), kL2);
  rig.store(0, 0);
  EXPECT_EQ(maintain(rig, Clean::ToPocAndInvalidate, 0, 1), kL2 + kInvalidate + rig.memory.write);
  EXPECT_EQ(rig.state(LevelId::L1d, 0, 0), State::Invalid);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Invalid);
  EXPECT_EQ(rig.memory.writes.size(), 2u);
  rig.store(0, 0);
  maintain(rig, Clean::InvalidateOnly, 0);
  EXPECT_EQ(rig.memory.writes.size(), 2u);
  EXPECT_EQ(rig.load(0), kL2 + kMemory);
}

TEST(Maintenance, BySetAndWay) {
  Rig rig(small());
  rig.store(0x40);
  cost::Latency latency;
  // L1D: 2 ways (bit 31), set from bit 6, level 0; L2: 4 ways (bits 31:30), level 1 in bits 3:1.
  for (u64 way = 0; way < 2; ++way) {
    rig.caches.clean_set_way(0, Clean::ToPocAndInvalidate, way << 31 | 1 << 6, rig.time, latency);
  }
  EXPECT_EQ(rig.state(LevelId::L1d, 0x40), State::Invalid);
  EXPECT_EQ(rig.state(LevelId::L2, 0x40), State::Modified);
  for (u64 way = 0; way < 4; ++way) {
    rig.caches.clean_set_way(0, Clean::ToPoc, way << 30 | 1 << 6 | 1 << 1, rig.time, latency);
  }
  EXPECT_EQ(rig.state(LevelId::L2, 0x40), State::Shared);
  EXPECT_EQ(rig.memory.writes.size(), 1u);
  for (u64 operand : {~u64{0}, u64{0xFFFF'FFF0}, u64{0xE}}) {
    rig.caches.clean_set_way(0, Clean::ToPocAndInvalidate, operand, rig.time, latency);
  }
}

TEST(Maintenance, OfInstructions) {
  Rig rig(small(), 2);
  for (unsigned core = 0; core < 2; ++core) {
    rig.next(core, 0, Kind::Fetch);
    rig.next(core, 0x40, Kind::Fetch);
  }
  cost::Latency latency;
  rig.caches.invalidate_instructions(0, {.pa = Pa{0x20}}, latency);
  EXPECT_EQ(latency.total(), cache::Config{}.maintenance_instruction + kInvalidate);
  for (unsigned core = 0; core < 2; ++core) {
    EXPECT_EQ(rig.state(LevelId::L1i, 0, core), State::Invalid);
    EXPECT_EQ(rig.state(LevelId::L1i, 0x40, core), State::Shared);
  }
  rig.caches.invalidate_all_instructions(0, false, latency);
  EXPECT_EQ(rig.state(LevelId::L1i, 0x40, 0), State::Invalid);
  EXPECT_EQ(rig.state(LevelId::L1i, 0x40, 1), State::Shared);
  rig.caches.invalidate_all_instructions(0, true, latency);
  EXPECT_EQ(rig.state(LevelId::L1i, 0x40, 1), State::Invalid);
}

struct Dma {
  u64 cycles;
  ServedBy served_by;
};
Dma dma(Rig& rig, u64 address, u64 bytes, bool write) {
  cost::Latency latency;
  const ServedBy served_by = rig.caches.dma({.pa = Pa{address}, .now = rig.time}, bytes, write, latency);
  return {latency.total(), served_by};
}

TEST(DirectMemoryAccess, SnoopsTheCoresAndAllocatesByParameter) {
  cache::Config config = small();
  config.system_size = 16384;
  Rig rig(config, 2);
  rig.store(0, 1);
  Dma outcome = dma(rig, 0, 64, false);
  EXPECT_EQ(outcome.served_by, ServedBy::PeerCache);
  EXPECT_EQ(outcome.cycles, kL2 + kTransfer);
  EXPECT_EQ(rig.state(LevelId::L1d, 0, 1), State::Modified);  // a read takes nothing away
  outcome = dma(rig, 0, 64, true);
  EXPECT_EQ(outcome.cycles, kL2 + kInvalidate + kSystem);
  EXPECT_EQ(rig.state(LevelId::L1d, 0, 1), State::Invalid);
  EXPECT_EQ(rig.state(LevelId::L2, 0), State::Invalid);
  EXPECT_EQ(rig.state(LevelId::System, 0), State::Modified);
  EXPECT_TRUE(rig.memory.writes.empty());
  EXPECT_EQ(rig.load(0, 0), kL2 + kSystem);
  // Reads of what nobody has.
  outcome = dma(rig, 0x4000, 64, false);
  EXPECT_EQ(outcome.cycles, kL2 + kSystem + kMemory);
  EXPECT_EQ(rig.state(LevelId::System, 0x4000), State::Invalid);
  // A burst goes out together.
  EXPECT_EQ(dma(rig, 0x8000, 4096, false).cycles, kL2 + kSystem + kMemory);
  config.dma_coherent = false;
  config.dma_write_allocate = false;
  Rig apart(config);
  apart.store(0);
  EXPECT_EQ(dma(apart, 0x4000, 64, true).cycles, kSystem + apart.memory.write);
  EXPECT_EQ(dma(apart, 0, 64, true).cycles, kSystem);  // it is there
  EXPECT_EQ(apart.state(LevelId::L1d, 0), State::Modified);
}

TEST(DirectMemoryAccess, APartOfALineKeepsTheRest) {
  Rig rig(small());
  rig.store(0);
  dma(rig, 8, 8, true);
  EXPECT_EQ(rig.memory.writes.size(), 2u);  // the core's data, then the master's
  rig.store(0x40);
  dma(rig, 0x40, 64, true);
  EXPECT_EQ(rig.memory.writes.size(), 3u);
}

TEST(Observer, IsToldWhoMadeWhoseLineLeave) {
  Rig rig(small());
  Watcher watcher;
  const cache::Owner host{}, guest{true, Vmid{3}};
  const auto load = [&](u64 address, cache::Owner owner) {
    rig.go(0, {.pa = Pa{address}, .now = rig.time, .owner = owner});
    rig.time += 1000;
  };
  load(0, guest);
  load(kWay, guest);
  rig.caches.set_observer(&watcher);
  load(2 * kWay, host);
  load(3 * kWay, host);
  load(4 * kWay, guest);
  ASSERT_EQ(watcher.seen.size(), 3u + 0u);
  EXPECT_EQ(watcher.seen[0].level, LevelId::L1d);
  EXPECT_EQ(watcher.seen[0].line.value, 0u);
  EXPECT_EQ(watcher.seen[0].victim, guest);
  EXPECT_EQ(watcher.seen[0].evictor, host);
  EXPECT_EQ(watcher.seen[0].why, Departure::Capacity);
  const auto rows = rig.count(LevelId::L1d).evictions_by.rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].victim, guest);
  EXPECT_EQ(rows[0].evictor, host);
  EXPECT_EQ(rows[0].count, 2u);
  EXPECT_EQ(rows[1].count, 1u);
}

TEST(Statistics, AreClearedAndEventsAreNot) {
  Rig rig(small());
  for (u64 n = 0; n < 5; ++n) rig.load(n * kLine);
  rig.next(0, 0, Kind::Fetch);
  rig.caches.clear_statistics();
  EXPECT_EQ(rig.count(LevelId::L1d).accesses, 0u);
  rig.load(0);
  EXPECT_EQ(rig.count(LevelId::L1d).hits(), 1u);
  const cache::EventCounts events = rig.caches.events(0);
  EXPECT_EQ(events.l1d_accesses, 6u);
  EXPECT_EQ(events.l1d_refills, 5u);
  EXPECT_EQ(events.l1i_accesses, 1u);
  EXPECT_EQ(events.l2_accesses, 6u);
  EXPECT_EQ(events.l2_refills, 5u);
  EXPECT_EQ(events.memory_reads, 5u);
  rig.caches.reset();
  EXPECT_EQ(rig.load(0), kL2 + kMemory);
}

TEST(Owners, ThatAreTooManyAreCountedTogether) {
  cache::EvictionsByOwner table;
  for (u16 n = 0; n < 40; ++n) table.count({true, Vmid{n}}, {});
  for (u16 n = 0; n < 40; ++n) table.count({true, Vmid{n}}, {});
  u64 sum = table.others();
  for (const auto& row : table.rows()) sum += row.count;
  EXPECT_EQ(sum, 80u);
  EXPECT_EQ(table.others(), 16u);
}

}  // namespace
}  // namespace tw
