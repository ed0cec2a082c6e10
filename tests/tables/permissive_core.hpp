// A core in which no control traps anything, and the encodings and syndromes of register accesses, written from the
// manual: what the tests of traps share.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "support/cpu_rig.hpp"

namespace tw::test {

using arm::SysReg;

inline constexpr unsigned R = 1, W = 2, RW = 3;
inline constexpr u32 kUndefinedSyndrome = 1u << 25;
inline constexpr u64 kVectors[] = {0, 0x4001'0000, 0x4002'0000, 0x4003'0000};

/// op0, op1, CRn, CRm, op2 and the directions that the register has.
struct Target {
  unsigned op0, op1, crn, crm, op2;
  unsigned has = RW;
  bool non_secure = false;  ///< UNDEFINED in Secure state
};

constexpr u64 b(unsigned n) { return u64{1} << n; }

inline u32 word(const Target& t, bool read, unsigned rt) {
  return 0xD500'0000 | u32{read} << 21 | t.op0 << 19 | t.op1 << 16 | t.crn << 12 | t.crm << 8 | t.op2 << 5 | rt;
}

inline u32 sysreg_syndrome(const Target& t, bool read, unsigned rt) {
  return 0x18u << 26 | 1u << 25 | t.op0 << 20 | t.op2 << 17 | t.op1 << 14 | t.crn << 10 | rt << 5 | t.crm << 1 | read;
}

inline std::string show(const Target& t, bool read, unsigned el) {
  return (read ? "read S" : "write S") + std::to_string(t.op0) + "_" + std::to_string(t.op1) + "_C" +
         std::to_string(t.crn) + "_C" + std::to_string(t.crm) + "_" + std::to_string(t.op2) + " at EL" +
         std::to_string(el);
}

/// A core in which no control traps anything.
struct Permissive : CpuRig {
  static cpu::Config config(bool el3) {
    cpu::Config c;
    c.has_el3 = el3;
    return c;
  }
  explicit Permissive(unsigned el, bool el3 = false, bool secure = false, std::string_view model_name = "cortex-a57")
      : CpuRig(static_cast<El>(el), config(el3), test_model(model_name), 0x4'0000) {
    core.reg(SysReg::SCR_EL3) = (secure ? 0 : 1) | 0x100 | 0x400 | 0x800 | 0x3'0000;  // NS, HCE, RW, ST, APK, API
    core.reg(SysReg::HCR_EL2) = u64{1} << 31 | u64{3} << 40;                          // RW, APK, API
    core.reg(SysReg::SCTLR_EL1) |= 1 << 26 | 1 << 18 | 1 << 16 | 1 << 15 | 1 << 14 | 1 << 9;
    core.reg(SysReg::CPTR_EL2) = 0x33FF;
    core.reg(SysReg::CPTR_EL3) = 0;
    core.reg(SysReg::CPACR_EL1) = 3 << 20;
    core.reg(SysReg::MDCR_EL2) = 6;
    core.reg(SysReg::MDCR_EL3) = 0;
    core.reg(SysReg::CNTHCTL_EL2) = 3;
    core.reg(SysReg::CNTKCTL_EL1) = 0x303;
    core.reg(SysReg::PMUSERENR_EL0) = 0xF;
    core.reg(SysReg::VBAR_EL1) = kVectors[1];
    core.reg(SysReg::VBAR_EL2) = kVectors[2];
    core.reg(SysReg::VBAR_EL3) = kVectors[3];
    core.x[7] = 0x4000'8000;
  }
  SysReg esr_of(unsigned el) { return el == 1 ? SysReg::ESR_EL1 : el == 2 ? SysReg::ESR_EL2 : SysReg::ESR_EL3; }
  SysReg elr_of(unsigned el) { return el == 1 ? SysReg::ELR_EL1 : el == 2 ? SysReg::ELR_EL2 : SysReg::ELR_EL3; }

  void expect_executes(u32 insn) {
    execute(insn);
    EXPECT_EQ(core.pc, kMemoryBase + 4);
  }
  void expect_trap(u32 insn, unsigned to, u32 syndrome) {
    const unsigned from = static_cast<unsigned>(core.pstate.el);
    execute(insn);
    EXPECT_EQ(static_cast<unsigned>(core.pstate.el), to);
    EXPECT_EQ(core.pc, kVectors[to] + (to > from ? 0x400 : 0x200));
    EXPECT_EQ(core.reg(esr_of(to)), syndrome);
    EXPECT_EQ(core.reg(elr_of(to)), kMemoryBase);
  }
};

}  // namespace tw::test
