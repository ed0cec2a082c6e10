// ICH_*_EL2 and ICV_*. Expectations: IHI 0069, chapter 6, 12.3 and 12.4.
#include "unit/gic/v3_bench.hpp"

namespace tw::gic::test {
namespace {

constexpr u64 kPending = u64{1} << 62, kActive = u64{2} << 62, kGroup1 = u64{1} << 60, kHardware = u64{1} << 61,
              kEoi = u64{1} << 41;
constexpr u64 priority(u64 value) { return value << 48; }
constexpr u64 physical(u64 intid) { return intid << 32; }
enum : u64 {
  kEn = 1,
  kUie = 2,
  kLrenpie = 4,
  kNpie = 8,
  kVGrp0Eie = 16,
  kVGrp0Die = 32,
  kVGrp1Eie = 64,
  kVGrp1Die = 128
};
constexpr u64 kEoiCount = u64{1} << 27;

arm::GicRegister lr_at(unsigned n) { return static_cast<arm::GicRegister>(static_cast<unsigned>(IchLr0) + n); }

struct VirtualV3 : BenchV3 {
  /// The interface on; the guest takes both groups, of every priority.
  void start() {
    enable();
    write(IchHcr, kEn);
    guest(IccPmr, 0xFF);
    guest(IccIgrpen0, 1);
    guest(IccIgrpen1, 1);
  }
  void lr(unsigned n, u64 value) { write(lr_at(n), value); }
  u64 lr(unsigned n) { return read(lr_at(n)); }
  u64 eoi_count() { return read(IchHcr) >> 27; }
};

TEST_F(VirtualV3, ResetValues) {
  EXPECT_EQ(read(IchHcr), 0u);
  EXPECT_EQ(read(IchVtr), 0x90380003u) << "5 and 5 priority bits, 16 INTID bits, A3V, nV4, TDS, four list registers";
  EXPECT_EQ(read(IchVmcr), 0x004C0008u) << "VBPR0 = 2, VBPR1 = 3, VFIQEn";
  EXPECT_EQ(read(IchElrsr), 0xFu);
  EXPECT_EQ(read(IchEisr), 0u);
  EXPECT_EQ(read(IchMisr), 0u);
  EXPECT_EQ(guest(IccIar1), kSpuriousId);
  EXPECT_EQ(guest(IccRpr), 0xFFu);
  EXPECT_EQ(guest(IccCtlr), 0x8400u);
}

TEST_F(VirtualV3, WritableBits) {
  write(IchHcr, ~u64{0});
  EXPECT_EQ(read(IchHcr), 0xF8007CFFu);
  lr(0, ~u64{0});
  EXPECT_EQ(lr(0), 0xF0F8'1FFF'0000'FFFFu) << "HW: 13 bits of pINTID";
  lr(0, ~u64{0} & ~kHardware);
  EXPECT_EQ(lr(0), 0xD0F8'0200'0000'FFFFu) << "not HW: EOI";
  lr(4, ~u64{0});
  EXPECT_EQ(lr(4), 0u) << "not implemented";
  write(IchAp0r0, 0x80000001);
  EXPECT_EQ(guest(IccAp0r0), 0x80000001u);
  write(IchAp1r0, 0x10);
  EXPECT_EQ(guest(IccAp1r0), 0x10u);
  write(IchAp1r1, 1);
  EXPECT_EQ(read(IchAp1r1), 0u);
}

TEST_F(VirtualV3, VmcrAndIcvAreOneState) {
  guest(IccPmr, 0xA5);
  guest(IccBpr0, 3);
  guest(IccBpr1, 5);
  guest(IccIgrpen1, 1);
  guest(IccCtlr, 2);
  EXPECT_EQ(read(IchVmcr), 0xA0740000u | 0x200 | 8 | 2);
  write(IchVmcr, 0xFFFFFFFF);
  EXPECT_EQ(read(IchVmcr), 0xF8FC021Bu) << "VAckCtl is RES0, VPMR has 5 bits";
  EXPECT_EQ(guest(IccPmr), 0xF8u);
  EXPECT_EQ(guest(IccBpr0), 7u);
  EXPECT_EQ(guest(IccIgrpen0), 1u);
  EXPECT_EQ(guest(IccCtlr), 0x8403u);
  write(IchVmcr, 0);
  EXPECT_EQ(guest(IccBpr0), 2u);
  EXPECT_EQ(guest(IccBpr1), 3u);
  EXPECT_EQ(read(IchVmcr), 0x004C0008u);
}

TEST_F(VirtualV3, PhysicalInterfaceIsAnother) {
  guest(IccPmr, 0xF0);
  EXPECT_EQ(read(IccPmr), 0u);
  write(IccBpr0, 5);
  EXPECT_EQ(guest(IccBpr0), 2u);
}

TEST_F(VirtualV3, Life) {
  start();
  log.take();
  lr(2, kPending | kGroup1 | priority(0x80) | 50);
  EXPECT_TRUE(virq());
  EXPECT_FALSE(vfiq() || irq() || fiq());
  EXPECT_EQ(read(IchElrsr), 0xBu);
  EXPECT_EQ(guest(IccHppir1), 50u);
  EXPECT_EQ(gic.read(0, IccIar1, {.guest = true, .debug = true}), 50u);
  EXPECT_EQ(guest(IccIar0), kSpuriousId);
  EXPECT_EQ(guest(IccIar1), 50u);
  EXPECT_FALSE(virq());
  EXPECT_EQ(lr(2), kActive | kGroup1 | priority(0x80) | 50);
  EXPECT_EQ(guest(IccRpr), 0x80u);
  EXPECT_EQ(read(IchAp1r0), 1u << 16);
  EXPECT_EQ(read(IchAp0r0), 0u);
  guest(IccEoir1, 50);
  EXPECT_EQ(lr(2), kGroup1 | priority(0x80) | 50);
  EXPECT_EQ(read(IchAp1r0), 0u);
  EXPECT_EQ(read(IchElrsr), 0xFu);
  EXPECT_EQ(eoi_count(), 0u);
  EXPECT_EQ(log.take(), (std::vector<std::string>{"v50@0 asserted", "v50@0 signalled", "v50@0 acknowledged",
                                                  "v50@0 drop", "v50@0 deactivated"}));
}

TEST_F(VirtualV3, NothingUnlessEnabled) {
  start();
  lr(0, kPending | kGroup1 | 50);
  write(IchHcr, 0);
  EXPECT_FALSE(virq());
  EXPECT_EQ(guest(IccIar1), kSpuriousId);
  EXPECT_EQ(guest(IccHppir1), kSpuriousId);
}

TEST_F(VirtualV3, Group0IsVirtualFiq) {
  start();
  lr(0, kPending | priority(0x40) | 50);
  EXPECT_TRUE(vfiq());
  EXPECT_FALSE(virq());
  EXPECT_EQ(guest(IccIar1), kSpuriousId);
  EXPECT_EQ(guest(IccIar0), 50u);
  EXPECT_EQ(read(IchAp0r0), 1u << 8);
  guest(IccEoir1, 50);
  EXPECT_EQ(lr(0) >> 62, 2u) << "the running priority is Group 0's";
  guest(IccEoir0, 50);
  EXPECT_EQ(lr(0) >> 62, 0u);
  lr(1, kPending | kGroup1 | priority(0x80) | 51);
  lr(0, kPending | priority(0x40) | 50);
  guest(IccIgrpen0, 0);
  EXPECT_TRUE(virq()) << "a disabled group hides nothing";
}

TEST_F(VirtualV3, PriorityMaskAndPreemption) {
  start();
  lr(0, kPending | kGroup1 | priority(0x80) | 50);
  guest(IccPmr, 0x80);
  EXPECT_FALSE(virq());
  guest(IccPmr, 0x88);
  EXPECT_EQ(guest(IccIar1), 50u);
  lr(1, kPending | kGroup1 | priority(0x80) | 51);
  EXPECT_FALSE(virq());
  lr(1, kPending | kGroup1 | priority(0x78) | 51);
  EXPECT_TRUE(virq());
  guest(IccBpr1, 7);
  EXPECT_TRUE(virq()) << "bit 7 alone preempts";
  lr(1, kPending | kGroup1 | priority(0x80) | 51);
  EXPECT_FALSE(virq());
}

TEST_F(VirtualV3, AHardwareLinkDeactivatesThePhysicalInterrupt) {
  start();
  spi(40, 0x80);
  write(IccCtlr, 2);
  gic.set_spi(40, true);
  EXPECT_EQ(read(IccIar1), 40u);
  write(IccEoir1, 40);
  gic.set_spi(40, false);
  EXPECT_TRUE(active(40));
  lr(0, kPending | kGroup1 | kHardware | physical(40) | 77);
  EXPECT_EQ(guest(IccIar1), 77u);
  EXPECT_TRUE(active(40));
  guest(IccEoir1, 77);
  EXPECT_FALSE(active(40));
  for (const u64 intid : {u64{3}, u64{288}, u64{1023}, u64{0x1FFF}}) {
    lr(0, kPending | kGroup1 | kHardware | physical(intid) | 78);
    EXPECT_EQ(guest(IccIar1), 78u);
    guest(IccEoir1, 78);
    EXPECT_EQ(lr(0) >> 62, 0u);
  }
}

TEST_F(VirtualV3, AHardwareLinkOfAPpiIsThisCores) {
  start();
  for (const unsigned cpu : {0u, 1u}) sgi_base(cpu, GICD_ISACTIVER, 1u << 27);
  lr(0, kPending | kGroup1 | kHardware | physical(27) | 27);
  guest(IccIar1);
  guest(IccEoir1, 27);
  EXPECT_EQ(sgi_base(0, GICD_ISACTIVER), 0u);
  EXPECT_EQ(sgi_base(1, GICD_ISACTIVER), 1u << 27);
}

TEST_F(VirtualV3, PendingAndActive) {
  start();
  lr(0, kPending | kActive | kGroup1 | 50);
  EXPECT_FALSE(virq()) << "waits for its deactivation";
  write(IchAp1r0, 1);
  guest(IccEoir1, 50);
  EXPECT_EQ(lr(0) >> 62, 1u);
  EXPECT_TRUE(virq());
}

TEST_F(VirtualV3, SplitEndOfInterrupt) {
  start();
  guest(IccCtlr, 2);
  lr(0, kPending | kGroup1 | 50);
  guest(IccIar1);
  guest(IccEoir1, 50);
  EXPECT_EQ(guest(IccRpr), 0xFFu);
  EXPECT_EQ(lr(0) >> 62, 2u);
  guest(IccDir, 50);
  EXPECT_EQ(lr(0) >> 62, 0u);
  EXPECT_EQ(eoi_count(), 0u);
  guest(IccDir, 50);
  EXPECT_EQ(eoi_count(), 1u) << "no list register has it";
}

TEST_F(VirtualV3, EndsWithoutListRegisterAreCounted) {
  start();
  guest(IccEoir1, 50);
  EXPECT_EQ(eoi_count(), 0u) << "no active priority";
  write(IchAp1r0, 3);
  guest(IccEoir1, 1023);
  EXPECT_EQ(eoi_count(), 0u);
  guest(IccEoir1, 50);
  EXPECT_EQ(eoi_count(), 1u);
  guest(IccEoir1, 8192);
  EXPECT_EQ(eoi_count(), 1u) << "an LPI is in no list register when it ends";
  EXPECT_EQ(read(IchAp1r0), 0u);
  write(IchHcr, kEn | u64{31} << 27);
  write(IchAp1r0, 1);
  guest(IccEoir1, 50);
  EXPECT_EQ(eoi_count(), 0u) << "wraps";
}

TEST_F(VirtualV3, AVirtualLpiHasNoActiveState) {
  start();
  lr(0, kPending | kGroup1 | priority(0x80) | 9000);
  EXPECT_EQ(guest(IccIar1), 9000u);
  EXPECT_EQ(lr(0) >> 62, 0u);
  EXPECT_EQ(guest(IccRpr), 0x80u);
  guest(IccEoir1, 9000);
  EXPECT_EQ(guest(IccRpr), 0xFFu);
  EXPECT_EQ(eoi_count(), 0u);
}

struct MaintenanceV3 : VirtualV3 {
  MaintenanceV3() {
    enable();
    ppi(0, 25, 0x80);
    write(IchHcr, kEn);
  }
  /// Nothing but `misr` is a cause, and PPI 25 says so.
  void expect(u64 misr) {
    EXPECT_EQ(read(IchMisr), misr);
    EXPECT_EQ(irq(), misr != 0);
    EXPECT_EQ(sgi_base(0, GICD_ISPENDR), misr != 0 ? 1u << 25 : 0u);
  }
};

TEST_F(MaintenanceV3, EndOfInterrupt) {
  guest(IccPmr, 0xFF);
  guest(IccIgrpen1, 1);
  lr(1, kPending | kGroup1 | kEoi | 50);
  expect(0);
  guest(IccIar1);
  expect(0);
  guest(IccEoir1, 50);
  expect(1);
  EXPECT_EQ(read(IchEisr), 2u);
  EXPECT_EQ(read(IchElrsr), 0xDu) << "not free until the EOI is seen";
  write(IchHcr, 0);
  EXPECT_FALSE(irq()) << "not without En";
  write(IchHcr, kEn);
  lr(1, 0);
  expect(0);
}

TEST_F(MaintenanceV3, Underflow) {
  lr(0, kActive | 50);
  lr(1, kPending | 51);
  write(IchHcr, kEn | kUie);
  expect(0);
  lr(1, 0);
  expect(2);
  lr(0, 0);
  expect(2);
}

TEST_F(MaintenanceV3, EntryNotPresent) {
  write(IchHcr, kEn | kLrenpie);
  expect(0);
  write(IchHcr, kEn | kLrenpie | kEoiCount);
  expect(4);
  write(IchHcr, kEn | kEoiCount);
  expect(0);
}

TEST_F(MaintenanceV3, NoPending) {
  lr(3, kPending | 50);
  write(IchHcr, kEn | kNpie);
  expect(0);
  lr(3, kActive | 50);
  expect(8);
}

TEST_F(MaintenanceV3, GroupEnables) {
  write(IchHcr, kEn | kVGrp0Eie | kVGrp1Eie);
  expect(0);
  guest(IccIgrpen0, 1);
  expect(0x10);
  guest(IccIgrpen1, 1);
  expect(0x50);
  write(IchHcr, kEn | kVGrp0Die | kVGrp1Die);
  expect(0);
  guest(IccIgrpen0, 0);
  expect(0x20);
  guest(IccIgrpen1, 0);
  expect(0xA0);
}

TEST_F(MaintenanceV3, SharesItsPpiWithAWire) {
  gic.set_ppi(0, 25, true);
  EXPECT_TRUE(irq());
  write(IchHcr, kEn | kNpie);
  gic.set_ppi(0, 25, false);
  expect(8);
}

/// A guest's numbers end in the keys of the interrupt ledger: they must not be unlimited. (Found by fuzz_gic_v3.)
TEST_F(VirtualV3, TheEndOfANumberBeyondTheImplementedBitsIsIgnored) {
  write(IchHcr, 1);
  write(IchAp1r0, 1u << 16);
  log.take();
  guest(IccEoir1, 0x123456);
  EXPECT_THAT(log.take(), ::testing::IsEmpty());
  EXPECT_EQ(guest(IccRpr), 0x80u);
  guest(IccEoir1, 0xFFFF);
  EXPECT_EQ(guest(IccRpr), 0xFFu);
}

}  // namespace
}  // namespace tw::gic::test
