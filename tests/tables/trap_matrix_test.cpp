// The trap matrix: for each trapped register, control bit, EL and direction: taken or not, target EL and syndrome. The
// expectations are written here by encoding and bit number from the manual's register descriptions; nothing is read off
// the rows under test.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using arm::SysReg;

constexpr unsigned R = 1, W = 2, RW = 3;
constexpr u64 kVectors[] = {0, 0x4001'0000, 0x4002'0000, 0x4003'0000};

/// op0, op1, CRn, CRm, op2 and the directions that the register has.
struct Target {
  unsigned op0, op1, crn, crm, op2;
  unsigned has = RW;
};

u32 word(const Target& t, bool read, unsigned rt) {
  return 0xD500'0000 | u32{read} << 21 | t.op0 << 19 | t.op1 << 16 | t.crn << 12 | t.crm << 8 | t.op2 << 5 | rt;
}

u32 sysreg_syndrome(const Target& t, bool read, unsigned rt) {
  return 0x18u << 26 | 1u << 25 | t.op0 << 20 | t.op2 << 17 | t.op1 << 14 | t.crn << 10 | rt << 5 | t.crm << 1 | read;
}

std::string show(const Target& t, bool read, unsigned el) {
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
  explicit Permissive(unsigned el, bool el3 = false, bool secure = false)
      : CpuRig(static_cast<El>(el), config(el3), test_model(), 0x4'0000) {
    core.reg(SysReg::SCR_EL3) = (secure ? 0 : 1) | 0x100 | 0x400 | 0x800;  // NS, HCE, RW, ST
    core.reg(SysReg::HCR_EL2) = u64{1} << 31;
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

/// A control bit in its trapping position, the registers that it traps, from where, to where.
struct Row {
  const char* name;
  SysReg control;
  u64 set, clear;  ///< bits to set and to clear so that it traps
  std::vector<unsigned> from;
  unsigned directions;
  unsigned to;
  std::vector<Target> targets;
  bool el3 = false;
};

const std::vector<Target> kVirtualMemory = {{3, 0, 1, 0, 0},  {3, 0, 2, 0, 0},  {3, 0, 2, 0, 1}, {3, 0, 2, 0, 2},
                                            {3, 0, 5, 1, 0},  {3, 0, 5, 1, 1},  {3, 0, 5, 2, 0}, {3, 0, 6, 0, 0},
                                            {3, 0, 10, 2, 0}, {3, 0, 10, 3, 0}, {3, 0, 13, 0, 1}};

std::vector<Target> id_group3() {
  std::vector<Target> all;
  for (unsigned crm = 1; crm <= 7; ++crm) {
    for (unsigned op2 = 0; op2 <= 7; ++op2) all.push_back({3, 0, 0, crm, op2, R});
  }
  return all;
}

std::vector<Target> tlbi_el1() {
  std::vector<Target> all;
  for (const unsigned crm : {3u, 7u}) {
    for (const unsigned op2 : {0u, 1u, 2u, 3u, 5u, 7u}) all.push_back({1, 0, 8, crm, op2, W});
  }
  return all;
}

std::vector<Target> breakpoints() {
  std::vector<Target> all = {{2, 0, 0, 2, 2}, {2, 0, 0, 0, 2}, {2, 0, 0, 3, 2}, {2, 0, 0, 6, 2},
                             {2, 0, 0, 2, 0}, {2, 0, 7, 8, 6}, {2, 0, 7, 9, 6}, {2, 0, 7, 14, 6, R}};
  for (unsigned n = 0; n < 6; ++n) all.insert(all.end(), {{2, 0, 0, n, 4}, {2, 0, 0, n, 5}});
  for (unsigned n = 0; n < 4; ++n) all.insert(all.end(), {{2, 0, 0, n, 6}, {2, 0, 0, n, 7}});
  return all;
}

// Every PMU register that MDCR_EL2.TPM traps.
const std::vector<Target> kPmu = {{3, 3, 9, 12, 0},    {3, 3, 9, 12, 1}, {3, 3, 9, 12, 2},    {3, 3, 9, 12, 3},
                                  {3, 3, 9, 12, 4, W}, {3, 3, 9, 12, 5}, {3, 3, 9, 12, 6, R}, {3, 3, 9, 12, 7, R},
                                  {3, 3, 9, 13, 0},    {3, 3, 9, 13, 1}, {3, 3, 9, 13, 2},    {3, 3, 9, 14, 3},
                                  {3, 3, 14, 8, 0},    {3, 3, 14, 8, 5}, {3, 3, 14, 12, 0},   {3, 3, 14, 12, 5},
                                  {3, 3, 14, 15, 7}};
const std::vector<Target> kPmuEl1 = {{3, 0, 9, 14, 1}, {3, 0, 9, 14, 2}, {3, 3, 9, 14, 0}};
const std::vector<Target> kPmuEnableOnly = {
    {3, 3, 9, 12, 0},    {3, 3, 9, 12, 1}, {3, 3, 9, 12, 2}, {3, 3, 9, 12, 3},  {3, 3, 9, 12, 6, R},
    {3, 3, 9, 12, 7, R}, {3, 3, 9, 13, 1}, {3, 3, 9, 14, 3}, {3, 3, 14, 12, 3}, {3, 3, 14, 15, 7}};
const std::vector<Target> kPhysicalTimer = {{3, 3, 14, 2, 0}, {3, 3, 14, 2, 1}, {3, 3, 14, 2, 2}};
const std::vector<Target> kVirtualTimer = {{3, 3, 14, 3, 0}, {3, 3, 14, 3, 1}, {3, 3, 14, 3, 2}};
const std::vector<Target> kSetWay = {{1, 0, 7, 6, 2, W}, {1, 0, 7, 10, 2, W}, {1, 0, 7, 14, 2, W}};

constexpr u64 b(unsigned n) { return u64{1} << n; }

std::vector<Row> matrix() {
  const auto hcr = SysReg::HCR_EL2;
  const auto sctlr = SysReg::SCTLR_EL1;
  const auto mdcr2 = SysReg::MDCR_EL2;
  const auto mdcr3 = SysReg::MDCR_EL3;
  const auto user = SysReg::PMUSERENR_EL0;
  return {
      {"HCR_EL2.TVM", hcr, b(26), 0, {1}, W, 2, kVirtualMemory},
      {"HCR_EL2.TRVM", hcr, b(30), 0, {1}, R, 2, kVirtualMemory},
      {"HCR_EL2.TID1", hcr, b(16), 0, {1}, R, 2, {{3, 0, 0, 0, 6, R}, {3, 1, 0, 0, 7, R}}},
      {"HCR_EL2.TID2", hcr, b(17), 0, {0, 1}, R, 2, {{3, 3, 0, 0, 1, R}}},
      {"HCR_EL2.TID2", hcr, b(17), 0, {1}, RW, 2, {{3, 1, 0, 0, 0, R}, {3, 1, 0, 0, 1, R}, {3, 2, 0, 0, 0}}},
      {"HCR_EL2.TID3", hcr, b(18), 0, {1}, R, 2, id_group3()},
      {"HCR_EL2.TACR", hcr, b(21), 0, {1}, RW, 2, {{3, 0, 1, 0, 1}}},
      {"HCR_EL2.TSW", hcr, b(22), 0, {1}, W, 2, kSetWay},
      {"HCR_EL2.TPC", hcr, b(23), 0, {1}, W, 2, {{1, 0, 7, 6, 1, W}}},
      {"HCR_EL2.TPC", hcr, b(23), 0, {0, 1}, W, 2, {{1, 3, 7, 10, 1, W}, {1, 3, 7, 14, 1, W}}},
      {"HCR_EL2.TPU", hcr, b(24), 0, {1}, W, 2, {{1, 0, 7, 1, 0, W}, {1, 0, 7, 5, 0, W}}},
      {"HCR_EL2.TPU", hcr, b(24), 0, {0, 1}, W, 2, {{1, 3, 7, 5, 1, W}, {1, 3, 7, 11, 1, W}}},
      {"HCR_EL2.TTLB", hcr, b(25), 0, {1}, W, 2, tlbi_el1()},
      {"HCR_EL2.TDZ", hcr, b(28), 0, {0, 1}, W, 2, {{1, 3, 7, 4, 1, W}}},
      {"CPTR_EL2.TCPAC", SysReg::CPTR_EL2, b(31), 0, {1}, RW, 2, {{3, 0, 1, 0, 2}}},
      {"CPTR_EL3.TCPAC", SysReg::CPTR_EL3, b(31), 0, {1, 2}, RW, 3, {{3, 0, 1, 0, 2}}, true},
      {"CPTR_EL3.TCPAC", SysReg::CPTR_EL3, b(31), 0, {2}, RW, 3, {{3, 4, 1, 1, 2}}, true},
      {"SCTLR_EL1.UCT", sctlr, 0, b(15), {0}, R, 1, {{3, 3, 0, 0, 1, R}}},
      {"SCTLR_EL1.UCI",
       sctlr,
       0,
       b(26),
       {0},
       W,
       1,
       {{1, 3, 7, 10, 1, W}, {1, 3, 7, 14, 1, W}, {1, 3, 7, 11, 1, W}, {1, 3, 7, 5, 1, W}}},
      {"SCTLR_EL1.DZE", sctlr, 0, b(14), {0}, W, 1, {{1, 3, 7, 4, 1, W}}},
      {"SCTLR_EL1.UMA", sctlr, 0, b(9), {0}, RW, 1, {{3, 3, 4, 2, 1}}},
      {"CNTHCTL_EL2.EL1PCTEN", SysReg::CNTHCTL_EL2, 0, b(0), {0, 1}, R, 2, {{3, 3, 14, 0, 1, R}}},
      {"CNTHCTL_EL2.EL1PCEN", SysReg::CNTHCTL_EL2, 0, b(1), {0, 1}, RW, 2, kPhysicalTimer},
      {"CNTKCTL_EL1.EL0PCTEN", SysReg::CNTKCTL_EL1, 0, b(0), {0}, R, 1, {{3, 3, 14, 0, 1, R}}},
      {"CNTKCTL_EL1.EL0VCTEN", SysReg::CNTKCTL_EL1, 0, b(1), {0}, R, 1, {{3, 3, 14, 0, 2, R}}},
      {"CNTKCTL_EL1.EL0PCTEN and EL0VCTEN", SysReg::CNTKCTL_EL1, 0, b(0) | b(1), {0}, R, 1, {{3, 3, 14, 0, 0, R}}},
      {"CNTKCTL_EL1.EL0VTEN", SysReg::CNTKCTL_EL1, 0, b(8), {0}, RW, 1, kVirtualTimer},
      {"CNTKCTL_EL1.EL0PTEN", SysReg::CNTKCTL_EL1, 0, b(9), {0}, RW, 1, kPhysicalTimer},
      {"MDCR_EL2.TPM", mdcr2, b(6), 0, {0, 1}, RW, 2, kPmu},
      {"MDCR_EL2.TPM", mdcr2, b(6), 0, {1}, RW, 2, kPmuEl1},
      {"MDCR_EL2.TPM", mdcr2, b(6), 0, {0}, R, 2, {{3, 3, 9, 14, 0, R}}},
      {"MDCR_EL2.TPMCR", mdcr2, b(5), 0, {0, 1}, RW, 2, {{3, 3, 9, 12, 0}}},
      {"MDCR_EL3.TPM", mdcr3, b(6), 0, {0, 1, 2}, RW, 3, kPmu, true},
      {"MDCR_EL3.TPM", mdcr3, b(6), 0, {1, 2}, RW, 3, kPmuEl1, true},
      {"MDCR_EL2.TDA", mdcr2, b(9), 0, {1}, RW, 2, breakpoints()},
      {"MDCR_EL2.TDE", mdcr2, b(8), 0, {1}, RW, 2, breakpoints()},
      {"MDCR_EL2.TDA", mdcr2, b(9), 0, {0, 1}, R, 2, {{2, 3, 0, 1, 0, R}, {2, 3, 0, 4, 0}, {2, 3, 0, 5, 0}}},
      {"MDCR_EL3.TDA", mdcr3, b(9), 0, {1, 2}, RW, 3, breakpoints(), true},
      {"MDCR_EL3.TDA", mdcr3, b(9), 0, {2}, RW, 3, {{3, 4, 1, 1, 1}}, true},
      {"MDCR_EL2.TDRA", mdcr2, b(11), 0, {1}, R, 2, {{2, 0, 1, 0, 0, R}}},
      {"MDCR_EL2.TDOSA",
       mdcr2,
       b(10),
       0,
       {1},
       RW,
       2,
       {{2, 0, 1, 0, 4, W}, {2, 0, 1, 1, 4, R}, {2, 0, 1, 3, 4}, {2, 0, 1, 4, 4}}},
      {"MDCR_EL2.TDE", mdcr2, b(8), 0, {1}, RW, 2, {{2, 0, 1, 0, 0, R}, {2, 0, 1, 0, 4, W}, {2, 0, 1, 3, 4}}},
      {"MDCR_EL3.TDOSA", mdcr3, b(10), 0, {1, 2}, RW, 3, {{2, 0, 1, 0, 4, W}, {2, 0, 1, 3, 4}}, true},
      {"MDSCR_EL1.TDCC",
       SysReg::MDSCR_EL1,
       b(12),
       0,
       {0},
       RW,
       1,
       {{2, 3, 0, 1, 0, R}, {2, 3, 0, 4, 0}, {2, 3, 0, 5, 0}}},
      {"PMUSERENR_EL0.EN alone", user, 0, b(0), {0}, RW, 1, kPmuEnableOnly},
      {"PMUSERENR_EL0.EN, SW", user, 0, b(0) | b(1), {0}, W, 1, {{3, 3, 9, 12, 4, W}}},
      {"PMUSERENR_EL0.EN, CR", user, 0, b(0) | b(2), {0}, R, 1, {{3, 3, 9, 13, 0}}},
      {"PMUSERENR_EL0.EN", user, 0, b(0), {0}, W, 1, {{3, 3, 9, 13, 0}, {3, 3, 9, 13, 2}, {3, 3, 14, 8, 2}}},
      {"PMUSERENR_EL0.EN, ER", user, 0, b(0) | b(3), {0}, R, 1, {{3, 3, 9, 13, 2}, {3, 3, 14, 8, 2}}},
      {"PMUSERENR_EL0.EN, ER", user, 0, b(0) | b(3), {0}, RW, 1, {{3, 3, 9, 12, 5}}},
  };
}

void apply(cpu::Cpu& core, const Row& row) { core.reg(row.control) = (core.reg(row.control) | row.set) & ~row.clear; }

TEST(TrapMatrix, TakenWithTargetAndSyndrome) {
  for (const Row& row : matrix()) {
    for (const unsigned el : row.from) {
      for (const Target& target : row.targets) {
        for (const bool read : {true, false}) {
          const unsigned direction = read ? R : W;
          if ((row.directions & target.has & direction) == 0) continue;
          SCOPED_TRACE(std::string(row.name) + ": " + show(target, read, el));
          Permissive rig(el, row.el3);
          apply(rig.core, row);
          rig.expect_trap(word(target, read, 7), row.to, sysreg_syndrome(target, read, 7));
        }
      }
    }
  }
}

TEST(TrapMatrix, NotTakenWithoutTheControl) {
  for (const Row& row : matrix()) {
    for (const unsigned el : row.from) {
      for (const Target& target : row.targets) {
        for (const bool read : {true, false}) {
          if ((row.directions & target.has & (read ? R : W)) == 0) continue;
          SCOPED_TRACE(std::string(row.name) + " in its other position: " + show(target, read, el));
          Permissive rig(el, row.el3);
          rig.expect_executes(word(target, read, 7));
        }
      }
    }
  }
}

// A control traps only the direction and the ELs that it names.
TEST(TrapMatrix, OtherDirectionsExecute) {
  for (const Row& row : matrix()) {
    if (row.directions == RW) continue;
    for (const unsigned el : row.from) {
      for (const Target& target : row.targets) {
        const bool read = row.directions == W;  // the direction that is not trapped
        if ((target.has & (read ? R : W)) == 0 || target.op0 == 1 || row.control == SysReg::PMUSERENR_EL0) continue;
        if (row.control == SysReg::MDCR_EL2) continue;  // split rows of one control
        SCOPED_TRACE(std::string(row.name) + ": " + show(target, read, el));
        Permissive rig(el, row.el3);
        apply(rig.core, row);
        rig.expect_executes(word(target, read, 7));
      }
    }
  }
}

// EL2's controls do nothing at EL2 itself, and nothing in Secure state.
TEST(TrapMatrix, El2ControlsHoldInNonSecureEl1And0Only) {
  for (const Row& row : matrix()) {
    if (row.to != 2) continue;
    for (const Target& target : row.targets) {
      for (const bool read : {true, false}) {
        if ((row.directions & target.has & (read ? R : W)) == 0) continue;
        SCOPED_TRACE(std::string(row.name) + ": " + show(target, read, 2));
        Permissive at_el2(2);
        apply(at_el2.core, row);
        at_el2.expect_executes(word(target, read, 7));
        Permissive secure(1, true, true);
        apply(secure.core, row);
        SCOPED_TRACE("Secure EL1");
        secure.expect_executes(word(target, read, 7));
      }
    }
  }
}

// EL1's controls over EL0 lead to EL2 when HCR_EL2.TGE is set.
TEST(TrapMatrix, TgeRoutesEl0TrapsToEl2) {
  for (const Row& row : matrix()) {
    if (row.to != 1) continue;
    for (const Target& target : row.targets) {
      for (const bool read : {true, false}) {
        if ((row.directions & target.has & (read ? R : W)) == 0) continue;
        SCOPED_TRACE(std::string(row.name) + " with TGE: " + show(target, read, 0));
        Permissive rig(0);
        apply(rig.core, row);
        rig.core.reg(SysReg::HCR_EL2) |= u64{1} << 27;
        rig.expect_trap(word(target, read, 7), 2, sysreg_syndrome(target, read, 7));
      }
    }
  }
}

constexpr u32 kUndefinedSyndrome = 1u << 25;

TEST(TrapMatrix, UndefinedComesBeforeTraps) {
  // Registers of a higher EL, and read-only registers: UNDEFINED at EL1 though every HCR_EL2 trap is on.
  const Target above[] = {{3, 4, 1, 1, 0}, {3, 4, 2, 1, 0}, {3, 6, 1, 1, 0}, {3, 4, 12, 0, 0}, {3, 4, 14, 0, 3}};
  for (const Target& target : above) {
    Permissive rig(1);
    rig.core.reg(SysReg::HCR_EL2) |= 0x3'77FF'E000 & ~b(27);
    SCOPED_TRACE(show(target, true, 1));
    rig.expect_trap(word(target, true, 7), 1, kUndefinedSyndrome);
  }
  for (const Target& target : {Target{3, 0, 0, 4, 0}, Target{3, 1, 0, 0, 1}, Target{3, 0, 0, 0, 0}}) {
    Permissive rig(1);
    rig.core.reg(SysReg::HCR_EL2) |= b(16) | b(17) | b(18);
    SCOPED_TRACE(show(target, false, 1));
    rig.expect_trap(word(target, false, 7), 1, kUndefinedSyndrome);
  }
  // EL1 registers at EL0.
  for (const Target& target : kVirtualMemory) {
    Permissive rig(0);
    rig.core.reg(SysReg::HCR_EL2) |= b(26) | b(30);
    rig.expect_trap(word(target, true, 7), 1, kUndefinedSyndrome);
  }
}

TEST(TrapMatrix, GicSystemRegistersAreUndefined) {
  const Target icc[] = {{3, 0, 4, 6, 0}, {3, 0, 12, 12, 0}, {3, 0, 12, 12, 5}, {3, 4, 12, 9, 5}, {3, 4, 12, 11, 0}};
  for (const Target& target : icc) {
    Permissive rig(2);
    rig.expect_trap(word(target, true, 7), 2, kUndefinedSyndrome);
  }
}

TEST(TrapMatrix, ImplementationDefinedEncodings) {
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

TEST(TrapMatrix, FloatingPoint) {
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

TEST(TrapMatrix, FloatingPointTrapRoutedByTgeIsOfUnknownReason) {
  Permissive rig(0);
  rig.core.reg(SysReg::CPACR_EL1) = 0;
  rig.core.reg(SysReg::HCR_EL2) |= b(27);
  rig.expect_trap(kFadd, 2, kUndefinedSyndrome);
}

// ---- WFI, WFE, SMC, HVC
TEST(TrapMatrix, WaitInstructions) {
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

TEST(TrapMatrix, WaitInstructionsThatDoNotWaitAreNotTrapped) {
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

TEST(TrapMatrix, Calls) {
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

TEST(TrapMatrix, DaifImmediateAtEl0) {
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
