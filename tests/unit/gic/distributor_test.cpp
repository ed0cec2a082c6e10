// GICD_*: identification, the interrupt state machine, routing, SGIs. Expectations: IHI 0048B, chapters 3.2 and 4.3.
#include "unit/gic/bench.hpp"

namespace tw::gic::test {
namespace {

struct Distributor : Bench {};
struct Uniprocessor : Bench {
  Uniprocessor() : Bench(configuration(1)) {}
};
struct EightCpus : Bench {
  EightCpus() : Bench(configuration(8)) {}
};

TEST_F(Distributor, IdentifiesItself) {
  EXPECT_EQ(gicd.read(GICD_TYPER), 0x28u);  // 288 INTIDs = 32 * (8 + 1), 2 CPUs, no Security Extensions
  EXPECT_EQ(gicd.read(GICD_IIDR), 0x0200143Bu);
  EXPECT_EQ(gicd.read(0xFE8) >> 4 & 0xF, 2u);  // ICPIDR2.ArchRev: GICv2
  EXPECT_EQ(gicd.read(0xFF0), 0x0Du);
  EXPECT_EQ(gicd.read(0xFF4), 0xF0u);
  EXPECT_EQ(gicd.read(0xFF8), 0x05u);
  EXPECT_EQ(gicd.read(0xFFC), 0xB1u);
}

TEST_F(Distributor, ResetValues) {
  EXPECT_EQ(gicd.read(GICD_CTLR), 0u);
  EXPECT_EQ(gicd.read(GICD_IGROUPR), 0u);
  EXPECT_EQ(gicd.read(GICD_ISENABLER), 0xFFFFu);  // SGIs are always enabled
  EXPECT_EQ(gicd.read(GICD_ISENABLER + 4), 0u);
  EXPECT_EQ(gicd.read(GICD_ICFGR), 0xAAAAAAAAu);  // SGIs are edge-triggered
  EXPECT_EQ(gicd.read(GICD_ICFGR + 4), 0u);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 32), 0u);
}

TEST_F(Distributor, EnableBitsSetAndClearByOnes) {
  gicd.write(GICD_ISENABLER + 4, 0xF0);
  gicd.write(GICD_ISENABLER + 4, 0x0F);
  gicd.write(GICD_ICENABLER + 4, 0x18);
  EXPECT_EQ(gicd.read(GICD_ISENABLER + 4), 0xE7u);
  EXPECT_EQ(gicd.read(GICD_ICENABLER + 4), 0xE7u);
  gicd.write(GICD_ICENABLER, 0xFFFFFFFF);
  EXPECT_EQ(gicd.read(GICD_ISENABLER), 0xFFFFu);
}

TEST_F(Distributor, WordsOfSgisAndPpisAreBanked) {
  gicd.write(GICD_ISENABLER, 1u << 27, 1);
  EXPECT_EQ(gicd.read(GICD_ISENABLER, 0), 0xFFFFu);
  EXPECT_EQ(gicd.read(GICD_ISENABLER, 1), 0x0800FFFFu);
  gicd.write(GICD_IPRIORITYR + 27, 0xA0, 1, 1);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 27, 0, 1), 0u);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 27, 1, 1), 0xA0u);
  gicd.write(GICD_IGROUPR, 0x1, 1);
  EXPECT_EQ(gicd.read(GICD_IGROUPR, 0), 0u);
}

TEST_F(Distributor, NothingIsBeyondTheLastIntid) {
  gicd.write(GICD_ISENABLER + 9 * 4, 0xFFFFFFFF);  // INTID 288 and up
  EXPECT_EQ(gicd.read(GICD_ISENABLER + 9 * 4), 0u);
  gicd.write(GICD_IPRIORITYR + 288, 0xFF, 0, 1);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 288, 0, 1), 0u);
  gicd.write(GICD_IPRIORITYR + 287, 0xFF, 0, 1);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 287, 0, 1), 0xF8u);
}

TEST_F(Distributor, PrioritiesAreBytesWithFiveBits) {
  gicd.write(GICD_IPRIORITYR + 40, 0x80F0A7FF);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 40), 0x80F0A0F8u);
  gicd.write(GICD_IPRIORITYR + 41, 0x18, 0, 1);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 40), 0x80F018F8u);
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 43, 0, 1), 0x80u);
}

TEST_F(Distributor, TargetsOfPrivateInterruptsAreTheReader) {
  EXPECT_EQ(gicd.read(GICD_ITARGETSR, 0), 0x01010101u);
  EXPECT_EQ(gicd.read(GICD_ITARGETSR + 28, 1), 0x02020202u);
  gicd.write(GICD_ITARGETSR, 0xFFFFFFFF, 0);
  EXPECT_EQ(gicd.read(GICD_ITARGETSR, 0), 0x01010101u);
  gicd.write(GICD_ITARGETSR + 32, 0xFF, 0, 1);  // two CPUs only
  EXPECT_EQ(gicd.read(GICD_ITARGETSR + 32), 0x03u);
}

TEST_F(Uniprocessor, TargetsReadAsZeroAndEverySpiIsForTheOnlyCpu) {
  gicd.write(GICD_ITARGETSR + 32, 0xFF);
  EXPECT_EQ(gicd.read(GICD_ITARGETSR + 32), 0u);
  EXPECT_EQ(gicd.read(GICD_ITARGETSR), 0u);
  enable();
  gicd.write(GICD_ISENABLER + 4, 1);
  gic.set_spi(32, true);
  EXPECT_TRUE(irq());
}

TEST_F(Distributor, AnSpiGoesWhereItsTargetsSay) {
  enable();
  route(40, 0x80, 2);
  gic.set_spi(40, true);
  EXPECT_FALSE(irq(0));
  EXPECT_TRUE(irq(1));
  gicd.write(GICD_ITARGETSR + 40, 3, 0, 1);
  EXPECT_TRUE(irq(0));
  // One of N: whoever acknowledges has it, nobody else does.
  EXPECT_EQ(gicc.read(IAR, 0), 40u);
  EXPECT_FALSE(irq(1));
  EXPECT_EQ(gicc.read(IAR, 1), kSpuriousId);
  gicd.write(GICD_ITARGETSR + 40, 0, 0, 1);
  gicc.write(EOIR, 40, 0);
  EXPECT_FALSE(irq(0));
  EXPECT_TRUE(pending(40));
}

TEST_F(Distributor, DisabledInterruptsPendWithoutBeingForwarded) {
  enable();
  route(40, 0x80);
  gicd.write(GICD_ICENABLER + 4, 1u << 8);
  gic.set_spi(40, true);
  EXPECT_TRUE(pending(40));
  EXPECT_FALSE(irq());
  gicd.write(GICD_ISENABLER + 4, 1u << 8);
  EXPECT_TRUE(irq());
  gicd.write(GICD_CTLR, 2);
  EXPECT_FALSE(irq());
  EXPECT_EQ(gicc.read(IAR), kSpuriousId);
}

TEST_F(Distributor, ALevelIsPendingWhileItsWireIsHigh) {
  enable();
  route(40, 0x80);
  gic.set_spi(40, true);
  EXPECT_TRUE(irq());
  gicd.write(GICD_ICPENDR + 4, 1u << 8);
  EXPECT_TRUE(pending(40)) << "ICPENDR does not reach the wire";
  gic.set_spi(40, false);
  EXPECT_FALSE(pending(40));
  EXPECT_FALSE(irq());
}

TEST_F(Distributor, ALevelPendsAgainAfterEoiUntilItsWireFalls) {
  enable();
  route(40, 0x80);
  gic.set_spi(40, true);
  EXPECT_EQ(gicc.read(IAR), 40u);
  EXPECT_TRUE(active(40));
  EXPECT_TRUE(pending(40)) << "active and pending";
  EXPECT_FALSE(irq());
  gicc.write(EOIR, 40);
  EXPECT_FALSE(active(40));
  EXPECT_TRUE(irq());
  EXPECT_EQ(gicc.read(IAR), 40u);
  gic.set_spi(40, false);
  EXPECT_FALSE(pending(40));
  gicc.write(EOIR, 40);
  EXPECT_FALSE(irq());
}

TEST_F(Distributor, ALevelSetPendingIsLatchedUntilAcknowledgedOrCleared) {
  enable();
  route(40, 0x80);
  gicd.write(GICD_ISPENDR + 4, 1u << 8);
  EXPECT_TRUE(irq());
  gic.set_spi(40, true);
  gic.set_spi(40, false);
  EXPECT_TRUE(pending(40)) << "the latch outlives the wire";
  EXPECT_EQ(gicc.read(IAR), 40u);
  EXPECT_FALSE(pending(40));
  gicc.write(EOIR, 40);
  gicd.write(GICD_ISPENDR + 4, 1u << 8);
  gicd.write(GICD_ICPENDR + 4, 1u << 8);
  EXPECT_FALSE(pending(40));
}

TEST_F(Distributor, AnEdgeIsRememberedAndConsumedByTheAcknowledge) {
  enable();
  route(41, 0x80, 1, true);
  gic.set_spi(41, true);
  gic.set_spi(41, false);
  EXPECT_TRUE(irq());
  EXPECT_EQ(gicc.read(IAR), 41u);
  EXPECT_FALSE(pending(41));
  gicc.write(EOIR, 41);
  EXPECT_FALSE(irq());
  gic.set_spi(41, true);
  gicd.write(GICD_ICPENDR + 4, 1u << 9);
  EXPECT_FALSE(pending(41)) << "a high wire is no edge";
}

TEST_F(Distributor, AnEdgeWhileActiveIsActiveAndPending) {
  enable();
  route(41, 0x80, 1, true);
  gic.set_spi(41, true);
  EXPECT_EQ(gicc.read(IAR), 41u);
  gic.set_spi(41, false);
  gic.set_spi(41, true);
  EXPECT_TRUE(active(41));
  EXPECT_TRUE(pending(41));
  EXPECT_FALSE(irq());
  gicc.write(EOIR, 41);
  EXPECT_TRUE(irq());
  EXPECT_EQ(gicc.read(IAR), 41u);
  gicc.write(EOIR, 41);
  EXPECT_FALSE(irq()) << "two edges, two interrupts";
}

TEST_F(Distributor, ActiveBitsCanBeWritten) {
  enable();
  route(40, 0x80);
  gicd.write(GICD_ISACTIVER + 4, 1u << 8);
  gic.set_spi(40, true);
  EXPECT_FALSE(irq());
  gicd.write(GICD_ICACTIVER + 4, 1u << 8);
  EXPECT_TRUE(irq());
}

TEST_F(Distributor, PpisAreOfTheirCpu) {
  enable();
  gicd.write(GICD_ISENABLER, 1u << 30, 0);
  gicd.write(GICD_ISENABLER, 1u << 30, 1);
  gic.set_ppi(1, 30, true);
  EXPECT_FALSE(irq(0));
  EXPECT_TRUE(irq(1));
  EXPECT_EQ(gicc.read(IAR, 1), 30u);
  EXPECT_TRUE(active(30, 1));
  EXPECT_FALSE(active(30, 0));
  gic.set_ppi(0, 30, true);
  EXPECT_EQ(gicc.read(IAR, 0), 30u) << "active on one CPU does not hide the other CPU's";
}

TEST_F(Distributor, WiresOutOfRangeAreIgnored) {
  gic.set_spi(0, true);
  gic.set_spi(288, true);
  gic.set_spi(100000, true);
  gic.set_ppi(2, 30, true);
  gic.set_ppi(0, 15, true);
  gic.set_ppi(0, 32, true);
  for (u32 n = 0; n < 32; ++n) EXPECT_EQ(gicd.read(GICD_ISPENDR + 4 * n), 0u);
}

TEST_F(EightCpus, SgiFilterModes) {
  enable();
  gicd.write(GICD_SGIR, 0u << 24 | 0xA4u << 16 | 5, 3);
  for (unsigned cpu = 0; cpu < 8; ++cpu) EXPECT_EQ(pending(5, cpu), ((0xA4 >> cpu) & 1) != 0) << cpu;
  gicd.write(GICD_SGIR, 1u << 24 | 0x01u << 16 | 6, 3);
  for (unsigned cpu = 0; cpu < 8; ++cpu) EXPECT_EQ(pending(6, cpu), cpu != 3) << cpu;
  gicd.write(GICD_SGIR, 2u << 24 | 0xFFu << 16 | 7, 3);
  for (unsigned cpu = 0; cpu < 8; ++cpu) EXPECT_EQ(pending(7, cpu), cpu == 3) << cpu;
  gicd.write(GICD_SGIR, 3u << 24 | 0xFFu << 16 | 8, 3);
  for (unsigned cpu = 0; cpu < 8; ++cpu) EXPECT_FALSE(pending(8, cpu)) << cpu;
}

TEST_F(EightCpus, AnSgiPendsOncePerSource) {
  enable();
  gicd.write(GICD_SGIR, 1u << 16 | 9, 6);
  gicd.write(GICD_SGIR, 1u << 16 | 9, 2);
  gicd.write(GICD_SGIR, 1u << 16 | 9, 2);
  EXPECT_EQ(gicd.read(GICD_SPENDSGIR + 9, 0, 1), 0x44u);
  EXPECT_EQ(gicc.read(IAR), 2u << 10 | 9);
  EXPECT_TRUE(pending(9)) << "the other source's";
  EXPECT_TRUE(active(9));
  EXPECT_EQ(gicc.read(IAR), kSpuriousId);
  gicc.write(EOIR, 2u << 10 | 9);
  EXPECT_EQ(gicc.read(HPPIR), 6u << 10 | 9);
  EXPECT_EQ(gicc.read(IAR), 6u << 10 | 9);
  gicc.write(EOIR, 6u << 10 | 9);
  EXPECT_FALSE(irq());
}

TEST_F(EightCpus, SgiPendingStateIsReadAndWrittenBySource) {
  gicd.write(GICD_SPENDSGIR + 4, 0x00810000, 5);  // SGI 6 from CPUs 0 and 7, to CPU 5
  EXPECT_EQ(gicd.read(GICD_CPENDSGIR + 4, 5), 0x00810000u);
  EXPECT_EQ(gicd.read(GICD_CPENDSGIR + 4, 4), 0u);
  EXPECT_TRUE(pending(6, 5));
  gicd.write(GICD_CPENDSGIR + 6, 0x01, 5, 1);
  EXPECT_EQ(gicd.read(GICD_SPENDSGIR + 6, 5, 1), 0x80u);
  gicd.write(GICD_ICPENDR, 0xFFFF, 5);
  EXPECT_TRUE(pending(6, 5)) << "ICPENDR does not reach SGIs";
  gicd.write(GICD_CPENDSGIR + 6, 0x80, 5, 1);
  EXPECT_FALSE(pending(6, 5));
  gicd.write(GICD_ISPENDR, 0xFFFF, 5);
  EXPECT_EQ(gicd.read(GICD_ISPENDR, 5), 0u);
}

TEST_F(Distributor, ResetKeepsTheWires) {
  enable();
  route(40, 0x80);
  gic.set_spi(40, true);
  EXPECT_TRUE(irq());
  gic.reset();
  EXPECT_FALSE(irq());
  EXPECT_EQ(gicd.read(GICD_CTLR), 0u);
  EXPECT_TRUE(pending(40));
}

TEST(Configuration, OutOfRangeIsTheUsersError) {
  Wires wires;
  Config config;
  config.cpus = 9;
  config.priority_bits = 3;
  EXPECT_THROW(GicV2(config, wires), std::runtime_error);
  config = {};
  config.security_extensions = true;
  config.priority_bits = 4;
  EXPECT_THROW(GicV2(config, wires), std::runtime_error);
  config.priority_bits = 5;
  EXPECT_NO_THROW(GicV2(config, wires));
}

}  // namespace
}  // namespace tw::gic::test
