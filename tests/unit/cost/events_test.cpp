#include "cost/events.hpp"

#include <gtest/gtest.h>

#include "cost/interrupts.hpp"
#include "cost/ledger.hpp"

namespace tw::cost {
namespace {

constexpr Context kHyp{El::El2, false, Vmid{0}};
constexpr Context kernel(u16 vmid) { return {El::El1, true, Vmid{vmid}}; }
constexpr Context kHostKernel{El::El1, false, Vmid{0}};

std::vector<int> filled(u64 limit, Keep keep, int events) {
  EventRing<int> ring({limit, keep});
  for (int event = 1; event <= events; ++event) ring.add(event);
  EXPECT_EQ(ring.dropped(), events > static_cast<int>(limit) ? static_cast<u64>(events) - limit : 0);
  return ring.events();
}

TEST(EventRing, KeepsTheLastOrTheFirst) {
  EXPECT_EQ(filled(3, Keep::Last, 0), (std::vector<int>{}));
  EXPECT_EQ(filled(3, Keep::Last, 2), (std::vector<int>{1, 2}));
  EXPECT_EQ(filled(3, Keep::Last, 3), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(filled(3, Keep::Last, 4), (std::vector<int>{2, 3, 4}));
  EXPECT_EQ(filled(3, Keep::Last, 8), (std::vector<int>{6, 7, 8}));
  EXPECT_EQ(filled(3, Keep::First, 8), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(filled(1, Keep::Last, 2), (std::vector<int>{2}));
}

TEST(EventRing, WithoutRoomNothingIsAskedFor) {
  EventRing<int> ring;
  ring.add(1);
  EXPECT_EQ(ring.dropped(), 0u);
  EXPECT_EQ(ring.newest(), nullptr);
}

struct Logged {
  CoreLedger ledger{0};
  CoreEvents log;
  explicit Logged(const EventOptions& options = {.limit = 100}) : log(options) {
    ledger.set_context(kernel(1));
    ledger.charge(Cause::Integer, 1000);  // before the measurement
    ledger.restart();
    ledger.record(&log);
  }
  void trap(Context from, u64 cycles, Context back_to) {
    ledger.exception_taken({from, El::El2, 0x16, {"HVC", "#0"}}, kHyp);
    ledger.charge(Cause::ExceptionEntry, 10);
    ledger.charge(Cause::Integer, cycles);
    ledger.exception_returned(kHyp, back_to);
  }
};

TEST(CoreEvents, ATrapFromItsInstructionToItsReturn) {
  Logged core;
  core.ledger.charge(Cause::Integer, 5);
  core.trap(kernel(1), 40, kernel(1));
  core.ledger.record(nullptr);
  const std::vector<TrapEvent> traps = core.log.traps().events();
  ASSERT_EQ(traps.size(), 1u);
  EXPECT_EQ(traps[0].begin, 1005u);
  EXPECT_EQ(traps[0].end, 1055u);
  EXPECT_EQ(traps[0].away, 0u);
  EXPECT_TRUE(traps[0].returned);
  EXPECT_EQ(traps[0].inside[static_cast<unsigned>(Cause::ExceptionEntry)], 10u);
  EXPECT_EQ(traps[0].inside[static_cast<unsigned>(Cause::Integer)], 40u);
}

TEST(CoreEvents, AGuestThatIsSwitchedOutIsAway) {
  Logged core;
  core.trap(kernel(1), 40, kernel(2));  // to the other guest
  core.ledger.charge(Cause::Integer, 300);
  core.trap(kernel(2), 20, kernel(1));  // and back: that is on the first one's account, and ends its trap
  core.ledger.charge(Cause::Integer, 7);
  core.ledger.record(nullptr);
  const std::vector<TrapEvent> traps = core.log.traps().events();
  ASSERT_EQ(traps.size(), 2u);
  EXPECT_EQ(traps[0].begin, 1000u);
  EXPECT_EQ(traps[0].end, 1380u);
  EXPECT_EQ(traps[0].away, 330u);
  EXPECT_TRUE(traps[0].returned);
  EXPECT_FALSE(traps[1].returned);  // the second guest is away at the end
  EXPECT_EQ(traps[1].begin, 1350u);
  EXPECT_EQ(traps[1].end, 1387u);
  EXPECT_EQ(traps[1].away, 7u);
  const std::vector<WorldEvent> worlds = core.log.worlds().events();
  ASSERT_EQ(worlds.size(), 3u);
  const auto expect = [](const WorldEvent& world, u16 vmid, u64 begin, u64 end) {
    EXPECT_TRUE(world.guest);
    EXPECT_EQ(world.vmid, Vmid{vmid});
    EXPECT_EQ(world.begin, begin);
    EXPECT_EQ(world.end, end);
  };
  expect(worlds[0], 1, 1000, 1050);
  expect(worlds[1], 2, 1050, 1380);
  expect(worlds[2], 1, 1380, 1387);
}

TEST(CoreEvents, AKernelWithoutStage2IsAWorldToo) {
  Logged core;
  core.trap(kernel(1), 10, kHostKernel);
  core.ledger.charge(Cause::Integer, 5);
  core.ledger.record(nullptr);
  const std::vector<WorldEvent> worlds = core.log.worlds().events();
  ASSERT_EQ(worlds.size(), 2u);
  EXPECT_FALSE(worlds[1].guest);
}

TEST(CoreEvents, IdlingThatGoesOnIsOneEvent) {
  Logged core;
  core.ledger.idle(100);
  core.ledger.idle(50);
  core.ledger.charge(Cause::Integer, 1);
  core.ledger.idle(30);
  core.ledger.record(nullptr);
  const std::vector<IdleEvent> idles = core.log.idles().events();
  ASSERT_EQ(idles.size(), 2u);
  EXPECT_EQ(idles[0].begin, 1000u);
  EXPECT_EQ(idles[0].end, 1150u);
  EXPECT_EQ(idles[1].begin, 1151u);
  EXPECT_EQ(idles[1].end, 1181u);
  EXPECT_EQ(core.ledger.elapsed(), 1181u);
}

TEST(CoreEvents, SamplesAreSumsAtIntervals) {
  Logged core({.limit = 100, .sample_cycles = 500});
  for (int i = 0; i < 10; ++i) {
    core.ledger.charge(Cause::WalkStage1, 30);
    WalkRecord walk;
    walk.cycles = 30;
    core.ledger.walk(walk);
    core.ledger.charge(Cause::Integer, 60);
    core.ledger.retire(60);
    core.trap(kernel(1), 0, kernel(1));  // 10
  }
  core.ledger.record(nullptr);
  const std::vector<Sample> samples = core.log.samples().events();
  ASSERT_EQ(samples.size(), 3u);  // at the first settling, 500 cycles later, at the end
  EXPECT_EQ(samples[0].at, 1090u);
  EXPECT_EQ(samples[1].at, 1590u);
  EXPECT_EQ(samples[1].walks, 6u);
  EXPECT_EQ(samples[1].walk_cycles, 180u);
  EXPECT_EQ(samples[2].at, 2000u);
  EXPECT_EQ(samples[2].instructions, 600u);
  EXPECT_TRUE(core.log.walks().events().empty());  // they are only logged when they are asked for
}

TEST(CoreEvents, WhatIsMeasuredTwiceIsTwoPhases) {
  Logged core;
  core.ledger.charge(Cause::Integer, 100);
  core.ledger.record(nullptr);
  core.ledger.charge(Cause::Integer, 900);
  core.trap(kernel(1), 0, kernel(1));  // not measured
  core.ledger.restart();
  core.ledger.record(&core.log);
  core.ledger.charge(Cause::Integer, 50);
  core.ledger.record(nullptr);
  const std::vector<PhaseEvent> phases = core.log.phases().events();
  ASSERT_EQ(phases.size(), 2u);
  EXPECT_EQ(phases[0].begin, 1000u);
  EXPECT_EQ(phases[0].end, 1100u);
  EXPECT_EQ(phases[1].begin, 2010u);
  EXPECT_EQ(phases[1].end, 2060u);
  EXPECT_TRUE(core.log.traps().events().empty());
}

TEST(InterruptEvents, OneBehindAnother) {
  using enum InterruptStation;
  constexpr InterruptKey kTimer{27, 0, false, Vmid{0}};
  InterruptLedger ledger;
  EventRing<InterruptEvent> events({.limit = 10});
  ledger.record(&events);
  ledger.at(kTimer, Asserted, 100);
  ledger.at(kTimer, Signalled, 110);
  ledger.at(kTimer, Acknowledged, 200);
  ledger.at(kTimer, Asserted, 250);  // again while the handler runs
  ledger.at(kTimer, Asserted, 260);
  ledger.at(kTimer, PriorityDrop, 300);
  ledger.at(kTimer, Deactivated, 310);
  ledger.at(kTimer, Withdrawn, 400);
  ledger.at(kTimer, Asserted, 500);
  ledger.record(nullptr);
  const std::vector<InterruptEvent> all = events.events();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].asserted_ps, 100u);
  EXPECT_EQ(all[0].signalled_ps, 110u);
  EXPECT_EQ(all[0].acknowledged_ps, 200u);
  EXPECT_EQ(all[0].dropped_ps, 300u);
  EXPECT_EQ(all[0].deactivated_ps, 310u);
  EXPECT_EQ(all[1].asserted_ps, 250u);
  EXPECT_EQ(all[1].withdrawn_ps, 400u);
  EXPECT_EQ(all[1].acknowledged_ps, 0u);
  EXPECT_EQ(all[2].asserted_ps, 500u);
  EXPECT_EQ(all[2].key, kTimer);
}

}  // namespace
}  // namespace tw::cost
