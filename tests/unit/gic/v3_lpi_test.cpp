// LPIs of a redistributor. Expectations: IHI 0069, chapter 5 and 12.11.
#include "unit/gic/v3_memory.hpp"

namespace tw::gic::test {
namespace {

struct LpiV3 : BenchIts {};

TEST_F(LpiV3, AreAnnounced) {
  EXPECT_EQ(gicd.read(GICD_TYPER) >> 17 & 1, 1u);
  EXPECT_EQ(gicr.read(GICR_TYPER) & 1, 1u) << "PLPIS";
  EXPECT_EQ(gicr.read(GICR_CTLR), 6u) << "CES, IR";
  EXPECT_EQ(gicr.read(GICR_SYNCR), 0u);
}

TEST_F(LpiV3, TablesAreReadOnlyWhileEnabled) {
  enable_lpis(0);
  EXPECT_EQ(gicr.read(GICR_CTLR), 7u);
  gicr.write(GICR_PROPBASER, 0, 0, 8);
  gicr.write(GICR_PENDBASER, 0, 0, 8);
  EXPECT_EQ(gicr.read(GICR_PROPBASER, 0, 8), kProperties | 13);
  EXPECT_EQ(gicr.read(GICR_PENDBASER, 0, 8), pending_table(0));
}

TEST_F(LpiV3, ThePendingTableIsReadAndWrittenBack) {
  enable();
  property(8195, 0x40);
  memory.word(pending_table(0) + 8192 / 8, 0x8);
  enable_lpis(0);
  EXPECT_TRUE(irq());
  EXPECT_EQ(read(IccHppir1), 8195u);
  gicr.write(GICR_CTLR, 0);
  EXPECT_FALSE(irq());
  EXPECT_EQ(memory.word(pending_table(0) + 8192 / 8), 0x8u);
  enable_lpis(0);
  EXPECT_EQ(read(IccIar1), 8195u);
  EXPECT_FALSE(irq());
  EXPECT_EQ(read(IccRpr), 0x40u);
  write(IccEoir1, 8195);
  EXPECT_EQ(read(IccRpr), 0xFFu);
  gicr.write(GICR_CTLR, 0);
  EXPECT_EQ(memory.word(pending_table(0) + 8192 / 8), 0u);
}

TEST_F(LpiV3, PtzSpares) {
  enable();
  property(8195, 0x40);
  memory.word(pending_table(0) + 8192 / 8, 0x8);
  enable_lpis(0, u64{1} << 62);
  EXPECT_FALSE(irq());
  EXPECT_EQ(gicr.read(GICR_PENDBASER, 0, 8), pending_table(0)) << "PTZ reads as zero";
}

TEST_F(LpiV3, PropertiesTakeEffectWithAnInvalidation) {
  start();
  map_two();
  property(8200, 0x80, false);
  EXPECT_TRUE(run({ItsCommand::interrupt(kDevice, 0)}));
  EXPECT_FALSE(irq());
  property(8200, 0x80);
  EXPECT_FALSE(irq());
  gicr.write(GICR_INVLPIR, 8200, 0, 8);
  EXPECT_TRUE(irq());
  property(8200, 0x80, false);
  gicr.write(GICR_INVALLR, 0, 0, 8);
  EXPECT_FALSE(irq());
  property(8200, 0x80);
  EXPECT_TRUE(run({ItsCommand::inv(kDevice, 0)}));
  EXPECT_TRUE(irq());
  property(8200, 0x80, false);
  EXPECT_TRUE(run({ItsCommand::invall(0)}));
  EXPECT_FALSE(irq());
}

TEST_F(LpiV3, CompetesByPriorityWithOtherInterrupts) {
  start();
  map_two();
  spi(40, 0x80);
  spi(41, 0x60);
  gic.set_spi(40, true);
  message(kDevice, 0);
  EXPECT_EQ(read(IccHppir1), 40u) << "equal priority: the lower INTID";
  property(8200, 0x70);
  gicr.write(GICR_INVALLR, 0, 0, 8);
  EXPECT_EQ(read(IccIar1), 8200u);
  gic.set_spi(41, true);
  EXPECT_EQ(read(IccIar1), 41u) << "preempts";
  write(IccEoir1, 41);
  write(IccEoir1, 8200);
  EXPECT_EQ(read(IccRpr), 0xFFu);
}

TEST_F(LpiV3, HasNoActiveStateAndNoGroup0) {
  start();
  map_two();
  message(kDevice, 0);
  EXPECT_EQ(read(IccIar0), 1023u);
  EXPECT_EQ(read(IccIar1), 8200u);
  message(kDevice, 0);
  EXPECT_EQ(read(IccHppir1), 8200u) << "pending again, before the end";
  EXPECT_EQ(read(IccIar1), 1023u) << "does not preempt itself";
  write(IccCtlr, 2);
  write(IccEoir1, 8200);
  write(IccDir, 8200);
  EXPECT_EQ(read(IccIar1), 8200u);
}

TEST_F(LpiV3, IsLostWhileDisabled) {
  start();
  map_two();
  gicr.write(GICR_CTLR, 0);
  message(kDevice, 0);
  gicr.write(GICR_CTLR, 1);
  EXPECT_FALSE(irq());
}

TEST_F(LpiV3, TablesWhereNoMemoryIsGiveNothing) {
  enable();
  gicr.write(GICR_PROPBASER, 0x0800000F, 0, 8);
  gicr.write(GICR_PENDBASER, 0x08000000, 0, 8);
  gicr.write(GICR_CTLR, 1);
  gicr.write(GICR_INVALLR, 0, 0, 8);
  EXPECT_FALSE(irq());
  gicr.write(GICR_CTLR, 0);
}

TEST_F(LpiV3, IsObserved) {
  start();
  map_two();
  log.take();
  message(kDevice, 0);
  read(IccIar1);
  write(IccEoir1, 8200);
  EXPECT_THAT(log.take(),
              ::testing::ElementsAre("8200@0 asserted", "8200@0 signalled", "8200@0 acknowledged", "8200@0 drop"));
}

}  // namespace
}  // namespace tw::gic::test
