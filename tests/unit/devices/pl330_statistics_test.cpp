// What the PL330 counts, against what the bus saw and what its programs say.
#include <gtest/gtest.h>

#include "support/pl330_rig.hpp"

namespace tw::test {
namespace {

using devices::pl330::BurstStatistics;
using devices::pl330::Config;
using devices::pl330::kManager;
using devices::pl330::ThreadStatistics;
using devices::pl330::Transaction;

constexpr unsigned kTimes = 5, kBeats = 4;

Microcode copy() {
  Microcode program;
  program.move_source(0x1000).move_destination(0x3000).move_control(control(3, kBeats)).loop(0, kTimes);
  return program.load().store().loop_end(0, 2).end();
}

u64 on_bus(const Pl330Rig& rig, Transaction::Kind kind, unsigned thread) {
  return static_cast<u64>(
      std::ranges::count_if(rig.log, [&](const Transaction& t) { return t.kind == kind && t.thread == thread; }));
}

TEST(Pl330Statistics, OfACopy) {
  Pl330Rig rig;
  rig.go(2, copy());
  rig.run();
  const ThreadStatistics& channel = rig.dmac.statistics()[2];
  EXPECT_EQ(channel.starts, 1u);
  EXPECT_EQ(channel.instructions, 3u + 1 + kTimes * 3 + 1);
  EXPECT_EQ(channel.fetches, on_bus(rig, Transaction::Kind::Fetch, 2));
  EXPECT_GT(channel.fetches, 0u);
  EXPECT_EQ(channel.reads.count, on_bus(rig, Transaction::Kind::Read, 2));
  EXPECT_EQ(channel.writes.count, on_bus(rig, Transaction::Kind::Write, 2));
  EXPECT_EQ(channel.reads.bytes, kTimes * kBeats * 8u);
  EXPECT_EQ(channel.writes.bytes, kTimes * kBeats * 8u);
  EXPECT_GE(channel.reads.cycles, channel.reads.count * Pl330Rig::kLatency);
  EXPECT_GE(channel.writes.cycles, channel.writes.count * Pl330Rig::kLatency);
  EXPECT_EQ(channel.faults, 0u);
  for (const unsigned other : {0u, 1u, 3u, kManager}) {
    EXPECT_EQ(rig.dmac.statistics()[other].instructions, 0u) << other << ": DMAGO came from the debug registers";
    EXPECT_EQ(rig.dmac.statistics()[other].reads.count, 0u);
  }
  rig.dmac.clear_statistics();
  EXPECT_EQ(rig.dmac.statistics()[2].instructions + rig.dmac.statistics()[2].reads.bytes, 0u);
}

TEST(Pl330Statistics, OneReadTakesTheBusesLatency) {
  const auto cycles = [](u64 latency) {
    Pl330Rig rig;
    rig.latency = latency;
    Microcode program;
    rig.go(0, program.move_source(0).move_control(control(3, 1)).load().read_barrier().end());
    rig.run();
    return rig.dmac.statistics()[0].reads.cycles;
  };
  EXPECT_EQ(cycles(100), 100u);
  EXPECT_EQ(cycles(250), 250u);
}

TEST(Pl330Statistics, RunningAheadChangesNoCount) {
  for (const u64 ahead : {u64{0}, u64{64}}) {
    Config config;
    config.run_ahead = ahead;
    Pl330Rig rig(config);
    rig.go(0, Microcode().loop(0, 100).nop().loop_end(0, 1).end());
    rig.run();
    EXPECT_EQ(rig.dmac.statistics()[0].instructions, 1u + 100 * 2 + 1) << ahead;
  }
}

TEST(Pl330Statistics, WhatWaitsCountsOnce) {
  Pl330Rig rig;
  rig.go(0, Microcode().wait_event(3).end());
  rig.run();
  rig.go(1, Microcode().send_event(3).end());
  rig.run();
  EXPECT_EQ(rig.dmac.statistics()[0].instructions, 2u);
  EXPECT_EQ(rig.dmac.statistics()[1].instructions, 2u);
}

TEST(Pl330Statistics, AFaultIsNoInstructionAndRefusedBytesAreNone) {
  Pl330Rig rig;
  Microcode undefined;
  rig.go(0, undefined.nop().raw({0xFF}));
  Microcode nowhere;
  rig.go(1, nowhere.move_source(Pl330Rig::kBytes).move_control(control(3, 1)).load().read_barrier().end());
  rig.run();
  EXPECT_EQ(rig.dmac.statistics()[0].instructions, 1u);
  EXPECT_EQ(rig.dmac.statistics()[0].faults, 1u);
  EXPECT_EQ(rig.dmac.statistics()[1].faults, 1u);
  EXPECT_EQ(rig.dmac.statistics()[1].reads.count, 1u);
  EXPECT_EQ(rig.dmac.statistics()[1].reads.bytes, 0u);
}

}  // namespace
}  // namespace tw::test
