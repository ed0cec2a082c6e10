// A GIC with Security Extensions: what Non-secure software sees. Expectations: IHI 0048B, chapters 3.7, 3.8, 4.3
// and 4.4.
#include "unit/gic/bench.hpp"

namespace tw::gic::test {
namespace {

struct Secured : Bench {
  static Config secured() {
    Config config = configuration(2);
    config.security_extensions = true;
    return config;
  }
  Secured() : Bench(secured()) {
    gicd.secure_write(GICD_CTLR, 3);
    gicc.secure_write(CTLR, 0xB);  // both groups, Group 0 as FIQ
    gicc.secure_write(PMR, 0xFF);
    gicd.secure_write(GICD_IGROUPR + 4, 1u << 9);  // 41 is Group 1, 40 is Group 0
    gicd.secure_write(GICD_ITARGETSR + 40, 0x0101);
    gicd.secure_write(GICD_ISENABLER + 4, 3u << 8);
    gicd.secure_write(GICD_IPRIORITYR + 40, 0xC040);
  }
};

TEST_F(Secured, TypeAndControlViews) {
  EXPECT_EQ(gicd.read(GICD_TYPER), 0x428u);
  EXPECT_EQ(gicd.read(GICD_CTLR), 1u);
  gicd.write(GICD_CTLR, 0);
  EXPECT_EQ(gicd.secure_read(GICD_CTLR), 1u);
  gicd.write(GICD_CTLR, 3);
  EXPECT_EQ(gicd.secure_read(GICD_CTLR), 3u);
  EXPECT_EQ(gicc.read(CTLR), 1u);
  gicc.write(CTLR, 0x261);
  EXPECT_EQ(gicc.secure_read(CTLR), 0x58Bu);
  gicc.secure_write(CTLR, 0x7FF);
  EXPECT_EQ(gicc.secure_read(CTLR), 0x7FFu);
}

TEST_F(Secured, Group0IsInvisibleInTheDistributor) {
  EXPECT_EQ(gicd.read(GICD_IGROUPR + 4), 0u);
  gicd.write(GICD_IGROUPR + 4, 0xFFFFFFFF);
  EXPECT_EQ(gicd.secure_read(GICD_IGROUPR + 4), 1u << 9);
  EXPECT_EQ(gicd.read(GICD_ISENABLER + 4), 1u << 9);
  gicd.write(GICD_ICENABLER + 4, 3u << 8);
  EXPECT_EQ(gicd.secure_read(GICD_ISENABLER + 4), 1u << 8);
  gicd.write(GICD_ISPENDR + 4, 3u << 8);
  EXPECT_EQ(gicd.secure_read(GICD_ISPENDR + 4), 1u << 9);
  gicd.write(GICD_ISACTIVER + 4, 3u << 8);
  EXPECT_EQ(gicd.secure_read(GICD_ISACTIVER + 4), 1u << 9);
  EXPECT_EQ(gicd.read(GICD_ITARGETSR + 40, 0, 4), 0x0100u);
  gicd.write(GICD_ICFGR + 8, 0xA0000);
  EXPECT_EQ(gicd.secure_read(GICD_ICFGR + 8), 0x80000u);
}

TEST_F(Secured, PrioritiesAreShifted) {
  EXPECT_EQ(gicd.read(GICD_IPRIORITYR + 40), 0x8000u);  // 0xC0 seen as 0x80, Group 0 as zero
  gicd.write(GICD_IPRIORITYR + 40, 0x2020);
  EXPECT_EQ(gicd.secure_read(GICD_IPRIORITYR + 40), 0x9040u);
  gicc.write(PMR, 0x80);
  EXPECT_EQ(gicc.secure_read(PMR), 0xC0u);
  EXPECT_EQ(gicc.read(PMR), 0x80u);
  gicc.secure_write(PMR, 0x40);
  EXPECT_EQ(gicc.read(PMR), 0u);
  gicc.write(PMR, 0xFF);
  EXPECT_EQ(gicc.secure_read(PMR), 0x40u) << "a Secure mask cannot be opened";
}

TEST_F(Secured, Group0IsFiqAndHiddenFromNonSecureReads) {
  gic.set_spi(40, true);
  EXPECT_TRUE(fiq());
  EXPECT_EQ(gicc.read(IAR), kSpuriousId);
  EXPECT_EQ(gicc.read(HPPIR), kSpuriousId);
  EXPECT_EQ(gicc.secure_read(AIAR), kSpuriousId);
  EXPECT_EQ(gicc.secure_read(IAR), 40u);
  EXPECT_EQ(gicc.read(RPR), 0u) << "a priority of the Secure half";
  gicc.write(EOIR, 40);
  EXPECT_EQ(gicc.secure_read(RPR), 0x40u) << "not Non-secure software's to end";
  gicc.secure_write(EOIR, 40);
  EXPECT_EQ(gicc.secure_read(RPR), 0xFFu);
}

TEST_F(Secured, Group1IsIrqAndNeedsAckCtlOrTheAliasInSecureState) {
  gic.set_spi(41, true);
  EXPECT_TRUE(irq());
  EXPECT_EQ(gicc.secure_read(IAR), 1022u);
  EXPECT_EQ(gicc.secure_read(AHPPIR), 41u);
  EXPECT_EQ(gicc.read(AHPPIR), 0u) << "the aliases are Secure";
  EXPECT_EQ(gicc.read(AIAR), 0u);
  EXPECT_EQ(gicc.read(IAR), 41u);
  EXPECT_EQ(gicc.read(RPR), 0x80u);
  EXPECT_EQ(gicc.secure_read(RPR), 0xC0u);
  EXPECT_EQ(gicc.secure_read(APR0), 0u);
  EXPECT_EQ(gicc.secure_read(NSAPR0), 1u << 24);
  EXPECT_EQ(gicc.read(APR0), 1u << 8) << "0x80 of 16 Non-secure levels";
  EXPECT_EQ(gicc.read(NSAPR0), 0u);
  gic.set_spi(41, false);
  gicc.write(EOIR, 41);
  EXPECT_EQ(gicc.read(RPR), 0xFFu);
  gicc.write(APR0, 1u << 8);
  EXPECT_EQ(gicc.secure_read(RPR), 0xC0u);
}

TEST_F(Secured, EoiModesAreSeparate) {
  gicc.write(CTLR, 0x201);  // EOImodeNS
  gic.set_spi(41, true);
  EXPECT_EQ(gicc.read(IAR), 41u);
  gicc.write(EOIR, 41);
  EXPECT_NE(gicd.read(GICD_ISACTIVER + 4), 0u);
  gicc.write(DIR, 41);
  EXPECT_EQ(gicd.read(GICD_ISACTIVER + 4), 0u);
  gic.set_spi(40, true);
  EXPECT_EQ(gicc.secure_read(IAR), 40u);
  gicc.write(DIR, 40);
  EXPECT_NE(gicd.secure_read(GICD_ISACTIVER + 4), 0u);
  gicc.secure_write(EOIR, 40);
  EXPECT_EQ(gicd.secure_read(GICD_ISACTIVER + 4), 0u);
}

TEST_F(Secured, BinaryPointIsBanked) {
  EXPECT_EQ(gicc.read(BPR), 3u);
  gicc.write(BPR, 5);
  EXPECT_EQ(gicc.secure_read(BPR), 2u);
  EXPECT_EQ(gicc.secure_read(ABPR), 5u);
  EXPECT_EQ(gicc.read(ABPR), 0u);
  gicc.secure_write(CTLR, 0x1B);  // CBPR
  EXPECT_EQ(gicc.read(BPR), 3u) << "Secure 2, plus one";
  gicc.secure_write(BPR, 7);
  EXPECT_EQ(gicc.read(BPR), 7u) << "saturates";
  gicc.write(BPR, 4);
  EXPECT_EQ(gicc.secure_read(BPR), 7u);
  EXPECT_EQ(gicc.secure_read(ABPR), 5u);
}

TEST_F(Secured, SgisGoToTheirGroup) {
  gicd.secure_write(GICD_IGROUPR, 1u << 4, 1);  // SGI 4 is Group 1 on CPU 1, Group 0 on CPU 0
  const auto targets = [this] {
    u64 mask = 0;
    for (unsigned cpu : {0u, 1u}) {
      mask |= (gicd.secure_read(GICD_ISPENDR, cpu) >> 4 & 1) << cpu;
      gicd.secure_write(GICD_CPENDSGIR + 4, 0xFF, cpu, 1);
    }
    return mask;
  };
  gicd.secure_write(GICD_SGIR, 3u << 16 | 4);
  EXPECT_EQ(targets(), 1u);
  gicd.secure_write(GICD_SGIR, 3u << 16 | 1u << 15 | 4);
  EXPECT_EQ(targets(), 2u);
  gicd.write(GICD_SGIR, 3u << 16 | 4);
  EXPECT_EQ(targets(), 2u);
  gicd.write(GICD_SPENDSGIR + 4, 0x01, 0, 1);
  gicd.write(GICD_SPENDSGIR + 4, 0x01, 1, 1);
  EXPECT_EQ(targets(), 2u);
}

TEST_F(Secured, ALinkDoesNotReachGroup0) {
  gicd.secure_write(GICD_ISACTIVER + 4, 3u << 8);
  gich.write(GICH_HCR, 1);
  for (u64 physical : {40u, 41u}) {
    gich.write(GICH_LR0, u64{1} << 31 | u64{2} << 28 | physical << 10 | 50);
    gicv.write(EOIR, 50);
  }
  EXPECT_EQ(gicd.secure_read(GICD_ISACTIVER + 4), 1u << 8);
}

}  // namespace
}  // namespace tw::gic::test
