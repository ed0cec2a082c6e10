// GICv3 distributor and redistributors. Expectations: IHI 0069, 12.8 to 12.11.
#include "base/error.hpp"
#include "unit/gic/v3_bench.hpp"

namespace tw::gic::test {
namespace {

struct DistributorV3 : BenchV3 {};
struct RedistributorV3 : BenchV3 {};

TEST_F(DistributorV3, Identification) {
  EXPECT_EQ(gicd.read(GICD_PIDR2) >> 4 & 0xF, 3u);
  const u64 typer = gicd.read(GICD_TYPER);
  EXPECT_EQ(typer & 0x1F, 8u) << "288 INTIDs";
  EXPECT_EQ(typer >> 5 & 7, 0u) << "no core without affinity routing";
  EXPECT_EQ(typer >> 10 & 1, 0u) << "one Security state";
  EXPECT_EQ(typer >> 16 & 1, 1u) << "message-based SPIs";
  EXPECT_EQ(typer >> 17 & 1, 0u) << "no LPIs";
  EXPECT_EQ(typer >> 19 & 0x1F, 15u) << "16 INTID bits";
  EXPECT_EQ(typer >> 25 & 1, 1u) << "no 1-of-N";
  EXPECT_EQ(gicd.read(0x00C), 0u);
}

TEST_F(DistributorV3, ControlHasAffinityRoutingAndOneSecurityStateFixed) {
  EXPECT_EQ(gicd.read(GICD_CTLR), 0x50u);
  gicd.write(GICD_CTLR, ~0u);
  EXPECT_EQ(gicd.read(GICD_CTLR), 0x53u);
  gicd.write(GICD_CTLR, 0);
  EXPECT_EQ(gicd.read(GICD_CTLR), 0x50u);
}

TEST_F(DistributorV3, PrivateInterruptsAreTheRedistributors) {
  for (const u32 offset : {GICD_IGROUPR, GICD_ISENABLER, GICD_ISPENDR, GICD_ISACTIVER, GICD_IPRIORITYR, GICD_ICFGR}) {
    gicd.write(offset, ~0u);
    EXPECT_EQ(gicd.read(offset), 0u) << offset;
  }
  EXPECT_EQ(sgi_base(0, GICD_ISENABLER), 0u);
  EXPECT_EQ(sgi_base(0, GICD_IPRIORITYR), 0u);
}

TEST_F(DistributorV3, LegacyAndSecureRegistersAreReserved) {
  for (const u32 offset : {u32{GICD_ITARGETSR} + 32, u32{GICD_IGRPMODR} + 4, u32{GICD_CPENDSGIR}}) {
    gicd.write(offset, ~0u);
    EXPECT_EQ(gicd.read(offset), 0u) << offset;
  }
  enable();
  ppi(0, 3, 0x40);
  gicd.write(GICD_SGIR, 0x02000003);
  EXPECT_FALSE(irq());
}

TEST_F(DistributorV3, RouterByDoubleWordAndByHalves) {
  const u32 router = GICD_IROUTER + 8 * 40;
  gicd.write(router, ~u64{0}, 0, 8);
  EXPECT_EQ(gicd.read(router, 0, 8), 0xFF00FFFFFFu) << "Aff3, no IRM, Aff2, Aff1, Aff0";
  gicd.write(router, 0x00010203);
  EXPECT_EQ(gicd.read(router, 0, 8), 0xFF00010203u);
  gicd.write(router + 4, 0x04);
  EXPECT_EQ(gicd.read(router + 4), 0x04u);
  EXPECT_EQ(gicd.read(router), 0x00010203u);
  EXPECT_EQ(gicd.read(router, 0, 8), 0x0400010203u);
  gicd.write(GICD_IROUTER + 8 * 288, 1, 0, 8);
  EXPECT_EQ(gicd.read(GICD_IROUTER + 8 * 288, 0, 8), 0u) << "not implemented";
}

TEST_F(DistributorV3, AnSpiGoesToTheCoreOfItsAffinity) {
  enable();
  spi(40, 0x80, 1);
  gic.set_spi(40, true);
  EXPECT_FALSE(irq(0));
  EXPECT_TRUE(irq(1));
  gicd.write(GICD_IROUTER + 8 * 40, 0, 0, 8);
  EXPECT_TRUE(irq(0));
  EXPECT_FALSE(irq(1));
  gicd.write(GICD_IROUTER + 8 * 40, 0x100, 0, 8);
  EXPECT_FALSE(irq(0) || irq(1)) << "nobody has affinity 0.0.1.0";
  EXPECT_TRUE(pending(40));
}

struct Clusters : BenchV3 {
  Clusters() : BenchV3(configuration(3), {{.aff1 = 0, .aff0 = 1}, {.aff1 = 1, .aff0 = 1}, {.aff3 = 2, .aff0 = 1}}) {}
};

TEST_F(Clusters, EveryLevelOfTheAffinityCounts) {
  enable();
  spi(40, 0x80, 0x101);
  spi(41, 0x80, 0x200000001);
  gic.set_spi(40, true);
  EXPECT_TRUE(irq(1));
  EXPECT_FALSE(irq(0) || irq(2));
  gic.set_spi(41, true);
  EXPECT_TRUE(irq(2));
  EXPECT_FALSE(irq(0));
  EXPECT_EQ(gicr.read(redistributor(1) + GICR_TYPER + 4), 0x00000101u);
  EXPECT_EQ(gicr.read(redistributor(2) + GICR_TYPER + 4), 0x02000001u);
}

TEST_F(DistributorV3, MessageBasedEdge) {
  enable();
  spi(40, 0x80, 0, true);
  gicd.write(GICD_SETSPI_NSR, 40);
  EXPECT_TRUE(irq());
  gicd.write(GICD_CLRSPI_NSR, 40);
  EXPECT_FALSE(irq());
  gicd.write(GICD_SETSPI_NSR, 40, 0, 2);
  EXPECT_EQ(read(IccIar1), 40u);
  EXPECT_FALSE(pending(40));
  write(IccEoir1, 40);
  EXPECT_FALSE(irq()) << "one message, one interrupt";
}

TEST_F(DistributorV3, MessageBasedLevel) {
  enable();
  spi(40, 0x80);
  gicd.write(GICD_SETSPI_NSR, 40);
  EXPECT_TRUE(irq());
  gicd.write(GICD_ICPENDR + 4, 1 << 8);
  EXPECT_TRUE(pending(40)) << "a message's level is lowered by CLRSPI only";
  EXPECT_EQ(read(IccIar1), 40u);
  write(IccEoir1, 40);
  EXPECT_TRUE(irq());
  gicd.write(GICD_CLRSPI_NSR, 40);
  EXPECT_FALSE(irq());
  gic.set_spi(40, true);
  gicd.write(GICD_SETSPI_NSR, 40);
  gicd.write(GICD_CLRSPI_NSR, 40);
  EXPECT_TRUE(irq()) << "the wire is still high";
}

TEST_F(DistributorV3, MessagesReachImplementedSpisOnly) {
  enable();
  ppi(0, 20, 0x40);
  for (const u64 intid : {u64{20}, u64{288}, u64{1023}, u64{0x1FFF}, u64{0x400 + 40}})
    gicd.write(GICD_SETSPI_NSR, intid);
  spi(40, 0x80);
  gicd.write(GICD_SETSPI_SR, 40);
  EXPECT_FALSE(irq());
  EXPECT_FALSE(pending(40));
}

TEST_F(DistributorV3, StatusTellsTheKindOfWrongAccess) {
  EXPECT_EQ(gicd.read(GICD_STATUSR), 0u);
  gicd.read(0x5000);
  EXPECT_EQ(gicd.read(GICD_STATUSR), 1u);
  gicd.write(0x5000, 1);
  EXPECT_EQ(gicd.read(GICD_STATUSR), 3u);
  gicd.read(GICD_SETSPI_NSR);
  EXPECT_EQ(gicd.read(GICD_STATUSR), 7u);
  gicd.write(GICD_TYPER, 0);
  EXPECT_EQ(gicd.read(GICD_STATUSR), 0xFu);
  gicd.write(GICD_STATUSR, 5);
  EXPECT_EQ(gicd.read(GICD_STATUSR), 0xAu);
  gicd.peek(0x5000);
  EXPECT_EQ(gicd.read(GICD_STATUSR), 0xAu);
}

TEST_F(DistributorV3, ResetKeepsWiresAndDropsMessages) {
  enable();
  spi(40, 0x80);
  gic.set_spi(40, true);
  gicd.write(GICD_SETSPI_NSR, 41);
  gic.reset();
  EXPECT_FALSE(irq());
  EXPECT_EQ(gicd.read(GICD_CTLR), 0x50u);
  EXPECT_TRUE(pending(40));
  EXPECT_FALSE(pending(41));
  EXPECT_EQ(gicr.read(GICR_WAKER), 6u);
}

TEST_F(RedistributorV3, Identification) {
  EXPECT_EQ(gicr.read(GICR_PIDR2) >> 4 & 0xF, 3u);
  EXPECT_EQ(gicr.read(GICR_TYPER, 0, 8), 0u) << "core 0, affinity 0, not the last, no LPIs";
  EXPECT_EQ(gicr.read(redistributor(1) + GICR_TYPER, 0, 8), 0x0000'0001'0000'0110u) << "affinity 1, number 1, Last";
  EXPECT_EQ(gicr.read(redistributor(2) + GICR_TYPER, 0, 8), 0u) << "no third core";
}

TEST_F(RedistributorV3, FramesBelongToACoreWhoeverLooks) {
  gicr.write(redistributor(1) + SGI_BASE + GICD_ISENABLER, 0x10001, 0);
  EXPECT_EQ(gicr.read(redistributor(1) + SGI_BASE + GICD_ISENABLER, 1), 0x10001u);
  EXPECT_EQ(sgi_base(0, GICD_ISENABLER), 0u);
  sgi_base(1, GICD_ICENABLER, 1);
  EXPECT_EQ(sgi_base(1, GICD_ISENABLER), 0x10000u) << "enable bits of SGIs are programmable";
}

TEST_F(RedistributorV3, Priorities) {
  gicr.write(redistributor(1) + SGI_BASE + GICD_IPRIORITYR + 28, 0xFFA05840);
  EXPECT_EQ(sgi_base(1, GICD_IPRIORITYR + 28), 0xF8A05840u) << "5 bits";
  EXPECT_EQ(gicr.read(redistributor(1) + SGI_BASE + GICD_IPRIORITYR + 30, 0, 1), 0xA0u);
  EXPECT_EQ(sgi_base(0, GICD_IPRIORITYR + 28), 0u);
}

TEST_F(RedistributorV3, SgisAreEdgeTriggered) {
  sgi_base(0, GICD_ICFGR, 0);
  EXPECT_EQ(sgi_base(0, GICD_ICFGR), 0xAAAAAAAAu);
  sgi_base(0, GICD_ICFGR + 4, 0xFFFFFFFF);
  EXPECT_EQ(sgi_base(0, GICD_ICFGR + 4), 0xAAAAAAAAu);
  EXPECT_EQ(sgi_base(1, GICD_ICFGR + 4), 0u);
}

TEST_F(RedistributorV3, PendingAndActiveOfPrivateInterrupts) {
  sgi_base(1, GICD_ISPENDR, 0x00100008);
  EXPECT_EQ(sgi_base(1, GICD_ISPENDR), 0x00100008u);
  sgi_base(1, GICD_ICPENDR, 8);
  EXPECT_EQ(sgi_base(1, GICD_ISPENDR), 0x00100000u);
  sgi_base(1, GICD_ISACTIVER, 9);
  sgi_base(1, GICD_ICACTIVER, 1);
  EXPECT_EQ(sgi_base(1, GICD_ISACTIVER), 8u);
  EXPECT_EQ(sgi_base(0, GICD_ISACTIVER), 0u);
}

TEST_F(RedistributorV3, FirmwareWakesOneCore) {
  gic.wake(1);
  EXPECT_EQ(gicr.read(GICR_WAKER), 6u);
  EXPECT_EQ(gicr.read(redistributor(1) + GICR_WAKER), 0u);
  for (unsigned cpu : {0u, 1u}) {
    gicd.write(GICD_CTLR, 3);
    ppi(cpu, 27, 0x80);
    write(IccPmr, 0xFF, cpu);
    write(IccIgrpen1, 1, cpu);
    gic.set_ppi(cpu, 27, true);
  }
  EXPECT_FALSE(irq(0)) << "nobody woke this one";
  EXPECT_TRUE(irq(1));
  gic.wake(2);  // no such core
}

TEST_F(RedistributorV3, ASleepingCoreGetsNothing) {
  enable();
  ppi(0, 27, 0x80);
  EXPECT_EQ(gicr.read(GICR_WAKER), 0u);
  gicr.write(GICR_WAKER, 2);
  EXPECT_EQ(gicr.read(GICR_WAKER), 6u) << "ProcessorSleep and ChildrenAsleep";
  gic.set_ppi(0, 27, true);
  EXPECT_FALSE(irq());
  EXPECT_EQ(read(IccIar1), kSpuriousId);
  gicr.write(GICR_WAKER, 0);
  EXPECT_TRUE(irq());
}

TEST_F(RedistributorV3, TableBasesAreStored) {
  gicr.write(GICR_PROPBASER, ~u64{0}, 0, 8);
  EXPECT_EQ(gicr.read(GICR_PROPBASER, 0, 8), 0x070FFFFFFFFFFF9Fu);
  gicr.write(GICR_PENDBASER, ~u64{0}, 0, 8);
  EXPECT_EQ(gicr.read(GICR_PENDBASER, 0, 8), 0x070FFFFFFFFF0F80u) << "PTZ reads as zero";
  gicr.write(GICR_PENDBASER, 0x80000);
  gicr.write(GICR_PENDBASER + 4, 1);
  EXPECT_EQ(gicr.read(GICR_PENDBASER, 0, 8), 0x100080000u);
  EXPECT_EQ(gicr.read(GICR_PENDBASER + 4), 1u);
}

TEST_F(RedistributorV3, Status) {
  gicr.read(redistributor(1) + 0x5000);
  EXPECT_EQ(gicr.read(redistributor(1) + GICR_STATUSR), 1u);
  EXPECT_EQ(gicr.read(redistributor(0) + GICR_STATUSR), 0u);
}

TEST(ConfigurationV3, WhatThereIsNot) {
  Wires wires;
  Config config;
  config.security_extensions = true;
  config.priority_bits = 4;
  EXPECT_THROW(GicV3(config, wires), UserError);
  config = {};
  config.list_registers = 17;
  EXPECT_THROW(GicV3(config, wires), UserError);
  config.list_registers = 16;
  EXPECT_NO_THROW(GicV3(config, wires));
  config.cpus = 2;
  EXPECT_THROW(GicV3(config, wires, nullptr, {{.aff0 = 1}, {.aff0 = 1}}), UserError);
  EXPECT_THROW(GicV3(config, wires, nullptr, {{.aff0 = 1}}), UserError);
}

}  // namespace
}  // namespace tw::gic::test
