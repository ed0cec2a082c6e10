// GICH_* and GICV_*: list registers, the guest's CPU interface, deactivation of linked interrupts. Expectations:
// IHI 0048B, chapter 5.
#include "unit/gic/bench.hpp"

namespace tw::gic::test {
namespace {

constexpr u64 kPending = u64{1} << 28, kActive = u64{2} << 28, kStates = u64{3} << 28;
constexpr u64 kGroup1 = u64{1} << 30, kHardware = u64{1} << 31, kEoi = u64{1} << 19;
constexpr u64 kEoiCount = u64{1} << 27;

/// `priority` as the guest sees it, 8 bits.
constexpr u64 list_register(u64 state, u32 id, u8 priority) { return state | u64{priority} >> 3 << 23 | id; }

struct VirtualInterface : Bench {
  /// The virtual interface on, the guest's interface open for both groups with AckCtl.
  void open(u64 hcr = 1, u64 gicv_ctlr = 0x7) {
    gich.write(GICH_HCR, hcr);
    gicv.write(CTLR, gicv_ctlr);
    gicv.write(PMR, 0xFF);
  }
  void lr(unsigned n, u64 value, unsigned cpu = 0) { gich.write(GICH_LR0 + 4 * n, value, cpu); }
  u64 lr(unsigned n) { return gich.read(GICH_LR0 + 4 * n); }
  u64 state(unsigned n) { return lr(n) & kStates; }
};

TEST_F(VirtualInterface, ResetValues) {
  EXPECT_EQ(gich.read(GICH_HCR), 0u);
  EXPECT_EQ(gich.read(GICH_VTR), 0x90000003u);  // 5 priority bits, 5 preemption bits, 4 list registers
  EXPECT_EQ(gich.read(GICH_VMCR), 0x004C0000u);
  EXPECT_EQ(gich.read(GICH_MISR), 0u);
  EXPECT_EQ(gich.read(GICH_EISR0), 0u);
  EXPECT_EQ(gich.read(GICH_ELRSR0), 0xFu);
  EXPECT_EQ(gich.read(GICH_APR), 0u);
  EXPECT_EQ(gicv.read(CTLR), 0u);
  EXPECT_EQ(gicv.read(BPR), 2u);
  EXPECT_EQ(gicv.read(ABPR), 3u);
  EXPECT_EQ(gicv.read(RPR), 0xFFu);
  EXPECT_EQ(gicv.read(IAR), kSpuriousId);
  EXPECT_EQ(gicv.read(IIDR), 0x0202143Bu);
}

TEST_F(VirtualInterface, FramesAreBankedByCpu) {
  gich.write(GICH_HCR, 1, 1);
  lr(0, list_register(kPending, 40, 0x80), 1);
  EXPECT_EQ(gich.read(GICH_HCR, 0), 0u);
  EXPECT_EQ(lr(0), 0u);
  gicv.write(CTLR, 1, 1);
  gicv.write(PMR, 0xFF, 1);
  EXPECT_FALSE(virq(0));
  EXPECT_TRUE(virq(1));
}

TEST_F(VirtualInterface, ListRegistersKeepTheirFields) {
  lr(0, 0xFFFFFFFF & ~kHardware);
  EXPECT_EQ(lr(0), 0x7F881FFFu);  // [22:20] and [18:13] are reserved
  lr(1, 0xFFFFFFFF);
  EXPECT_EQ(lr(1), 0xFF8FFFFFu);
  lr(4, 0xFFFFFFFF);
  EXPECT_EQ(lr(4), 0u) << "only four list registers";
}

TEST_F(VirtualInterface, VmcrAndGicvAreOneState) {
  gicv.write(CTLR, 0x215);
  gicv.write(PMR, 0xA8);
  gicv.write(BPR, 4);
  gicv.write(ABPR, 6);
  EXPECT_EQ(gich.read(GICH_VMCR), 0x215u | 6u << 18 | 4u << 21 | 0x15u << 27);
  gich.write(GICH_VMCR, 0x00A | 5u << 18 | 3u << 21 | 0x1Fu << 27);
  EXPECT_EQ(gicv.read(CTLR), 0xAu);
  EXPECT_EQ(gicv.read(PMR), 0xF8u);
  EXPECT_EQ(gicv.read(BPR), 3u);
  EXPECT_EQ(gicv.read(ABPR), 5u);
  gich.write(GICH_VMCR, 0);
  EXPECT_EQ(gich.read(GICH_VMCR), 0x004C0000u) << "binary points have a minimum";
  gich.write(GICH_APR, 0x80);
  EXPECT_EQ(gicv.read(APR0), 0x80u);
  EXPECT_EQ(gicv.read(RPR), 0x38u);
}

TEST_F(VirtualInterface, NothingIsSignalledUnlessEnabled) {
  open(0);
  lr(0, list_register(kPending, 40, 0x80));
  EXPECT_FALSE(virq());
  EXPECT_EQ(gicv.read(IAR), kSpuriousId);
  EXPECT_EQ(state(0), kPending);
  gich.write(GICH_HCR, 1);
  EXPECT_TRUE(virq());
  gicv.write(CTLR, 0);
  EXPECT_FALSE(virq());
}

TEST_F(VirtualInterface, AcknowledgeAndEoi) {
  open();
  lr(2, list_register(kPending, 40, 0x80));
  EXPECT_EQ(gich.read(GICH_ELRSR0), 0xBu);
  EXPECT_TRUE(virq());
  EXPECT_FALSE(irq()) << "the physical side has nothing";
  EXPECT_EQ(gicv.peek(IAR), 40u);
  EXPECT_EQ(state(2), kPending) << "a debugger's look";
  EXPECT_EQ(gicv.read(IAR), 40u);
  EXPECT_FALSE(virq());
  EXPECT_EQ(state(2), kActive);
  EXPECT_EQ(gicv.read(RPR), 0x80u);
  EXPECT_EQ(gich.read(GICH_APR), 1u << 16);
  gicv.write(EOIR, 40);
  EXPECT_EQ(state(2), 0u);
  EXPECT_EQ(gich.read(GICH_APR), 0u);
  EXPECT_EQ(gich.read(GICH_ELRSR0), 0xFu);
}

TEST_F(VirtualInterface, PriorityMaskAndPreemption) {
  open();
  lr(0, list_register(kPending, 40, 0x80));
  gicv.write(PMR, 0x80);
  EXPECT_FALSE(virq());
  EXPECT_EQ(gicv.read(HPPIR), 40u);
  gicv.write(PMR, 0x88);
  EXPECT_EQ(gicv.read(IAR), 40u);
  lr(1, list_register(kPending, 41, 0x80));
  EXPECT_FALSE(virq()) << "equal does not preempt";
  lr(2, list_register(kPending, 42, 0x78));
  EXPECT_EQ(gicv.read(IAR), 42u);
  gicv.write(EOIR, 42);
  EXPECT_EQ(gicv.read(RPR), 0x80u);
  gicv.write(EOIR, 40);
  EXPECT_EQ(gicv.read(IAR), 41u);
}

TEST_F(VirtualInterface, BinaryPointGroupsPriorities) {
  open();
  gicv.write(BPR, 4);
  lr(0, list_register(kPending, 40, 0xB8));
  EXPECT_EQ(gicv.read(IAR), 40u);
  EXPECT_EQ(gicv.read(RPR), 0xA0u);
  lr(1, list_register(kPending, 41, 0xA0));
  EXPECT_FALSE(virq());
  lr(1, list_register(kPending, 41, 0x98));
  EXPECT_TRUE(virq());
}

TEST_F(VirtualInterface, PendingAndActiveWaitsForItsDeactivation) {
  open();
  lr(0, list_register(kPending | kActive, 40, 0x80));
  EXPECT_FALSE(virq());
  gicv.write(EOIR, 40);
  EXPECT_EQ(state(0), kPending);
  EXPECT_TRUE(virq());
}

TEST_F(VirtualInterface, Group0IsVirtualFiqWhenAsked) {
  open(1, 0xB);
  lr(0, list_register(kPending, 40, 0x80));
  EXPECT_TRUE(vfiq());
  EXPECT_FALSE(virq());
  EXPECT_FALSE(fiq());
  lr(1, list_register(kPending | kGroup1, 41, 0x40));
  EXPECT_FALSE(vfiq());
  EXPECT_TRUE(virq());
}

TEST_F(VirtualInterface, Group1NeedsAckCtlOrTheAlias) {
  open(1, 0x3);
  lr(0, list_register(kPending | kGroup1, 41, 0x40));
  EXPECT_EQ(gicv.read(IAR), 1022u);
  EXPECT_EQ(gicv.read(HPPIR), 1022u);
  EXPECT_EQ(state(0), kPending);
  EXPECT_EQ(gicv.read(AHPPIR), 41u);
  EXPECT_EQ(gicv.read(AIAR), 41u);
  gicv.write(AEOIR, 41);
  EXPECT_EQ(state(0), 0u);
  lr(0, list_register(kPending, 40, 0x40));
  EXPECT_EQ(gicv.read(AIAR), kSpuriousId);
  EXPECT_EQ(gicv.read(IAR), 40u);
}

TEST_F(VirtualInterface, AnSgiNamesItsVirtualSource) {
  open();
  lr(0, list_register(kPending, 3, 0x80) | u64{5} << 10);
  lr(1, list_register(kPending, 3, 0x40) | u64{2} << 10);
  EXPECT_EQ(gicv.read(IAR), u64{2} << 10 | 3);
  EXPECT_EQ(state(1), kActive);
  lr(0, list_register(kActive, 3, 0x80) | u64{5} << 10);
  gicv.write(EOIR, u64{2} << 10 | 3);
  EXPECT_EQ(state(1), 0u);
  EXPECT_EQ(state(0), kActive) << "the other source's";
}

TEST_F(VirtualInterface, AHardwareLinkDeactivatesThePhysicalInterrupt) {
  enable(0x201);  // the hypervisor drops the priority and leaves deactivation to the guest
  open();
  route(40, 0x80);
  gic.set_spi(40, true);
  EXPECT_EQ(gicc.read(IAR), 40u);
  gicc.write(EOIR, 40);
  EXPECT_TRUE(active(40));
  lr(0, list_register(kPending | kHardware, 60, 0x80) | u64{40} << 10);
  EXPECT_EQ(gicv.read(IAR), 60u);
  EXPECT_TRUE(active(40));
  EXPECT_FALSE(irq());
  gicv.write(EOIR, 60);
  EXPECT_FALSE(active(40));
  EXPECT_EQ(state(0), 0u);
  EXPECT_TRUE(irq()) << "the level is still high";
  EXPECT_EQ(gich.read(GICH_ELRSR0), 0xFu);
}

TEST_F(VirtualInterface, AHardwareLinkOfATimerIsThisCpus) {
  enable(0x201);
  open();
  for (unsigned cpu : {0u, 1u}) {
    gicd.write(GICD_ISENABLER, 1u << 27, cpu);
    gic.set_ppi(cpu, 27, true);
    EXPECT_EQ(gicc.read(IAR, cpu), 27u);
    gicc.write(EOIR, 27, cpu);
  }
  lr(0, list_register(kPending | kHardware, 27, 0x80) | u64{27} << 10);
  gicv.read(IAR);
  gicv.write(EOIR, 27);
  EXPECT_FALSE(active(27, 0));
  EXPECT_TRUE(active(27, 1));
}

TEST_F(VirtualInterface, ALinkToNoOrdinaryInterruptIsHarmless) {
  open();
  for (u64 physical : {0u, 15u, 288u, 1019u, 1023u}) {
    lr(0, list_register(kActive | kHardware, 60, 0x80) | physical << 10);
    gicv.write(EOIR, 60);
    EXPECT_EQ(state(0), 0u);
  }
}

TEST_F(VirtualInterface, SplitEoi) {
  open(1, 0x207);
  lr(0, list_register(kPending, 40, 0x80));
  gicv.read(IAR);
  gicv.write(EOIR, 40);
  EXPECT_EQ(gicv.read(RPR), 0xFFu);
  EXPECT_EQ(state(0), kActive);
  gicv.write(DIR, 40);
  EXPECT_EQ(state(0), 0u);
  EXPECT_EQ(gich.read(GICH_HCR), 1u);
}

TEST_F(VirtualInterface, DirIsIgnoredWithoutSplit) {
  open();
  lr(0, list_register(kActive, 40, 0x80));
  gicv.write(DIR, 40);
  gicv.write(DIR, 41);
  EXPECT_EQ(state(0), kActive);
  EXPECT_EQ(gich.read(GICH_HCR), 1u);
}

TEST_F(VirtualInterface, AnEoiWithoutItsListRegisterIsCounted) {
  open();
  gich.write(GICH_APR, 1u << 16 | 1u << 8);
  gicv.write(EOIR, 40);
  EXPECT_EQ(gich.read(GICH_HCR), 1 + kEoiCount);
  EXPECT_EQ(gich.read(GICH_APR), 1u << 16);
  gicv.write(EOIR, 1023);
  EXPECT_EQ(gich.read(GICH_APR), 1u << 16) << "no interrupt, no drop";
  gicv.write(AEOIR, 41);
  EXPECT_EQ(gich.read(GICH_HCR), 1 + 2 * kEoiCount);
  gicv.write(EOIR, 42);
  EXPECT_EQ(gich.read(GICH_HCR), 1 + 2 * kEoiCount) << "clears no active priority: not counted";
}

TEST_F(VirtualInterface, EoiCountWraps) {
  open(1 + 31 * kEoiCount);
  gich.write(GICH_APR, 1);
  gicv.write(EOIR, 40);
  EXPECT_EQ(gich.read(GICH_HCR), 1u);
}

TEST_F(VirtualInterface, WithSplitEoiTheUnlistedDirIsCounted) {
  open(1, 0x207);
  gich.write(GICH_APR, 1);
  gicv.write(EOIR, 40);
  EXPECT_EQ(gich.read(GICH_HCR), 1u);
  gicv.write(DIR, 40);
  EXPECT_EQ(gich.read(GICH_HCR), 1 + kEoiCount);
}

TEST_F(VirtualInterface, OnlyActiveListRegistersMatch) {
  open();
  lr(0, list_register(kPending, 40, 0x80));
  gich.write(GICH_APR, 1);
  gicv.write(EOIR, 40);
  EXPECT_EQ(state(0), kPending);
  EXPECT_EQ(gich.read(GICH_HCR), 1 + kEoiCount);
}

TEST_F(VirtualInterface, StationsOfAVirtualInterrupt) {
  open();
  log.take();
  lr(0, list_register(kPending, 40, 0x80));
  EXPECT_THAT(log.take(), testing::ElementsAre("v40@0 asserted", "v40@0 signalled"));
  gicv.read(IAR);
  gicv.write(EOIR, 40);
  EXPECT_THAT(log.take(), testing::ElementsAre("v40@0 acknowledged", "v40@0 drop", "v40@0 deactivated"));
  lr(0, list_register(kPending, 41, 0x80));
  log.take();
  lr(0, 0);
  EXPECT_THAT(log.take(), testing::ElementsAre("v41@0 withdrawn"));
}

struct ManyListRegisters : Bench {
  static Config many() {
    Config config = configuration(1);
    config.list_registers = 64;
    return config;
  }
  ManyListRegisters() : Bench(many()) {}
};

TEST_F(ManyListRegisters, StatusTakesTwoWords) {
  EXPECT_EQ(gich.read(GICH_VTR) & 0x3F, 63u);
  EXPECT_EQ(gich.read(GICH_ELRSR0), 0xFFFFFFFFu);
  EXPECT_EQ(gich.read(GICH_ELRSR1), 0xFFFFFFFFu);
  gich.write(GICH_LR0 + 4 * 33, list_register(kPending, 40, 0x80));
  gich.write(GICH_LR0 + 4 * 63, kEoi | 41);
  EXPECT_EQ(gich.read(GICH_ELRSR0), 0xFFFFFFFFu);
  EXPECT_EQ(gich.read(GICH_ELRSR1), 0x7FFFFFFDu);
  EXPECT_EQ(gich.read(GICH_EISR0), 0u);
  EXPECT_EQ(gich.read(GICH_EISR1), 0x80000000u);
}

}  // namespace
}  // namespace tw::gic::test
