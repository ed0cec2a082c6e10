// Traps of what is not a plain register access: absent and IMPLEMENTATION DEFINED encodings, floating point, WFI, WFE,
// SVC, HVC, SMC, MSR (immediate). Expectations are written from the manual, as in trap_matrix_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tables/permissive_core.hpp"

namespace tw::test {
namespace {

TEST(TrapInstructions, GicSystemRegistersAreUndefined) {
  const Target icc[] = {{3, 0, 4, 6, 0}, {3, 0, 12, 12, 0}, {3, 0, 12, 12, 5}, {3, 4, 12, 9, 5}, {3, 4, 12, 11, 0}};
  for (const Target& target : icc) {
    Permissive rig(2);
    rig.expect_trap(word(target, true, 7), 2, kUndefinedSyndrome);
  }
}

TEST(TrapInstructions, ImplementationDefinedEncodings) {
  for (const Target& target : {Target{3, 0, 15, 0, 0}, Target{3, 3, 11, 4, 2}, Target{1, 0, 11, 0, 0, W}}) {
    for (const bool read : {true, false}) {
      SCOPED_TRACE(show(target, read, 1));
      Permissive trapped(1);
      trapped.core.reg(SysReg::HCR_EL2) |= b(20);
      trapped.expect_trap(word(target, read, 7), 2, sysreg_syndrome(target, read, 7));
      Permissive untrapped(1);
      untrapped.expect_trap(word(target, read, 7), 1, kUndefinedSyndrome);
      Permissive at_el0(0);
      at_el0.core.reg(SysReg::HCR_EL2) |= b(20);
      at_el0.expect_trap(word(target, read, 7), 1, kUndefinedSyndrome);
    }
  }
  Permissive cpuectlr(1);  // S3_1_C15_C2_1 is there on a Cortex-A57
  cpuectlr.expect_executes(word({3, 1, 15, 2, 1}, true, 7));
  Permissive trapped(1);
  trapped.core.reg(SysReg::HCR_EL2) |= b(20);
  trapped.expect_trap(word({3, 1, 15, 2, 1}, false, 7), 2, sysreg_syndrome({3, 1, 15, 2, 1}, false, 7));
}

// ---- floating point: FADD d0, d0, d0 and MRS of FPCR
constexpr u32 kFadd = 0x1E60'2800;
constexpr u32 kFpSyndrome = 0x07u << 26 | 1u << 25 | 1u << 24 | 0xEu << 20;

TEST(TrapInstructions, FloatingPoint) {
  struct Case {
    unsigned el, fpen;
    bool tfp2, tfp3;
    int to;  // -1: allowed
  };
  const Case cases[] = {
      {0, 0, false, false, 1},
      {0, 1, false, false, 1},
      {0, 2, false, false, 1},
      {0, 3, false, false, -1},
      {1, 0, false, false, 1},
      {1, 1, false, false, -1},
      {1, 2, false, false, 1},
      {1, 3, false, false, -1},
      {2, 0, false, false, -1},
      {3, 0, false, false, -1},
      {0, 3, true, false, 2},
      {1, 3, true, false, 2},
      {2, 0, true, false, 2},
      {3, 0, true, false, -1},
      {0, 3, false, true, 3},
      {1, 3, false, true, 3},
      {2, 0, false, true, 3},
      {3, 0, false, true, 3},
      // When both disallow, EL1 gets it; then EL2; then EL3.
      {0, 0, true, true, 1},
      {1, 0, true, true, 1},
      {1, 1, true, true, 2},
      {0, 1, true, false, 1},
      {2, 0, true, true, 2},
      {3, 0, true, true, 3},
  };
  for (const Case& c : cases) {
    for (const u32 insn : {kFadd, word({3, 3, 4, 4, 0}, true, 7), word({3, 3, 4, 4, 1}, false, 7)}) {
      SCOPED_TRACE("EL" + std::to_string(c.el) + " FPEN " + std::to_string(c.fpen) + (c.tfp2 ? " CPTR_EL2.TFP" : "") +
                   (c.tfp3 ? " CPTR_EL3.TFP" : ""));
      Permissive rig(c.el, true);
      rig.core.reg(SysReg::CPACR_EL1) = u64{c.fpen} << 20;
      rig.core.reg(SysReg::CPTR_EL2) |= c.tfp2 ? b(10) : 0;
      rig.core.reg(SysReg::CPTR_EL3) |= c.tfp3 ? b(10) : 0;
      if (c.to >= 0) {
        rig.expect_trap(insn, static_cast<unsigned>(c.to), kFpSyndrome);
      } else if (insn != kFadd) {
        rig.expect_executes(insn);
      }
    }
  }
}

TEST(TrapInstructions, FloatingPointTrapRoutedByTgeIsOfUnknownReason) {
  Permissive rig(0);
  rig.core.reg(SysReg::CPACR_EL1) = 0;
  rig.core.reg(SysReg::HCR_EL2) |= b(27);
  rig.expect_trap(kFadd, 2, kUndefinedSyndrome);
}

// ---- WFI, WFE, SMC, HVC
TEST(TrapInstructions, WaitInstructions) {
  struct Case {
    bool wfe;
    unsigned el;
    SysReg control;
    u64 set, clear;
    int to;
  };
  const Case cases[] = {
      {false, 0, SysReg::SCTLR_EL1, 0, b(16), 1},  {true, 0, SysReg::SCTLR_EL1, 0, b(18), 1},
      {false, 0, SysReg::HCR_EL2, b(13), 0, 2},    {false, 1, SysReg::HCR_EL2, b(13), 0, 2},
      {true, 0, SysReg::HCR_EL2, b(14), 0, 2},     {true, 1, SysReg::HCR_EL2, b(14), 0, 2},
      {false, 1, SysReg::SCR_EL3, b(12), 0, 3},    {false, 2, SysReg::SCR_EL3, b(12), 0, 3},
      {true, 1, SysReg::SCR_EL3, b(13), 0, 3},     {true, 2, SysReg::SCR_EL3, b(13), 0, 3},
      {false, 2, SysReg::HCR_EL2, b(13), 0, -1},   {true, 1, SysReg::HCR_EL2, b(13), 0, -1},
      {false, 1, SysReg::SCTLR_EL1, 0, b(16), -1}, {false, 1, SysReg::HCR_EL2, b(14), 0, -1},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.wfe ? "WFE" : "WFI") + " at EL" + std::to_string(c.el));
    Permissive rig(c.el, true);
    rig.core.reg(c.control) = (rig.core.reg(c.control) | c.set) & ~c.clear;
    const u32 insn = c.wfe ? 0xD503'205F : 0xD503'207F;
    if (c.to < 0) {
      rig.expect_executes(insn);
      EXPECT_TRUE(c.wfe ? rig.core.waiting_for_event : rig.core.waiting_for_interrupt);
    } else {
      rig.expect_trap(insn, static_cast<unsigned>(c.to), 0x01u << 26 | 1u << 25 | 1u << 24 | 0xEu << 20 | c.wfe);
    }
  }
}

TEST(TrapInstructions, WaitInstructionsThatDoNotWaitAreNotTrapped) {
  Permissive wfi(1);
  wfi.core.reg(SysReg::HCR_EL2) |= b(13);
  wfi.core.set_line(cpu::Line::Irq, true);  // masked, but pending
  wfi.expect_executes(0xD503'207F);
  EXPECT_FALSE(wfi.core.waiting_for_interrupt);
  Permissive wfe(1);
  wfe.core.reg(SysReg::HCR_EL2) |= b(14);
  wfe.core.event_register = true;
  wfe.expect_executes(0xD503'205F);
  EXPECT_FALSE(wfe.core.event_register);
}

constexpr u32 call(unsigned which, u32 immediate) { return 0xD400'0000 | immediate << 5 | which; }

/// SVC, HVC, SMC: the preferred return address is the next instruction.
void expect_call(Permissive& rig, u32 insn, unsigned to, u32 syndrome) {
  rig.execute(insn);
  EXPECT_EQ(static_cast<unsigned>(rig.core.pstate.el), to);
  EXPECT_EQ(rig.core.reg(rig.esr_of(to)), syndrome);
  EXPECT_EQ(rig.core.reg(rig.elr_of(to)), CpuRig::kMemoryBase + 4);
}

TEST(TrapInstructions, Calls) {
  constexpr u32 kIl = 1u << 25;
  for (const unsigned el : {0u, 1u, 2u, 3u}) {
    SCOPED_TRACE("SVC at EL" + std::to_string(el));
    Permissive rig(el, true);
    expect_call(rig, call(1, 0x1234), std::max(el, 1u), 0x15u << 26 | kIl | 0x1234);
  }
  {
    Permissive rig(0);
    rig.core.reg(SysReg::HCR_EL2) |= b(27);
    expect_call(rig, call(1, 1), 2, 0x15u << 26 | kIl | 1);
  }
  for (const unsigned el : {1u, 2u}) {
    Permissive rig(el);
    expect_call(rig, call(2, 0xBEEF), 2, 0x16u << 26 | kIl | 0xBEEF);
  }
  {
    SCOPED_TRACE("HVC at EL0, with HCR_EL2.HCD, without SCR_EL3.HCE, in Secure EL1");
    Permissive el0(0);
    el0.expect_trap(call(2, 0), 1, kUndefinedSyndrome);
    Permissive hcd(1);
    hcd.core.reg(SysReg::HCR_EL2) |= b(29);
    hcd.expect_trap(call(2, 0), 1, kUndefinedSyndrome);
    Permissive hce(1, true);
    hce.core.reg(SysReg::SCR_EL3) &= ~b(8);
    hce.expect_trap(call(2, 0), 1, kUndefinedSyndrome);
    Permissive secure(1, true, true);
    secure.expect_trap(call(2, 0), 1, kUndefinedSyndrome);
  }
  {
    Permissive tsc(1);
    tsc.core.reg(SysReg::HCR_EL2) |= b(19);
    tsc.expect_trap(call(3, 0x42), 2, 0x17u << 26 | kIl | 0x42);  // trapped: returns to the SMC itself
    Permissive at_el2(2, true);
    at_el2.core.reg(SysReg::HCR_EL2) |= b(19);
    expect_call(at_el2, call(3, 0x42), 3, 0x17u << 26 | kIl | 0x42);
    Permissive smd(1, true);
    smd.core.reg(SysReg::SCR_EL3) |= b(7);
    smd.expect_trap(call(3, 0), 1, kUndefinedSyndrome);
    Permissive none(1);
    none.expect_trap(call(3, 0), 1, kUndefinedSyndrome);
    Permissive el0(0, true);
    el0.expect_trap(call(3, 0), 1, kUndefinedSyndrome);
  }
}

TEST(TrapInstructions, DaifImmediateAtEl0) {
  // MSR DAIFSet, #2: Op0 0, Op1 3, CRn 4, CRm the immediate, Op2 6, Rt 31.
  Permissive rig(0);
  rig.core.reg(SysReg::SCTLR_EL1) &= ~b(9);
  const Target daifset{0, 3, 4, 2, 6};
  rig.expect_trap(0xD503'42DF, 1, sysreg_syndrome(daifset, false, 31));
  Permissive allowed(0);
  allowed.core.pstate.daif = 0;
  allowed.expect_executes(0xD503'42DF);
  EXPECT_EQ(allowed.core.pstate.daif, 2);
}

}  // namespace
}  // namespace tw::test
