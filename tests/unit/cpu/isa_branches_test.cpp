// Branches: targets, links, conditions, tagged addresses, and the straight run counted across them.
#include <gtest/gtest.h>

#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

constexpr u64 kBase = test::CpuRig::kMemoryBase;
constexpr u32 kNop = 0xd503201f;
constexpr u32 kBranchToSelf = 0x14000000;

u64 pc_after(test::CpuRig& rig, u32 insn, u64 at = kBase) {
  rig.execute(insn, at);
  return rig.core.pc;
}

TEST(Branch, ImmediateForwardBackwardAndAcrossPages) {
  test::CpuRig rig;
  EXPECT_EQ(pc_after(rig, 0x14000002), kBase + 8);                    // b .+8
  EXPECT_EQ(pc_after(rig, 0x17ffffff, kBase + 0x100), kBase + 0xFC);  // b .-4
  EXPECT_EQ(pc_after(rig, 0x17ffffff, kBase + 0x1000), kBase + 0xFFC);
  EXPECT_EQ(pc_after(rig, 0x94000400, kBase + 0x20), kBase + 0x1020);  // bl .+0x1000
  EXPECT_EQ(rig.core.x[30], kBase + 0x24);
  EXPECT_EQ(rig.core.retired, 4u);
}

TEST(Branch, CompareLooksAt32Or64Bits) {
  test::CpuRig rig;
  rig.core.x[1] = u64{1} << 32;
  EXPECT_EQ(pc_after(rig, 0x34000041), kBase + 8);  // cbz w1: taken
  EXPECT_EQ(pc_after(rig, 0xb5000041), kBase + 8);  // cbnz x1: taken
  rig.core.x[1] = 0;
  EXPECT_EQ(pc_after(rig, 0x34000041), kBase + 8);
  EXPECT_EQ(pc_after(rig, 0xb5000041), kBase + 4);
}

TEST(Branch, TestsOneBit) {
  test::CpuRig rig;
  rig.core.x[1] = u64{1} << 33;
  EXPECT_EQ(pc_after(rig, 0xb6080041), kBase + 4);  // tbz x1, #33
  EXPECT_EQ(pc_after(rig, 0x37f80041), kBase + 4);  // tbnz w1, #31
  rig.core.x[1] = u64{1} << 31;
  EXPECT_EQ(pc_after(rig, 0xb6080041), kBase + 8);
  EXPECT_EQ(pc_after(rig, 0x37f80041), kBase + 8);
}

/// The manual's table of conditions (Arm ARM C1.2.4), spelled out apart from the code under test.
bool expected(unsigned condition, bool n, bool z, bool c, bool v) {
  switch (condition) {
    case 0:
      return z;
    case 1:
      return !z;
    case 2:
      return c;
    case 3:
      return !c;
    case 4:
      return n;
    case 5:
      return !n;
    case 6:
      return v;
    case 7:
      return !v;
    case 8:
      return c && !z;
    case 9:
      return !c || z;
    case 10:
      return n == v;
    case 11:
      return n != v;
    case 12:
      return !z && n == v;
    case 13:
      return z || n != v;
    default:
      return true;
  }
}

TEST(Branch, AllConditionsForAllFlags) {
  test::CpuRig rig;
  for (unsigned condition = 0; condition < 16; ++condition) {
    for (unsigned nzcv = 0; nzcv < 16; ++nzcv) {
      rig.core.flags.set_nzcv(u64{nzcv} << 28);
      const bool taken = expected(condition, nzcv & 8, nzcv & 4, nzcv & 2, nzcv & 1);
      EXPECT_EQ(pc_after(rig, 0x54000040 | condition), kBase + (taken ? 8 : 4)) << condition << " with " << nzcv;
    }
  }
}

TEST(Branch, LinkRegisterMayBeTheTarget) {
  test::CpuRig rig;
  rig.core.x[30] = kBase + 0x400;
  EXPECT_EQ(pc_after(rig, 0xd63f03c0), kBase + 0x400);  // blr x30
  EXPECT_EQ(rig.core.x[30], kBase + 4);
  EXPECT_EQ(pc_after(rig, 0xd65f03c0, kBase + 0x400), kBase + 4);  // ret
}

// AArch64.BranchAddr(): EL1 sign-extends from bit 55 under TBI0 or TBI1, EL2 clears the top byte under TBI.
TEST(Branch, IndirectTargetsLoseTheirTag) {
  constexpr u32 kBrX1 = 0xd61f0020;
  test::CpuRig el1;
  el1.core.x[1] = 0x5A00'0000'4000'0040;
  EXPECT_EQ(pc_after(el1, kBrX1), 0x5A00'0000'4000'0040u);
  el1.core.controls.el1.tcr = u64{1} << 37;
  EXPECT_EQ(pc_after(el1, kBrX1), 0x0000'0000'4000'0040u);
  el1.core.x[1] = 0x5AFF'0000'4000'0040;
  EXPECT_EQ(pc_after(el1, kBrX1), 0x5AFF'0000'4000'0040u);
  el1.core.controls.el1.tcr = u64{1} << 38;
  EXPECT_EQ(pc_after(el1, kBrX1), 0xFFFF'0000'4000'0040u);

  test::CpuRig el2(El::El2);
  el2.core.controls.el1.tcr = 0;
  el2.core.controls.el2.tcr = u64{1} << 20;
  el2.core.x[1] = 0x5AFF'0000'4000'0040;
  EXPECT_EQ(pc_after(el2, kBrX1), 0x00FF'0000'4000'0040u);
}

TEST(Branch, ALoopRunsToTheBudgetAndCountsEveryInstruction) {
  test::CpuRig rig;
  rig.program({
      0xd2800c80,  // mov x0, #100
      0xd1000400,  // sub x0, x0, #1
      0xb5ffffe0,  // cbnz x0, .-4
      kBranchToSelf,
  });
  rig.core.run(1000);
  EXPECT_EQ(rig.core.x[0], 0u);
  EXPECT_EQ(rig.core.pc, kBase + 12);
  EXPECT_EQ(rig.core.retired, 1000u);
}

TEST(Branch, StraightRunsCrossPages) {
  test::CpuRig rig;
  rig.poke<u32>(kBase + 0xFF8, kNop);
  rig.poke<u32>(kBase + 0xFFC, 0x91000400);   // add x0, x0, #1
  rig.poke<u32>(kBase + 0x1000, 0x91000400);  // add x0, x0, #1
  rig.poke<u32>(kBase + 0x1004, kBranchToSelf);
  rig.core.pc = kBase + 0xFF8;
  rig.core.run(10);
  EXPECT_EQ(rig.core.x[0], 2u);
  EXPECT_EQ(rig.core.pc, kBase + 0x1004);
  EXPECT_EQ(rig.core.retired, 10u);
}

}  // namespace
}  // namespace tw::cpu
