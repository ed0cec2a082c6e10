// GICC_*: masking, preemption, acknowledge and end of interrupt, groups. Expectations: IHI 0048B, chapters 3.3 to 3.5
// and 4.4.
#include "unit/gic/bench.hpp"

namespace tw::gic::test {
namespace {

struct CpuInterface : Bench {
  /// Acknowledges `intid` at `priority` and leaves it active; its wire stays low.
  void start(u32 intid, u8 priority) {
    route(intid, priority, 1, true);
    gic.set_spi(intid, true);
    gic.set_spi(intid, false);
    ASSERT_EQ(gicc.read(IAR), intid);
  }
  void raise(u32 intid, u8 priority) {
    route(intid, priority);
    gic.set_spi(intid, true);
  }
};

TEST_F(CpuInterface, ResetValues) {
  EXPECT_EQ(gicc.read(CTLR), 0u);
  EXPECT_EQ(gicc.read(PMR), 0u);
  EXPECT_EQ(gicc.read(BPR), 2u);
  EXPECT_EQ(gicc.read(ABPR), 3u);
  EXPECT_EQ(gicc.read(RPR), 0xFFu);
  EXPECT_EQ(gicc.read(HPPIR), kSpuriousId);
  EXPECT_EQ(gicc.read(IAR), kSpuriousId);
  EXPECT_EQ(gicc.read(IIDR), 0x0202143Bu);
}

TEST_F(CpuInterface, ControlHasNoSecurityBitsWithoutSecurityExtensions) {
  gicc.write(CTLR, 0xFFFFFFFF);
  EXPECT_EQ(gicc.read(CTLR), 0x3FFu);
}

TEST_F(CpuInterface, MaskAndBinaryPointsKeepImplementedBits) {
  gicc.write(PMR, 0xFF);
  EXPECT_EQ(gicc.read(PMR), 0xF8u);
  gicc.write(BPR, 0);
  EXPECT_EQ(gicc.read(BPR), 2u);
  gicc.write(BPR, 0xFF);
  EXPECT_EQ(gicc.read(BPR), 7u);
  gicc.write(ABPR, 0);
  EXPECT_EQ(gicc.read(ABPR), 3u);
}

TEST_F(CpuInterface, ThePriorityMaskIsExclusive) {
  enable();
  raise(40, 0x80);
  gicc.write(PMR, 0x80);
  EXPECT_FALSE(irq());
  EXPECT_EQ(gicc.read(IAR), kSpuriousId);
  EXPECT_EQ(gicc.read(HPPIR), 40u) << "the mask does not hide it from HPPIR";
  gicc.write(PMR, 0x88);
  EXPECT_TRUE(irq());
}

TEST_F(CpuInterface, TheLowestPriorityIsNeverSignalled) {
  enable();
  raise(40, 0xF8);
  EXPECT_FALSE(irq());
}

TEST_F(CpuInterface, HighestPriorityThenLowestIntid) {
  enable();
  raise(50, 0x40);
  raise(45, 0x80);
  raise(48, 0x40);
  EXPECT_EQ(gicc.read(IAR), 48u);
  gic.set_spi(48, false);
  gicc.write(EOIR, 48);
  EXPECT_EQ(gicc.read(IAR), 50u);
  gic.set_spi(50, false);
  gicc.write(EOIR, 50);
  EXPECT_EQ(gicc.read(IAR), 45u);
}

TEST_F(CpuInterface, RunningPriorityIsTheGroupPriority) {
  enable();
  gicc.write(BPR, 3);  // group priority [7:4]
  start(40, 0xA8);
  EXPECT_EQ(gicc.read(RPR), 0xA0u);
  EXPECT_EQ(gicc.read(APR0), 1u << (0xA0 >> 3));
  EXPECT_EQ(gicc.read(NSAPR0), 0u);
  gicc.write(EOIR, 40);
  EXPECT_EQ(gicc.read(RPR), 0xFFu);
  EXPECT_EQ(gicc.read(APR0), 0u);
}

TEST_F(CpuInterface, NestingPreemptsAndReturns) {
  enable();
  start(40, 0xA0);
  start(41, 0x60);
  start(42, 0x20);
  EXPECT_EQ(gicc.read(RPR), 0x20u);
  raise(43, 0x60);
  EXPECT_FALSE(irq());
  gicc.write(EOIR, 42);
  EXPECT_EQ(gicc.read(RPR), 0x60u);
  EXPECT_FALSE(irq()) << "equal does not preempt";
  gicc.write(EOIR, 41);
  EXPECT_EQ(gicc.read(RPR), 0xA0u);
  EXPECT_TRUE(irq());
}

/// 0xB8 is active; the priority that just preempts it, and the next lower one, which does not (IHI 0048B, table 3-2).
TEST_F(CpuInterface, BinaryPointDecidesWhatPreempts) {
  enable();
  struct Expectation {
    u64 binary_point;
    u64 running;
    u8 preempts, does_not;
  };
  for (const auto& [binary_point, running, preempts, does_not] : {Expectation{2, 0xB8, 0xB0, 0xB8},
                                                                  {3, 0xB0, 0xA8, 0xB0},
                                                                  {4, 0xA0, 0x98, 0xA0},
                                                                  {5, 0x80, 0x78, 0x80},
                                                                  {6, 0x80, 0x78, 0x80}}) {
    SCOPED_TRACE(binary_point);
    gicc.write(BPR, binary_point);
    start(40, 0xB8);
    EXPECT_EQ(gicc.read(RPR), running);
    route(41, preempts);
    gic.set_spi(41, true);
    EXPECT_TRUE(irq());
    gicd.write(GICD_IPRIORITYR + 41, does_not, 0, 1);
    EXPECT_FALSE(irq());
    gic.set_spi(41, false);
    gicc.write(EOIR, 40);
  }
}

TEST_F(CpuInterface, SubpriorityOrdersButDoesNotPreempt) {
  enable();
  gicc.write(BPR, 4);  // [7:5] . [4:0]
  start(40, 0xB0);
  EXPECT_EQ(gicc.read(RPR), 0xA0u);
  raise(41, 0xA8);
  EXPECT_FALSE(irq()) << "same group priority 0xA0";
  raise(42, 0xA0);
  EXPECT_EQ(gicc.read(HPPIR), 42u) << "subpriority orders";
  gicd.write(GICD_IPRIORITYR + 41, 0x98, 0, 1);
  EXPECT_TRUE(irq()) << "group priority 0x80";
}

TEST_F(CpuInterface, BinaryPointSevenDisablesPreemption) {
  enable();
  gicc.write(BPR, 7);
  start(40, 0xB0);
  raise(41, 0x00);
  EXPECT_FALSE(irq());
  EXPECT_EQ(gicc.read(IAR), kSpuriousId);
  gicc.write(EOIR, 40);
  EXPECT_EQ(gicc.read(IAR), 41u);
}

TEST_F(CpuInterface, ACoarserBinaryPointLetsNoLowerPriorityPreempt) {
  enable(0x7);
  start(40, 0x60);
  gicc.write(ABPR, 7);  // Group 1: [7] . [6:0]
  raise(41, 0x78);
  group1(41);
  EXPECT_FALSE(irq()) << "0x78 and 0x60 are of one group priority";
  gicc.write(BPR, 7);
  raise(42, 0x00);
  EXPECT_FALSE(irq()) << "binary point 7 does not preempt what was taken with another";
}

TEST_F(CpuInterface, SplitEoiDropsThenDeactivates) {
  enable(0x201);
  raise(40, 0x80);
  EXPECT_EQ(gicc.read(IAR), 40u);
  gicc.write(EOIR, 40);
  EXPECT_EQ(gicc.read(RPR), 0xFFu);
  EXPECT_TRUE(active(40));
  EXPECT_FALSE(irq()) << "still active";
  raise(41, 0x90);
  EXPECT_TRUE(irq()) << "the priority is dropped: a lower one is taken";
  gicc.write(DIR, 40);
  EXPECT_FALSE(active(40));
  EXPECT_EQ(gicc.read(IAR), 40u);
}

TEST_F(CpuInterface, DirIsIgnoredWithoutSplit) {
  enable();
  start(40, 0x80);
  gicc.write(DIR, 40);
  EXPECT_TRUE(active(40));
}

TEST_F(CpuInterface, DirMayComeFromAnotherCpu) {
  enable(0x201);
  start(40, 0x80);
  gicc.write(EOIR, 40);
  gicc.write(DIR, 40, 1);
  EXPECT_FALSE(active(40));
}

TEST_F(CpuInterface, EoiOfSpecialOrUnimplementedIdsDoesNothing) {
  enable();
  start(40, 0x80);
  for (u64 id : {1023u, 1022u, 1021u, 1020u, 1019u, 288u}) gicc.write(EOIR, id);
  EXPECT_EQ(gicc.read(RPR), 0x80u);
  EXPECT_TRUE(active(40));
}

TEST_F(CpuInterface, AnSgiNamesItsSource) {
  enable();
  gicd.write(GICD_SGIR, 1u << 16 | 3, 1);
  EXPECT_TRUE(irq(0));
  EXPECT_EQ(gicc.read(HPPIR), 1u << 10 | 3);
  EXPECT_EQ(gicc.read(IAR), 1u << 10 | 3);
  gicc.write(EOIR, 1u << 10 | 3);
  EXPECT_FALSE(active(3));
}

TEST_F(CpuInterface, GroupsHaveTheirOwnEnables) {
  enable(0x1);
  raise(40, 0x80);
  group1(40);
  EXPECT_FALSE(irq());
  EXPECT_EQ(gicc.read(HPPIR), kSpuriousId);
  raise(41, 0x90);
  EXPECT_EQ(gicc.read(HPPIR), kSpuriousId) << "the interface cannot look past what the distributor forwards";
  EXPECT_EQ(gicc.read(IAR), kSpuriousId);
  gicd.write(GICD_CTLR, 1);
  EXPECT_EQ(gicc.read(HPPIR), 41u) << "disabled in the distributor: another one is forwarded";
  gicd.write(GICD_CTLR, 3);
  gicc.write(CTLR, 0x2);
  EXPECT_TRUE(irq());
  gicd.write(GICD_CTLR, 1);
  EXPECT_FALSE(irq());
}

TEST_F(CpuInterface, Group0IsFiqWhenAsked) {
  enable(0xB);
  raise(40, 0x80);
  EXPECT_TRUE(fiq());
  EXPECT_FALSE(irq());
  raise(41, 0x40);
  group1(41);
  EXPECT_FALSE(fiq()) << "one interrupt is signalled: the highest priority one";
  EXPECT_TRUE(irq());
}

TEST_F(CpuInterface, WithoutAckCtlGroup1NeedsTheAlias) {
  enable(0x3);
  raise(41, 0x40);
  group1(41);
  EXPECT_EQ(gicc.read(HPPIR), 1022u);
  EXPECT_EQ(gicc.read(IAR), 1022u);
  EXPECT_FALSE(active(41));
  EXPECT_EQ(gicc.read(AHPPIR), 41u);
  EXPECT_EQ(gicc.read(AIAR), 41u);
  EXPECT_EQ(gicc.read(NSAPR0), 1u << (0x40 >> 3));
  EXPECT_EQ(gicc.read(APR0), 0u);
  EXPECT_EQ(gicc.read(RPR), 0x40u);
  gicc.write(AEOIR, 41);
  EXPECT_FALSE(active(41));
  EXPECT_EQ(gicc.read(RPR), 0xFFu);
}

TEST_F(CpuInterface, AckCtlLetsOneRegisterServeBothGroups) {
  enable(0x7);
  raise(41, 0x40);
  group1(41);
  raise(42, 0x60);
  EXPECT_EQ(gicc.read(IAR), 41u);
  gic.set_spi(41, false);
  gicc.write(EOIR, 41);
  EXPECT_FALSE(active(41));
  EXPECT_EQ(gicc.read(RPR), 0xFFu);
  EXPECT_EQ(gicc.read(IAR), 42u);
}

TEST_F(CpuInterface, TheAliasDoesNotSeeGroup0) {
  enable(0x3);
  raise(40, 0x40);
  raise(41, 0x80);
  group1(41);
  EXPECT_EQ(gicc.read(AHPPIR), kSpuriousId) << "the highest priority pending interrupt is of Group 0";
  EXPECT_EQ(gicc.read(AIAR), kSpuriousId);
  EXPECT_EQ(gicc.read(IAR), 40u);
  gicc.write(AEOIR, 40);
  EXPECT_TRUE(active(40));
  EXPECT_EQ(gicc.read(RPR), 0x40u);
}

TEST_F(CpuInterface, Group1HasItsOwnBinaryPoint) {
  enable(0x7);
  gicc.write(BPR, 2);
  gicc.write(ABPR, 5);  // Group 1: [7:5] . [4:0]
  start(40, 0xB0);
  raise(41, 0xA8);
  EXPECT_TRUE(irq()) << "as Group 0: 0xA8 preempts 0xB0";
  group1(41);
  EXPECT_FALSE(irq()) << "as Group 1: both are of group priority 0xA0";
  gicd.write(GICD_IPRIORITYR + 41, 0x98, 0, 1);
  EXPECT_EQ(gicc.read(IAR), 41u);
  EXPECT_EQ(gicc.read(RPR), 0x80u);
  gic.set_spi(41, false);
  gicc.write(EOIR, 41);
  gicc.write(CTLR, 0x17);  // CBPR: Group 0's binary point for both
  gic.set_spi(41, true);
  EXPECT_EQ(gicc.read(IAR), 41u);
  EXPECT_EQ(gicc.read(RPR), 0x98u);
}

TEST_F(CpuInterface, ActivePrioritiesAreSavedAndRestored) {
  enable();
  start(40, 0xA0);
  start(41, 0x60);
  const u64 saved = gicc.read(APR0);
  EXPECT_EQ(saved, 1u << 20 | 1u << 12);
  gicc.write(APR0, 0);
  EXPECT_EQ(gicc.read(RPR), 0xFFu);
  gicc.write(APR0, saved);
  EXPECT_EQ(gicc.read(RPR), 0x60u);
  gicc.write(APR0 + 4, 0xFFFFFFFF);
  EXPECT_EQ(gicc.read(APR0 + 4), 0u) << "32 levels, one word";
}

struct EightBits : Bench {
  static Config wide() {
    Config config = configuration(1);
    config.priority_bits = 8;
    return config;
  }
  EightBits() : Bench(wide()) {}
};

TEST_F(EightBits, HaveFourWordsOfActivePriorities) {
  enable();
  EXPECT_EQ(gicc.read(BPR), 0u);
  EXPECT_EQ(gicc.read(ABPR), 1u);
  route(40, 0xFD);
  gic.set_spi(40, true);
  gicc.write(PMR, 0xFE);
  EXPECT_EQ(gicc.read(IAR), 40u);
  EXPECT_EQ(gicc.read(RPR), 0xFCu);
  EXPECT_EQ(gicc.read(APR0 + 12), 1u << 30);
  route(41, 0xFC);
  gic.set_spi(41, true);
  EXPECT_FALSE(irq()) << "bit 0 never preempts";
  gicd.write(GICD_IPRIORITYR + 41, 0xFB, 0, 1);
  EXPECT_TRUE(irq());
}

TEST_F(CpuInterface, ADebugReadAcknowledgesNothing) {
  enable();
  raise(40, 0x80);
  EXPECT_EQ(gicc.peek(IAR), 40u);
  EXPECT_TRUE(irq());
  EXPECT_FALSE(active(40));
  gic.cpu_interface().access({.offset = PMR, .size = 4, .write = true, .value = 0, .debug = true});
  EXPECT_TRUE(irq());
  EXPECT_EQ(gicc.read(IAR), 40u);
}

TEST_F(CpuInterface, StationsOfALevelInterrupt) {
  enable(0x201);
  route(40, 0x80);
  log.take();
  gic.set_spi(40, true);
  EXPECT_THAT(log.take(), testing::ElementsAre("40@0 asserted", "40@0 signalled"));
  gicc.read(IAR);
  gic.set_spi(40, false);
  gicc.write(EOIR, 40);
  gicc.write(DIR, 40);
  EXPECT_THAT(log.take(), testing::ElementsAre("40@0 acknowledged", "40@0 drop", "40@0 deactivated"));
}

TEST_F(CpuInterface, StationsOfAnInterruptNobodyTook) {
  enable();
  route(40, 0x80, 3);
  log.take();
  gic.set_spi(40, true);
  EXPECT_THAT(log.take(), testing::ElementsAre("40@0 asserted", "40@1 asserted", "40@0 signalled", "40@1 signalled"));
  gic.set_spi(40, false);
  EXPECT_THAT(log.take(), testing::ElementsAre("40@0 withdrawn", "40@1 withdrawn"));
}

TEST_F(CpuInterface, StationsOfAnSpiNameTheCpuThatTookIt) {
  enable(0x201);
  route(40, 0x80, 3, true);
  gic.set_spi(40, true);
  log.take();
  EXPECT_EQ(gicc.read(IAR, 1), 40u);
  EXPECT_THAT(log.take(), testing::ElementsAre("40@1 acknowledged", "40@0 withdrawn"));
  gicc.write(EOIR, 40, 1);
  gicc.write(DIR, 40, 0);
  EXPECT_THAT(log.take(), testing::ElementsAre("40@1 drop", "40@1 deactivated"));
}

TEST_F(CpuInterface, ALevelStillHighAfterDeactivationIsAssertedAgain) {
  enable();
  route(40, 0x80);
  gic.set_spi(40, true);
  gicc.read(IAR);
  log.take();
  gicc.write(EOIR, 40);
  EXPECT_THAT(log.take(), testing::ElementsAre("40@0 drop", "40@0 deactivated", "40@0 asserted", "40@0 signalled"));
}

}  // namespace
}  // namespace tw::gic::test
