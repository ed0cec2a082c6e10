// MRS and MSR: values and effects of registers that are more than storage.
#include <gtest/gtest.h>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;

u32 mrs(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt) {
  return 0xD520'0000 | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5 | rt;
}
u32 msr(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt) {
  return mrs(op0, op1, crn, crm, op2, rt) & ~0x0020'0000u;
}

struct Rig : CpuRig {
  explicit Rig(El el, const cpu::Config& config = {}) : CpuRig(el, config, test_model(), 0x4'0000) {
    core.reg(SysReg::HCR_EL2) = u64{1} << 31;
  }
  u64 read(u32 insn) {
    execute(insn);
    EXPECT_EQ(core.pc, kMemoryBase + 4);
    return core.x[insn & 31];
  }
  void write(u32 insn, u64 value) {
    core.x[insn & 31] = value;
    execute(insn);
    EXPECT_EQ(core.pc, kMemoryBase + 4);
  }
};

TEST(SystemRegisters, ReadBackWhatWasWritten) {
  Rig rig(El::El1);
  rig.write(msr(3, 3, 13, 0, 2, 3), 0x1234'5678'9ABC'DEF0);  // TPIDR_EL0
  EXPECT_EQ(rig.read(mrs(3, 3, 13, 0, 2, 4)), 0x1234'5678'9ABC'DEF0u);
  rig.write(msr(3, 0, 12, 0, 0, 3), 0xFFFF'0000'8000'0FFF);  // VBAR_EL1: bits 10:0 are RES0
  EXPECT_EQ(rig.read(mrs(3, 0, 12, 0, 0, 4)), 0xFFFF'0000'8000'0800u);
}

TEST(SystemRegisters, XzrAsSourceAndTarget) {
  Rig rig(El::El1);
  rig.core.reg(SysReg::TPIDR_EL1) = 5;
  rig.execute(mrs(3, 0, 13, 0, 4, 31));
  EXPECT_EQ(rig.core.x[cpu::kZero], 0u);
  rig.execute(msr(3, 0, 13, 0, 4, 31));
  EXPECT_EQ(rig.core.reg(SysReg::TPIDR_EL1), 0u);
}

TEST(SystemRegisters, VirtualIdsAtEl1) {
  Rig rig(El::El1);
  rig.core.reg(SysReg::VPIDR_EL2) = 0x1111;
  rig.core.reg(SysReg::VMPIDR_EL2) = 0x2222;
  EXPECT_EQ(rig.read(mrs(3, 0, 0, 0, 0, 0)), 0x1111u);
  EXPECT_EQ(rig.read(mrs(3, 0, 0, 0, 5, 0)), 0x2222u);
  Rig at_el2(El::El2);
  at_el2.core.reg(SysReg::VPIDR_EL2) = 0x1111;
  EXPECT_EQ(at_el2.read(mrs(3, 0, 0, 0, 0, 0)), 0x411FD070u);
  EXPECT_EQ(at_el2.read(mrs(3, 0, 0, 0, 5, 0)), 0x8000'0000u);
}

TEST(SystemRegisters, Pfr0FollowsTheConfiguration) {
  cpu::Config config;
  EXPECT_EQ(Rig(El::El1, config).read(mrs(3, 0, 0, 4, 0, 0)), 0x111u);
  config.has_el3 = true;
  Rig el3(El::El3, config);
  EXPECT_EQ(el3.read(mrs(3, 0, 0, 4, 0, 0)), 0x1111u);
  config = {};
  config.has_el2 = false;
  EXPECT_EQ(Rig(El::El1, config).read(mrs(3, 0, 0, 4, 0, 0)), 0x11u);
}

TEST(SystemRegisters, CacheSizeBySelection) {
  Rig rig(El::El1);
  const u64 expected[] = {0x701FE00A, 0x201FE012, 0x70FFE07A, 0};
  for (u64 i = 0; i < 4; ++i) {
    rig.write(msr(3, 2, 0, 0, 0, 1), i);
    EXPECT_EQ(rig.read(mrs(3, 1, 0, 0, 0, 2)), expected[i]);
  }
}

TEST(SystemRegisters, PstateFields) {
  Rig rig(El::El1);
  EXPECT_EQ(rig.read(mrs(3, 0, 4, 2, 2, 0)), 1u << 2);  // CurrentEL
  rig.write(msr(3, 3, 4, 2, 0, 0), 0x6000'0000);        // NZCV
  EXPECT_EQ(rig.read(mrs(3, 3, 4, 2, 0, 1)), 0x6000'0000u);
  rig.write(msr(3, 3, 4, 2, 1, 0), 0x140);  // DAIF
  EXPECT_EQ(rig.read(mrs(3, 3, 4, 2, 1, 1)), 0x140u);
  EXPECT_EQ(rig.core.pstate.daif, 5);
  rig.execute(0xD503'47DF);  // MSR DAIFSet, #7
  EXPECT_EQ(rig.core.pstate.daif, 7);
  rig.execute(0xD503'42FF);  // MSR DAIFClr, #2
  EXPECT_EQ(rig.core.pstate.daif, 5);
}

TEST(SystemRegisters, StackPointerSelection) {
  Rig rig(El::El1);
  rig.sp() = 0x1000;
  rig.write(msr(3, 0, 4, 1, 0, 3), 0x2000);  // SP_EL0
  rig.execute(0xD500'40BF);                  // MSR SPSel, #0
  EXPECT_EQ(rig.sp(), 0x2000u);
  rig.execute(mrs(3, 0, 4, 1, 0, 3));  // SP_EL0 is the current one: UNDEFINED
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 1u << 25);
  EXPECT_EQ(rig.sp(), 0x1000u) << "the exception selects SP_EL1";
}

TEST(SystemRegisters, DczidSaysWhetherZvaIsAllowed) {
  Rig rig(El::El1);
  EXPECT_EQ(rig.read(mrs(3, 3, 0, 0, 7, 0)), 4u);
  rig.core.reg(SysReg::HCR_EL2) |= u64{1} << 28;
  EXPECT_EQ(rig.read(mrs(3, 3, 0, 0, 7, 0)), 0x14u);
  Rig el0(El::El0);
  EXPECT_EQ(el0.read(mrs(3, 3, 0, 0, 7, 0)), 0x14u) << "SCTLR_EL1.DZE is 0";
}

TEST(SystemRegisters, TranslationRegistersReachTheMirror) {
  Rig rig(El::El2);
  rig.write(msr(3, 0, 2, 0, 0, 0), 0x1'4000'0000);          // TTBR0_EL1
  rig.write(msr(3, 0, 2, 0, 2, 0), 0x3500);                 // TCR_EL1
  rig.write(msr(3, 0, 1, 0, 0, 0), 0x30D0'0805);            // SCTLR_EL1
  rig.write(msr(3, 4, 2, 1, 0, 0), u64{7} << 48 | 0x1000);  // VTTBR_EL2
  rig.write(msr(3, 4, 1, 1, 0, 0), u64{1} << 31 | 1);       // HCR_EL2: RW, VM
  EXPECT_EQ(rig.core.controls.el1.ttbr0, 0x1'4000'0000u);
  EXPECT_EQ(rig.core.controls.el1.tcr, 0x3500u);
  EXPECT_EQ(rig.core.controls.el1.sctlr, 0x30D0'0805u);
  EXPECT_TRUE(rig.core.controls.stage2_enabled());
  EXPECT_EQ(rig.core.controls.vmid(), Vmid{7});
  rig.write(msr(3, 4, 1, 1, 0, 0), u64{1} << 31 | u64{1} << 27);  // TGE: stage 1 of EL1&0 is off
  EXPECT_EQ(rig.core.controls.el1.sctlr, 0x30D0'0804u);
  EXPECT_EQ(rig.core.reg(SysReg::SCTLR_EL1), 0x30D0'0805u);
}

TEST(SystemRegisters, LedgerContextIsTheGuests) {
  Rig rig(El::El2);
  rig.core.reg(SysReg::SPSR_EL2) = 0x3C5;
  rig.core.reg(SysReg::ELR_EL2) = 0x4000'0200;
  rig.write(msr(3, 4, 2, 1, 0, 0), u64{9} << 48);
  rig.write(msr(3, 4, 1, 1, 0, 0), u64{1} << 31 | 1);
  rig.execute(0xD69F'03E0);
  const cost::Context guest{.el = El::El1, .guest = true, .vmid = Vmid{9}};
  EXPECT_EQ(rig.ledger.context(), guest);
}

// The time of a context register's move is world switch at EL2, and the guest's own business at EL1.
TEST(SystemRegisters, WorldSwitchIsTimeAtEl2) {
  for (const El el : {El::El1, El::El2}) {
    Rig rig(el);
    rig.core.set_fidelity(cpu::Fidelity::Timed);
    rig.ledger.set_context(cpu::ledger_context(rig.core));
    rig.write(msr(3, 0, 4, 0, 1, 0), 0);  // ELR_EL1
    rig.read(mrs(3, 0, 13, 0, 4, 0));     // TPIDR_EL1
    rig.ledger.settle();
    const cost::ByCause& cycles = rig.ledger.accounts().at(cpu::ledger_context(rig.core)).cycles;
    const u64 expected = 2 * cpu::Config{}.system_register;
    EXPECT_EQ(cycles[static_cast<unsigned>(cost::Cause::ContextRegister)], el == El::El2 ? expected : 0);
    EXPECT_EQ(cycles[static_cast<unsigned>(cost::Cause::SystemRegister)], el == El::El2 ? 0 : expected);
  }
}

TEST(SystemRegisters, TimersAreInTheTimerBlock) {
  Rig rig(El::El2);
  rig.timer.registers[arm::TimerRegister::CntVct] = 77;
  EXPECT_EQ(rig.read(mrs(3, 3, 14, 0, 2, 0)), 77u);
  rig.write(msr(3, 3, 14, 2, 2, 0), 1234);  // CNTP_CVAL_EL0
  EXPECT_EQ(rig.timer.registers[arm::TimerRegister::CntpCval], 1234u);
  rig.write(msr(3, 4, 14, 0, 3, 0), 55);  // CNTVOFF_EL2
  EXPECT_EQ(rig.timer.registers[arm::TimerRegister::CntVoff], 55u);
}

TEST(SystemRegisters, EventStreamControlsReachTheTimerBlock) {
  Rig rig(El::El2);
  rig.write(msr(3, 0, 14, 1, 0, 0), 0xFFFF);  // CNTKCTL_EL1
  EXPECT_EQ(rig.timer.registers[arm::TimerRegister::CntkCtl], 0x3FFu);
  EXPECT_EQ(rig.read(mrs(3, 0, 14, 1, 0, 1)), 0x3FFu);
  rig.write(msr(3, 4, 14, 1, 0, 0), 0x55);  // CNTHCTL_EL2
  EXPECT_EQ(rig.timer.registers[arm::TimerRegister::CnthCtl], 0x55u);
}

TEST(SystemRegisters, CntfrqIsWrittenAtTheHighestElOnly) {
  Rig rig(El::El1);
  rig.execute(msr(3, 3, 14, 0, 0, 0));
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 1u << 25);
  Rig el2(El::El2);
  el2.write(msr(3, 3, 14, 0, 0, 0), 62'500'000);
  EXPECT_EQ(el2.timer.registers[arm::TimerRegister::CntFrq], 62'500'000u);
}

TEST(SystemRegisters, OsLockAndClaimTags) {
  Rig rig(El::El1);
  EXPECT_EQ(rig.read(mrs(2, 0, 1, 1, 4, 0)), 0xAu);
  rig.write(msr(2, 0, 1, 0, 4, 0), 0);
  EXPECT_EQ(rig.read(mrs(2, 0, 1, 1, 4, 0)), 0x8u);
  rig.write(msr(2, 0, 7, 8, 6, 0), 0x0F);
  rig.write(msr(2, 0, 7, 9, 6, 0), 0x03);
  EXPECT_EQ(rig.read(mrs(2, 0, 7, 9, 6, 1)), 0x0Cu);
  EXPECT_EQ(rig.read(mrs(2, 0, 7, 8, 6, 1)), 0xFFu);
}

TEST(SystemRegisters, CycleCounterCountsCycles) {
  Rig rig(El::El1);
  rig.write(msr(3, 3, 9, 12, 1, 0), u64{1} << 31);  // PMCNTENSET_EL0
  rig.write(msr(3, 3, 9, 12, 0, 0), 5);             // PMCR_EL0: E, C
  EXPECT_EQ(rig.read(mrs(3, 3, 9, 12, 0, 1)), 0x4101'3001u) << "C reads as zero";
  const u64 first = rig.read(mrs(3, 3, 9, 13, 0, 0));
  rig.execute(0xD503'201F);
  const u64 second = rig.read(mrs(3, 3, 9, 13, 0, 0));
  EXPECT_EQ(second - first, 2u) << "NOP and the first MRS, one cycle each";
  rig.write(msr(3, 3, 9, 12, 0, 0), 0);
  const u64 stopped = rig.read(mrs(3, 3, 9, 13, 0, 0));
  rig.execute(0xD503'201F);
  EXPECT_EQ(rig.read(mrs(3, 3, 9, 13, 0, 0)), stopped);
  rig.write(msr(3, 3, 9, 13, 0, 0), 42);
  EXPECT_EQ(rig.read(mrs(3, 3, 9, 13, 0, 0)), 42u);
}

TEST(SystemRegisters, SelectedEventCounter) {
  Rig rig(El::El1);
  rig.write(msr(3, 3, 9, 12, 5, 0), 2);  // PMSELR_EL0
  rig.write(msr(3, 3, 9, 13, 1, 0), 0);  // PMXEVTYPER_EL0: SW_INCR
  rig.write(msr(3, 3, 9, 12, 1, 0), 1 << 2);
  rig.write(msr(3, 3, 9, 12, 0, 0), 1);
  rig.write(msr(3, 3, 9, 12, 4, 0), 0xFF);          // PMSWINC_EL0
  EXPECT_EQ(rig.read(mrs(3, 3, 14, 8, 2, 1)), 1u);  // PMEVCNTR2_EL0
  EXPECT_EQ(rig.read(mrs(3, 3, 9, 13, 2, 1)), 1u);  // PMXEVCNTR_EL0
  EXPECT_EQ(rig.read(mrs(3, 3, 14, 8, 3, 1)), 0u);
}

TEST(SystemRegisters, ResetVectorAndResetRegistersAreOfTheHighestElOnly) {
  Rig el2(El::El2);
  EXPECT_EQ(el2.read(mrs(3, 4, 12, 0, 1, 0)), 0u);  // RVBAR_EL2
  Rig el1(El::El1);
  el1.execute(mrs(3, 0, 12, 0, 1, 0));  // RVBAR_EL1
  EXPECT_EQ(el1.core.reg(SysReg::ESR_EL1), 1u << 25);
}

TEST(SystemRegisters, UnknownOnesAreReported) {
  Rig rig(El::El1);
  rig.execute(mrs(3, 0, 12, 12, 0, 0));
  EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 1u << 25);
  EXPECT_EQ(rig.system.unimplemented.size(), 1u);
}

}  // namespace
}  // namespace tw::test
