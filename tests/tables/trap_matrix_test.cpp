// The trap matrix: for each trapped register, control bit, EL and direction: taken or not, target EL and syndrome. The
// expectations are written here by encoding and bit number from the manual's register descriptions; nothing is read off
// the rows under test.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tables/permissive_core.hpp"

namespace tw::test {
namespace {

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
  const char* model = "cortex-a57";
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
// Of Armv8.1 and 8.2, on a Neoverse N1.
const std::vector<Target> kOrderingRegions = {{3, 0, 10, 4, 0, RW, true},
                                              {3, 0, 10, 4, 1, RW, true},
                                              {3, 0, 10, 4, 2, RW, true},
                                              {3, 0, 10, 4, 3, RW, true},
                                              {3, 0, 10, 4, 7, R}};
const std::vector<Target> kErrorRecords = {{3, 0, 5, 3, 0, R}, {3, 0, 5, 3, 1}, {3, 0, 5, 4, 0, R}, {3, 0, 5, 4, 1},
                                           {3, 0, 5, 4, 2},    {3, 0, 5, 4, 3}, {3, 0, 5, 5, 0},    {3, 0, 5, 5, 1}};
const std::vector<Target> kPointerKeys = {{3, 0, 2, 1, 0}, {3, 0, 2, 1, 1}, {3, 0, 2, 1, 2}, {3, 0, 2, 1, 3},
                                          {3, 0, 2, 2, 0}, {3, 0, 2, 2, 1}, {3, 0, 2, 2, 2}, {3, 0, 2, 2, 3},
                                          {3, 0, 2, 3, 0}, {3, 0, 2, 3, 1}};
const std::vector<Target> kPhysicalTimer = {{3, 3, 14, 2, 0}, {3, 3, 14, 2, 1}, {3, 3, 14, 2, 2}};
const std::vector<Target> kVirtualTimer = {{3, 3, 14, 3, 0}, {3, 3, 14, 3, 1}, {3, 3, 14, 3, 2}};
const std::vector<Target> kSetWay = {{1, 0, 7, 6, 2, W}, {1, 0, 7, 10, 2, W}, {1, 0, 7, 14, 2, W}};

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
      {"HCR_EL2.TPC", hcr, b(23), 0, {0, 1}, W, 2, {{1, 3, 7, 12, 1, W}}, false, "neoverse-n1"},
      {"SCTLR_EL1.UCI", sctlr, 0, b(26), {0}, W, 1, {{1, 3, 7, 12, 1, W}}, false, "neoverse-n1"},
      {"HCR_EL2.TLOR", hcr, b(35), 0, {1}, RW, 2, kOrderingRegions, false, "neoverse-n1"},
      {"SCR_EL3.TLOR", SysReg::SCR_EL3, b(14), 0, {1, 2}, RW, 3, kOrderingRegions, true, "neoverse-n1"},
      {"HCR_EL2.TERR", hcr, b(36), 0, {1}, RW, 2, kErrorRecords, false, "neoverse-n1"},
      {"SCR_EL3.TERR", SysReg::SCR_EL3, b(15), 0, {1, 2}, RW, 3, kErrorRecords, true, "neoverse-n1"},
      {"HCR_EL2.APK", hcr, 0, b(40), {1}, RW, 2, kPointerKeys, false, "max"},
      {"SCR_EL3.APK", SysReg::SCR_EL3, 0, b(16), {1, 2}, RW, 3, kPointerKeys, true, "max"},
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
          Permissive rig(el, row.el3, false, row.model);
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
          Permissive rig(el, row.el3, false, row.model);
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
        Permissive rig(el, row.el3, false, row.model);
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
        Permissive at_el2(2, false, false, row.model);
        apply(at_el2.core, row);
        at_el2.expect_executes(word(target, read, 7));
        Permissive secure(1, true, true, row.model);
        apply(secure.core, row);
        SCOPED_TRACE("Secure EL1");
        if (target.non_secure) {
          secure.expect_trap(word(target, read, 7), 1, kUndefinedSyndrome);
        } else {
          secure.expect_executes(word(target, read, 7));
        }
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
        Permissive rig(0, false, false, row.model);
        apply(rig.core, row);
        rig.core.reg(SysReg::HCR_EL2) |= u64{1} << 27;
        rig.expect_trap(word(target, read, 7), 2, sysreg_syndrome(target, read, 7));
      }
    }
  }
}

// What a Cortex-A57 has not is UNDEFINED there, whatever HCR_EL2 and SCR_EL3 say; so are VHE's names everywhere.
TEST(TrapMatrix, FeaturesThatTheModelLacksAreUndefined) {
  std::vector<Target> absent = {{1, 3, 7, 12, 1, W}, {1, 0, 7, 9, 0, W}, {1, 0, 7, 9, 1, W}, {3, 0, 12, 1, 1},
                                {3, 0, 4, 2, 3},     {3, 0, 4, 2, 4},    {3, 3, 4, 2, 6}};
  absent.insert(absent.end(), kOrderingRegions.begin(), kOrderingRegions.end());
  absent.insert(absent.end(), kErrorRecords.begin(), kErrorRecords.end());
  for (const Target& target : absent) {
    for (const bool read : {true, false}) {
      if ((target.has & (read ? R : W)) == 0) continue;
      SCOPED_TRACE(show(target, read, 1));
      Permissive rig(1);
      rig.core.reg(SysReg::HCR_EL2) |= b(35) | b(36) | b(23);
      rig.expect_trap(word(target, read, 7), 1, kUndefinedSyndrome);
      Permissive n1(1, false, false, "neoverse-n1");
      n1.expect_executes(word(target, read, 7));
    }
  }
  // TTBR1_EL2, CONTEXTIDR_EL2, CNTHV_CTL_EL2, SCTLR_EL12, CNTP_CTL_EL02.
  for (const Target& target : {Target{3, 4, 2, 0, 1}, Target{3, 4, 13, 0, 1}, Target{3, 4, 14, 3, 1},
                               Target{3, 5, 1, 0, 0}, Target{3, 5, 14, 2, 1}}) {
    SCOPED_TRACE(show(target, true, 2));
    Permissive n1(2, false, false, "neoverse-n1");
    n1.expect_trap(word(target, true, 7), 2, kUndefinedSyndrome);
  }
}

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

}  // namespace
}  // namespace tw::test
