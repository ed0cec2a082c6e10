// GICH_MISR: every cause of the maintenance interrupt, one step before it, at it, and after it is gone; and the way to
// the core through PPI 25. Expectations: IHI 0048B, 5.3.
#include "unit/gic/bench.hpp"

namespace tw::gic::test {
namespace {

constexpr u64 kPending = u64{1} << 28, kActive = u64{2} << 28, kHardware = u64{1} << 31, kEoi = u64{1} << 19;
enum : u64 {
  kEn = 1,
  kUie = 2,
  kLrenpie = 4,
  kNpie = 8,
  kVGrp0Eie = 16,
  kVGrp0Die = 32,
  kVGrp1Eie = 64,
  kVGrp1Die = 128,
  kEoiCount = u64{1} << 27
};
enum : u64 { kEoiCause = 1, kU = 2, kLrenp = 4, kNp = 8, kVGrp0E = 16, kVGrp0D = 32, kVGrp1E = 64, kVGrp1D = 128 };

struct Maintenance : Bench {
  Maintenance() {
    enable();
    gicd.write(GICD_ISENABLER, 1u << 25);
    gicd.write(GICD_IPRIORITYR + 25, 0x80, 0, 1);
  }
  void lr(unsigned n, u64 value) { gich.write(GICH_LR0 + 4 * n, value); }
  /// Nothing but `misr` is a cause, and the interrupt line says so.
  void expect(u64 misr) {
    EXPECT_EQ(gich.read(GICH_MISR), misr);
    EXPECT_EQ(irq(), misr != 0);
    EXPECT_EQ(pending(25), misr != 0);
  }
};

TEST_F(Maintenance, EndOfInterrupt) {
  gich.write(GICH_HCR, kEn);
  gicv.write(CTLR, 1);
  gicv.write(PMR, 0xFF);
  lr(1, kPending | kEoi | 40);
  expect(0);
  EXPECT_EQ(gicv.read(IAR), 40u);
  expect(0);
  gicv.write(EOIR, 40);
  expect(kEoiCause);
  EXPECT_EQ(gich.read(GICH_EISR0), 2u);
  EXPECT_EQ(gich.read(GICH_ELRSR0), 0xDu) << "not free until the EOI is seen";
  lr(1, 0);
  expect(0);
  EXPECT_EQ(gich.read(GICH_EISR0), 0u);
}

TEST_F(Maintenance, AHardwareListRegisterReportsNoEoi) {
  gich.write(GICH_HCR, kEn);
  lr(0, kHardware | kEoi | 40);  // bit 19 is the physical INTID's top bit here
  expect(0);
  EXPECT_EQ(gich.read(GICH_ELRSR0), 0xFu);
}

TEST_F(Maintenance, Underflow) {
  lr(0, kPending | 40);
  lr(1, kActive | 41);
  gich.write(GICH_HCR, kEn | kUie);
  expect(0);
  lr(1, 0);
  expect(kU);  // one valid list register
  lr(0, 0);
  expect(kU);  // none
  lr(2, kPending | kActive | 40);
  lr(3, kPending | 41);
  expect(0);
  lr(3, 0);
  gich.write(GICH_HCR, kEn);
  expect(0);
}

TEST_F(Maintenance, EntryNotPresent) {
  gich.write(GICH_HCR, kEn | kLrenpie);
  gich.write(GICH_APR, 1);
  expect(0);
  gicv.write(EOIR, 40);
  expect(kLrenp);
  EXPECT_EQ(gich.read(GICH_HCR), kEn | kLrenpie | kEoiCount);
  gich.write(GICH_HCR, kEn | kEoiCount);
  expect(0);
  gich.write(GICH_HCR, kEn | kLrenpie | 31 * kEoiCount);
  expect(kLrenp);
  gich.write(GICH_HCR, kEn | kLrenpie);
  expect(0);
}

TEST_F(Maintenance, NoPending) {
  gicv.write(CTLR, 1);
  gicv.write(PMR, 0xFF);
  lr(0, kPending | 40);
  lr(1, kPending | 41);
  gich.write(GICH_HCR, kEn | kNpie);
  expect(0);
  EXPECT_EQ(gicv.read(IAR), 40u);
  expect(0);
  lr(1, 0);
  expect(kNp);  // 40 is active, nothing pends
  lr(0, kPending | 40);
  expect(0);
  gich.write(GICH_HCR, kEn);
  lr(0, 0);
  expect(0);
}

TEST_F(Maintenance, GroupEnables) {
  gich.write(GICH_HCR, kEn | kVGrp0Eie);
  expect(0);
  gicv.write(CTLR, 2);
  expect(0);
  gicv.write(CTLR, 1);
  expect(kVGrp0E);
  gich.write(GICH_HCR, kEn | kVGrp0Die);
  expect(0);
  gicv.write(CTLR, 2);
  expect(kVGrp0D);
  gich.write(GICH_HCR, kEn | kVGrp1Die);
  expect(0);
  gicv.write(CTLR, 1);
  expect(kVGrp1D);
  gich.write(GICH_HCR, kEn | kVGrp1Eie);
  expect(0);
  gicv.write(CTLR, 2);
  expect(kVGrp1E);
  gich.write(GICH_VMCR, 0);
  expect(0);
}

TEST_F(Maintenance, CausesAddUp) {
  lr(0, kEoi | 40);
  gich.write(GICH_HCR, kEn | kUie | kLrenpie | kNpie | kVGrp0Eie | kVGrp0Die | kVGrp1Eie | kVGrp1Die | kEoiCount);
  gicv.write(CTLR, 2);
  expect(kEoiCause | kU | kLrenp | kNp | kVGrp0D | kVGrp1E);
}

TEST_F(Maintenance, NothingUnlessEnabled) {
  gich.write(GICH_HCR, kUie);
  EXPECT_EQ(gich.read(GICH_MISR), kU);
  EXPECT_FALSE(irq());
  gich.write(GICH_HCR, kUie | kEn);
  EXPECT_TRUE(irq());
  gich.write(GICH_HCR, 0);
  EXPECT_FALSE(irq());
}

TEST_F(Maintenance, IsALevelOfItsOwnCpu) {
  gich.write(GICH_HCR, kEn | kUie, 1);
  EXPECT_TRUE(pending(25, 1));
  EXPECT_FALSE(pending(25, 0));
  EXPECT_FALSE(irq(1)) << "not enabled there";
  gich.write(GICH_HCR, kEn | kUie, 0);
  EXPECT_EQ(gicc.read(IAR), 25u);
  gicc.write(EOIR, 25);
  EXPECT_TRUE(irq()) << "the cause is still there";
  EXPECT_EQ(gicc.read(IAR), 25u);
  gich.write(GICH_HCR, 0, 0);
  gicc.write(EOIR, 25);
  EXPECT_FALSE(irq());
}

TEST_F(Maintenance, AnExternalWireOnItsPpiIsOred) {
  gic.set_ppi(0, 25, true);
  EXPECT_TRUE(irq());
  gich.write(GICH_HCR, kEn | kUie);
  gic.set_ppi(0, 25, false);
  EXPECT_TRUE(irq());
  gich.write(GICH_HCR, 0);
  EXPECT_FALSE(irq());
}

}  // namespace
}  // namespace tw::gic::test
