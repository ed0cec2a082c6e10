// Saturation, rounding and FPSR.QC of Advanced SIMD, by vectors worked out by hand; the words come from GNU as.
#include <gtest/gtest.h>

#include "arm/sysreg.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

using arm::SysReg;
constexpr u64 kQc = u64{1} << 27;

struct Case {
  const char* text;
  u32 insn;  // V0 from V1 and V2
  VectorRegister n, m, expected;
  bool saturates;
};

constexpr Case kCases[] = {
    {"sqadd v0.4s, v1.4s, v2.4s",
     0x4ea20c20,
     {{0x00000001'7fffffff, 0x00000005'80000000}},
     {{0x00000001'00000001, 0xfffffffa'ffffffff}},
     {{0x00000002'7fffffff, 0xffffffff'80000000}},
     true},
    {"sqadd v0.8b: the upper half takes no part",
     0x0e220c20,
     {{0x0101010101010101, 0x7f7f7f7f7f7f7f7f}},
     {{0x0101010101010101, 0x7f7f7f7f7f7f7f7f}},
     {{0x0202020202020202, 0}},
     false},
    {"srshl v0.16b: 5/2 and -5/2 up, by the width and more to zero",
     0x4e225420,
     {{0x00000001'807ffb05, 0}},
     {{0x00000001'f8f8ffff, 0}},
     {{0x00000002'0000fe03, 0}},
     false},
    {"sqrdmulh v0.8h: -1 * -1, 1/2 * 1/2, and a half rounded up",
     0x6e62b420,
     {{0x0000'0001'4000'8000, 0}},
     {{0x0000'4000'4000'8000, 0}},
     {{0x0000'0001'2000'7fff, 0}},
     true},
    {"sqrshrun v0.8b, v1.8h, #3",
     0x2f0d8c20,
     {{0xffff'7fff'000b'000c, 0x0000'0000'0000'fffb}},
     {},
     {{0x00000000'00ff0102, 0}},
     true},
    {"uqshl d0: one by 64", 0x7ee24c20, {{1, ~u64{0}}}, {{64, 0}}, {{~u64{0}, 0}}, true},
    {"uqshl d0: nothing by 64", 0x7ee24c20, {{0, ~u64{0}}}, {{64, 64}}, {{0, 0}}, false},
    {"uqshl d0: by -64", 0x7ee24c20, {{~u64{0}, 0}}, {{0xffff'ffc0, 0}}, {{0, 0}}, false},
    {"sqneg b0: only the lowest lane", 0x7e207820, {{0x8080'8080'8080'8080, ~u64{0}}}, {}, {{0x7f, 0}}, true},
    {"sqneg b0: the other lanes would saturate",
     0x7e207820,
     {{0x8080'8080'8080'8001, ~u64{0}}},
     {},
     {{0xff, 0}},
     false},
    {"sqdmull d0, s1, s2", 0x5ea2d020, {{0x80000000, 0}}, {{0x80000000, 0}}, {{~u64{0} >> 1, 0}}, true},
    {"urecpe v0.4s: ends of the table, and below it",
     0x4ea1c820,
     {{0xffffffff'80000000, 0x00000000'7fffffff}},
     {},
     {{0x80000000'ff800000, 0xffffffff'ffffffff}},
     false},
};

TEST(SimdSaturation, IsAsWorkedOutByHand) {
  for (const Case& row : kCases) {
    test::CpuRig rig;
    rig.core.reg(SysReg::CPACR_EL1) = 3u << 20;
    rig.core.v[1] = row.n;
    rig.core.v[2] = row.m;
    rig.core.v[0] = {{~u64{0}, ~u64{0}}};
    rig.execute(row.insn);
    EXPECT_EQ(rig.core.v[0].d[0], row.expected.d[0]) << row.text;
    EXPECT_EQ(rig.core.v[0].d[1], row.expected.d[1]) << row.text;
    EXPECT_EQ(rig.core.reg(SysReg::FPSR), row.saturates ? kQc : 0) << row.text;
  }
}

TEST(SimdSaturation, IsSticky) {
  test::CpuRig rig;
  rig.core.reg(SysReg::CPACR_EL1) = 3u << 20;
  rig.core.reg(SysReg::FPSR) = kQc | 1;
  rig.execute(kCases[1].insn);
  EXPECT_EQ(rig.core.reg(SysReg::FPSR), kQc | 1);
}

}  // namespace
}  // namespace tw::cpu
