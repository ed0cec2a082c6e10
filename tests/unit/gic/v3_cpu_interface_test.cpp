// ICC_* system registers. Expectations: IHI 0069, 4.8 and 12.2.
#include "unit/gic/v3_bench.hpp"

namespace tw::gic::test {
namespace {

struct CpuInterfaceV3 : BenchV3 {
  CpuInterfaceV3() {
    enable();
    for (const u32 intid : {40u, 41u, 42u}) spi(intid, static_cast<u8>(0x80 - (intid - 40) * 0x20));
  }
  /// 0x80 for 40, 0x60 for 41, 0x40 for 42
  void raise(u32 intid) { gic.set_spi(intid, true); }
  void lower(u32 intid) { gic.set_spi(intid, false); }
  void group0(u32 intid) { gicd.write(GICD_IGROUPR + 4, gicd.read(GICD_IGROUPR + 4) & ~(u64{1} << intid % 32)); }
};

struct FreshV3 : BenchV3 {};

TEST_F(FreshV3, ResetValues) {
  EXPECT_EQ(read(IccPmr), 0u);
  EXPECT_EQ(read(IccBpr0), 2u);
  EXPECT_EQ(read(IccBpr1), 3u);
  EXPECT_EQ(read(IccRpr), 0xFFu);
  EXPECT_EQ(read(IccIgrpen0), 0u);
  EXPECT_EQ(read(IccIgrpen1), 0u);
  EXPECT_EQ(read(IccCtlr), 0x8400u) << "A3V, 5 priority bits, 16 INTID bits";
  EXPECT_EQ(read(IccIar1), kSpuriousId);
}

TEST_F(FreshV3, SystemRegistersOnly) {
  write(IccSreEl1, 0);
  write(IccSreEl2, 0);
  EXPECT_EQ(read(IccSreEl1), 7u);
  EXPECT_EQ(read(IccSreEl2), 0xFu);
  EXPECT_EQ(read(IccSreEl3), 0xFu);
}

TEST_F(FreshV3, WritableBits) {
  write(IccPmr, 0xFFFF);
  EXPECT_EQ(read(IccPmr), 0xF8u);
  write(IccBpr0, 0);
  write(IccBpr1, 0);
  EXPECT_EQ(read(IccBpr0), 2u);
  EXPECT_EQ(read(IccBpr1), 3u);
  write(IccBpr0, 0xF);
  EXPECT_EQ(read(IccBpr0), 7u);
  write(IccCtlr, ~u64{0});
  EXPECT_EQ(read(IccCtlr), 0x8403u);
  write(IccIgrpen1, ~u64{0});
  EXPECT_EQ(read(IccIgrpen1), 1u);
  write(IccAp1r0, 0x80000001);
  EXPECT_EQ(read(IccAp1r0), 0x80000001u);
  write(IccAp1r1, 1);
  EXPECT_EQ(read(IccAp1r1), 0u) << "32 levels";
  EXPECT_EQ(read(IccRpr), 0u);
}

TEST_F(FreshV3, CommonBinaryPoint) {
  write(IccBpr0, 4);
  write(IccBpr1, 6);
  write(IccCtlr, 1);
  EXPECT_EQ(read(IccBpr1), 5u);
  write(IccBpr1, 3);
  EXPECT_EQ(read(IccBpr1), 5u);
  write(IccBpr0, 7);
  EXPECT_EQ(read(IccBpr1), 7u) << "saturates";
  write(IccCtlr, 0);
  EXPECT_EQ(read(IccBpr1), 6u);
}

TEST_F(CpuInterfaceV3, Life) {
  log.take();
  raise(40);
  EXPECT_TRUE(irq());
  EXPECT_FALSE(fiq());
  EXPECT_EQ(read(IccHppir1), 40u);
  EXPECT_EQ(gic.read(0, IccIar1, {.debug = true}), 40u);
  EXPECT_EQ(read(IccIar1), 40u);
  EXPECT_FALSE(irq());
  EXPECT_TRUE(active(40));
  EXPECT_EQ(read(IccRpr), 0x80u);
  EXPECT_EQ(read(IccAp1r0), 1u << 16);
  lower(40);
  write(IccEoir1, 40);
  EXPECT_FALSE(active(40));
  EXPECT_EQ(read(IccRpr), 0xFFu);
  EXPECT_EQ(log.take(), (std::vector<std::string>{"40@0 asserted", "40@0 signalled", "40@0 acknowledged", "40@0 drop",
                                                  "40@0 deactivated"}));
}

TEST_F(CpuInterfaceV3, MaskAndPreemption) {
  write(IccPmr, 0x80);
  raise(40);
  EXPECT_FALSE(irq()) << "only lower values pass";
  EXPECT_EQ(read(IccHppir1), 40u) << "looks not at the mask";
  write(IccPmr, 0x88);
  EXPECT_EQ(read(IccIar1), 40u);
  raise(41);
  EXPECT_TRUE(irq());
  EXPECT_EQ(read(IccIar1), 41u);
  EXPECT_EQ(read(IccRpr), 0x60u);
  write(IccEoir1, 41);
  EXPECT_EQ(read(IccRpr), 0x80u);
}

TEST_F(CpuInterfaceV3, BinaryPointOfGroup1IsOneMore) {
  write(IccBpr1, 6);  // group priority is bits [7:6]: 0x80 is another than 0x60, but 0x60 the same as 0x40
  raise(40);
  read(IccIar1);
  raise(41);
  EXPECT_EQ(read(IccIar1), 41u);
  EXPECT_EQ(read(IccRpr), 0x40u);
  raise(42);
  EXPECT_FALSE(irq());
}

TEST_F(CpuInterfaceV3, Group0IsFiqAndHasItsOwnRegisters) {
  group0(41);
  raise(41);
  EXPECT_TRUE(fiq());
  EXPECT_FALSE(irq());
  EXPECT_EQ(read(IccIar1), kSpuriousId);
  EXPECT_EQ(read(IccHppir1), kSpuriousId);
  EXPECT_EQ(read(IccHppir0), 41u);
  EXPECT_EQ(read(IccIar0), 41u);
  EXPECT_EQ(read(IccAp0r0), 1u << 12);
  EXPECT_EQ(read(IccAp1r0), 0u);
  write(IccEoir1, 41);
  EXPECT_EQ(read(IccRpr), 0x60u) << "the running priority is Group 0's";
  write(IccEoir0, 41);
  EXPECT_EQ(read(IccRpr), 0xFFu);
}

TEST_F(CpuInterfaceV3, GroupEnables) {
  raise(40);
  write(IccIgrpen1, 0);
  EXPECT_FALSE(irq());
  EXPECT_EQ(read(IccIar1), kSpuriousId);
  group0(41);
  raise(41);
  write(IccIgrpen0, 0);
  write(IccIgrpen1, 1);
  EXPECT_TRUE(irq()) << "a disabled group hides nothing";
  gicd.write(GICD_CTLR, 1);
  EXPECT_FALSE(irq());
}

TEST_F(CpuInterfaceV3, SplitEndOfInterrupt) {
  write(IccDir, 40);
  raise(40);
  read(IccIar1);
  write(IccDir, 40);
  EXPECT_TRUE(active(40)) << "EOImode = 0";
  write(IccCtlr, 2);
  lower(40);
  write(IccEoir1, 40);
  EXPECT_EQ(read(IccRpr), 0xFFu);
  EXPECT_TRUE(active(40));
  write(IccDir, 40);
  EXPECT_FALSE(active(40));
}

TEST_F(CpuInterfaceV3, EndOfSpecialInterruptIsIgnored) {
  raise(40);
  read(IccIar1);
  for (const u64 intid : {u64{1020}, u64{1023}, u64{288}, u64{8192}, ~u64{0}}) write(IccEoir1, intid);
  EXPECT_EQ(read(IccRpr), 0x80u);
  EXPECT_TRUE(active(40));
}

constexpr u64 sgi(u64 intid, u64 targets) { return intid << 24 | targets; }

TEST_F(CpuInterfaceV3, SgiByTargetList) {
  for (const unsigned cpu : {0u, 1u}) ppi(cpu, 5, 0x40);
  write(IccSgi1r, sgi(5, 2));
  EXPECT_FALSE(irq(0));
  EXPECT_TRUE(irq(1));
  EXPECT_EQ(read(IccIar1, 1), 5u) << "no source CPU";
  write(IccEoir1, 5, 1);
  EXPECT_FALSE(irq(1));
  write(IccSgi1r, sgi(5, 3), 1);
  EXPECT_TRUE(irq(0));
  EXPECT_TRUE(irq(1));
}

TEST_F(CpuInterfaceV3, SgiToAllOthers) {
  for (const unsigned cpu : {0u, 1u}) ppi(cpu, 5, 0x40);
  write(IccSgi1r, sgi(5, 1) | u64{1} << 40, 0);
  EXPECT_FALSE(irq(0));
  EXPECT_TRUE(irq(1));
}

TEST_F(CpuInterfaceV3, SgiOfAnotherAffinityRangeOrGroupReachesNobody) {
  for (const unsigned cpu : {0u, 1u}) ppi(cpu, 5, 0x40);
  write(IccSgi1r, sgi(5, 3) | u64{1} << 16);  // Aff1
  write(IccSgi1r, sgi(5, 3) | u64{1} << 32);  // Aff2
  write(IccSgi1r, sgi(5, 3) | u64{1} << 48);  // Aff3
  write(IccSgi1r, sgi(5, 3) | u64{1} << 44);  // RS
  write(IccSgi1r, sgi(5, 0xFFFC));
  write(IccSgi0r, sgi(5, 3));
  EXPECT_FALSE(irq(0) || irq(1));
  sgi_base(1, GICD_IGROUPR, 0);
  write(IccSgi0r, sgi(5, 3));
  EXPECT_TRUE(fiq(1));
  EXPECT_FALSE(irq(0));
}

TEST_F(CpuInterfaceV3, ACoreThatIsNotThere) {
  EXPECT_EQ(gic.read(7, IccCtlr), 0u);
  gic.write(7, IccPmr, 0xFF);
}

TEST(ReachesVirtual, ByGroup) {
  struct Row {
    arm::GicRegister reg;
    bool fmo, imo;
  };
  for (const Row& row :
       {Row{IccIar0, true, false}, Row{IccEoir0, true, false}, Row{IccHppir0, true, false}, Row{IccBpr0, true, false},
        Row{IccIgrpen0, true, false}, Row{IccAp0r3, true, false}, Row{IccIar1, false, true}, Row{IccEoir1, false, true},
        Row{IccHppir1, false, true}, Row{IccBpr1, false, true}, Row{IccIgrpen1, false, true},
        Row{IccAp1r0, false, true}, Row{IccPmr, true, true}, Row{IccDir, true, true}, Row{IccRpr, true, true},
        Row{IccCtlr, true, true}, Row{IccSreEl1, false, false}, Row{IccSgi1r, false, false},
        Row{IchHcr, false, false}}) {
    EXPECT_FALSE(arm::reaches_virtual(row.reg, false, false));
    EXPECT_EQ(arm::reaches_virtual(row.reg, true, false), row.fmo) << static_cast<unsigned>(row.reg);
    EXPECT_EQ(arm::reaches_virtual(row.reg, false, true), row.imo) << static_cast<unsigned>(row.reg);
  }
}

}  // namespace
}  // namespace tw::gic::test
