// Vector floating point where the shapes matter: which lanes take part, in which order, and where results go. The
// arithmetic has tests of its own (fp_*_test.cpp).
#include <gtest/gtest.h>

#include "arm/sysreg.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

using arm::SysReg;

constexpr u64 kInvalid = 1, kDivideByZero = 2, kInexact = 16;
constexpr u64 kOne = 0x3F80'0000, kTwo = 0x4000'0000, kThree = 0x4040'0000;  // single precision
constexpr u64 kQuiet = 0x7FC0'0000, kSignalling = 0x7FA0'0000;

u64 pair(u64 low, u64 high) { return high << 32 | low; }

struct VectorFp : testing::Test {
  VectorFp() { rig.core.reg(SysReg::CPACR_EL1) = u64{3} << 20; }
  u64 fpsr() const { return rig.core.reg(SysReg::FPSR); }
  VectorRegister& v(unsigned n) { return rig.core.v[n]; }
  test::CpuRig rig{El::El1, {}, test::test_model("cortex-a57", true)};
};

TEST_F(VectorFp, OnlyActiveLanesRaiseExceptions) {
  v(1) = {{pair(kOne, kTwo), pair(kOne, 0)}};
  v(2) = {{pair(kTwo, kTwo), 0}};
  rig.execute(0x2E22'FC20);  // fdiv v0.2s, v1.2s, v2.2s
  EXPECT_EQ(v(0).d[0], pair(0x3F00'0000, kOne));
  EXPECT_EQ(v(0).d[1], 0u);
  EXPECT_EQ(fpsr(), 0u);
  rig.execute(0x6E22'FC20);  // fdiv v0.4s, v1.4s, v2.4s: 1 / 0 and 0 / 0
  EXPECT_EQ(v(0).d[1], pair(0x7F80'0000, kQuiet));
  EXPECT_EQ(fpsr(), kInvalid | kDivideByZero);
}

TEST_F(VectorFp, PairsAreAdjacentFirstOfVnThenOfVm) {
  v(1) = {{pair(kOne, kTwo), pair(kTwo, kTwo)}};
  v(2) = {{pair(kThree, kThree), pair(0, kOne)}};
  rig.execute(0x6E22'D420);  // faddp v0.4s, v1.4s, v2.4s
  EXPECT_EQ(v(0).d[0], pair(kThree, 0x4080'0000));
  EXPECT_EQ(v(0).d[1], pair(0x40C0'0000, kOne));
  rig.execute(0x7E30'D820);  // faddp s0, v1.2s
  EXPECT_EQ(v(0).d[0], kThree);
  EXPECT_EQ(v(0).d[1], 0u);
}

/// FMAXNM of a quiet NaN and a number is the number, of a signalling one a NaN; lanes are reduced in pairs.
TEST_F(VectorFp, AcrossLanesReducesInPairs) {
  v(1) = {{pair(kQuiet, kOne), pair(kThree, kTwo)}};
  rig.execute(0x6E30'C820);  // fmaxnmv s0, v1.4s
  EXPECT_EQ(v(0).d[0], kThree);
  EXPECT_EQ(fpsr(), 0u);
  v(1) = {{pair(kSignalling, kOne), pair(kThree, kTwo)}};  // the first pair becomes a quiet NaN, which then loses
  rig.execute(0x6E30'C820);
  EXPECT_EQ(v(0).d[0], kThree);
  EXPECT_EQ(fpsr(), kInvalid);
}

TEST_F(VectorFp, NarrowingKeepsTheOtherHalf) {
  v(0) = {{7, 9}};
  v(1) = {{0x3FF0'0000'0000'0001, 0x4000'0000'0000'0000}};
  rig.execute(0x6E61'6820);  // fcvtxn2 v0.4s, v1.2d
  EXPECT_EQ(v(0).d[0], 7u);
  EXPECT_EQ(v(0).d[1], pair(kOne | 1, kTwo));  // rounded to odd
  EXPECT_EQ(fpsr(), kInexact);
  rig.execute(0x0E61'6820);  // fcvtn v0.2s, v1.2d
  EXPECT_EQ(v(0).d[0], pair(kOne, kTwo));
  EXPECT_EQ(v(0).d[1], 0u);
  rig.execute(0x4E61'7802);  // fcvtl2 v2.2d, v0.4s
  EXPECT_EQ(v(2).d[0] | v(2).d[1], 0u);
}

TEST_F(VectorFp, ElementsAndFusedNegation) {
  v(0) = {{pair(kOne, kOne), pair(kOne, kOne)}};
  v(1) = {{pair(kOne, kTwo), pair(kThree, 0)}};
  v(2) = {{0, pair(0, kTwo)}};
  rig.execute(0x4FA2'5820);  // fmls v0.4s, v1.4s, v2.s[3]: 1 - 2 n
  EXPECT_EQ(v(0).d[0], pair(0xBF80'0000, 0xC040'0000));
  EXPECT_EQ(v(0).d[1], pair(0xC0A0'0000, kOne));
}

TEST_F(VectorFp, ComparisonsWithZero) {
  v(1) = {{pair(0x8000'0000, kOne), pair(0xBF80'0000, kQuiet)}};
  rig.execute(0x4EA0'D820);  // fcmeq v0.4s, v1.4s, #0.0: quiet
  EXPECT_EQ(v(0).d[0], pair(0xFFFF'FFFF, 0));
  EXPECT_EQ(v(0).d[1], 0u);
  EXPECT_EQ(fpsr(), 0u);
  rig.execute(0x6EA0'D820);  // fcmle: signals every NaN
  EXPECT_EQ(v(0).d[0], pair(0xFFFF'FFFF, 0));
  EXPECT_EQ(v(0).d[1], 0xFFFF'FFFFu);
  EXPECT_EQ(fpsr(), kInvalid);
}

TEST_F(VectorFp, HalfPrecision) {
  v(1) = {{0x3C00'4000'3C00'4000, 0}};  // 2, 1, 2, 1
  rig.execute(0x0E41'1420);             // fadd v0.4h, v1.4h, v1.4h
  EXPECT_EQ(v(0).d[0], 0x4000'4400'4000'4400u);
  rig.execute(0x5E30'D820);  // faddp h0, v1.2h
  EXPECT_EQ(v(0).d[0], 0x4200u);
  rig.execute(0x0F00'FC00);  // fmov v0.4h, #2.0
  EXPECT_EQ(v(0).d[0], 0x4000'4000'4000'4000u);
}

}  // namespace
}  // namespace tw::cpu
