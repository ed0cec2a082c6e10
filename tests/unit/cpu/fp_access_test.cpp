// Floating-point instructions as the core sees them: the access check, FPSR, and what a result does to the rest
// of its register.
#include <gtest/gtest.h>

#include <random>

#include "arm/sysreg.hpp"
#include "cpu/isa/a64/groups.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

using arm::SysReg;

constexpr u32 kFaddS0S1S2 = 0x1E22'2820;
constexpr u64 kFpEnabled = u64{3} << 20;

TEST(FpAccess, EveryRowIsTrappedByCpacr) {
  test::CpuRig rig(El::El1, {}, test::test_model("cortex-a57", true));
  std::mt19937 random(1);
  for (const auto& group : {a64::fp_arithmetic_encodings(), a64::fp_compare_encodings(), a64::fp_convert_encodings(),
                            a64::fp_move_encodings(), a64::simd_fp_three_same_encodings(),
                            a64::simd_fp_two_register_encodings(), a64::simd_fp_convert_encodings()}) {
    for (const Encoding& row : group) {
      Op op{};
      while (op.run == nullptr) {
        op = {};
        op.insn = row.pattern.value | (static_cast<u32>(random()) & ~row.pattern.mask);
        op.run = row.select(op);
      }
      rig.core.reg(SysReg::CPACR_EL1) = 0;
      rig.core.reg(SysReg::ESR_EL1) = 0;
      rig.core.fp_allowed = false;
      rig.execute(op.insn);
      EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0x1FE0'0000u) << row.name;  // EC 0x07, IL, CV, COND 0b1110
    }
  }
  for (const VectorRegister& v : rig.core.v) EXPECT_EQ(v.d[0] | v.d[1], 0u);
}

struct Enabled : testing::Test {
  Enabled() { rig.core.reg(SysReg::CPACR_EL1) = kFpEnabled; }
  test::CpuRig rig;
};

TEST_F(Enabled, AResultClearsTheRestOfItsRegister) {
  rig.core.v[0] = {{~u64{0}, ~u64{0}}};
  rig.core.v[1] = {{0xDEAD'BEEF'3F80'0000, ~u64{0}}};
  rig.core.v[2] = {{0xDEAD'BEEF'4000'0000, ~u64{0}}};
  rig.execute(kFaddS0S1S2);
  EXPECT_EQ(rig.core.v[0].d[0], 0x4040'0000u);
  EXPECT_EQ(rig.core.v[0].d[1], 0u);
  rig.core.x[1] = 7;
  rig.core.v[0] = {{5, ~u64{0}}};
  rig.execute(0x9EAF'0020);  // fmov v0.d[1], x1
  EXPECT_EQ(rig.core.v[0].d[0], 5u);
  EXPECT_EQ(rig.core.v[0].d[1], 7u);
  rig.execute(0x9EAE'0002);  // fmov x2, v0.d[1]
  EXPECT_EQ(rig.core.x[2], 7u);
}

TEST_F(Enabled, ExceptionsAccumulateInFpsr) {
  rig.core.reg(SysReg::FPSR) = u64{1} << 27 | 1;  // QC, IOC
  rig.core.v[1].d[0] = 0x3F80'0000;
  rig.core.v[2].d[0] = 0x3380'0000;
  rig.execute(kFaddS0S1S2);
  EXPECT_EQ(rig.core.v[0].d[0], 0x3F80'0000u);
  EXPECT_EQ(rig.core.reg(SysReg::FPSR), u64{1} << 27 | 1 | 1 << 4);
}

TEST_F(Enabled, FpcrRulesTheNextInstruction) {
  rig.core.v[1].d[0] = 0x3F80'0000;
  rig.core.v[2].d[0] = 0x3380'0000;
  rig.core.x[1] = u64{1} << 22;                          // RMode: plus infinity
  rig.program({0xD51B'4401, kFaddS0S1S2, 0xD53B'4422});  // msr fpcr, x1; fadd; mrs x2, fpsr
  rig.step(3);
  EXPECT_EQ(rig.core.v[0].d[0], 0x3F80'0001u);
  EXPECT_EQ(rig.core.x[2], u64{1} << 4);
}

/// feenableexcept() finds out by reading back whether exceptions can be trapped.
TEST_F(Enabled, TrapEnablesAndFz16ReadAsZero) {
  rig.core.x[1] = ~u64{0};
  rig.program({0xD51B'4401, 0xD53B'4402});  // msr fpcr, x1; mrs x2, fpcr
  rig.step(2);
  EXPECT_EQ(rig.core.x[2] & 0x0008'9F00, 0u);
  EXPECT_EQ(rig.core.x[2] & 0x07C0'0000, 0x07C0'0000u);
}

TEST(FpAccess, Fz16IsThereWithHalfPrecision) {
  test::CpuRig rig(El::El1, {}, test::test_model("cortex-a57", true));
  rig.core.reg(SysReg::CPACR_EL1) = kFpEnabled;
  rig.core.x[1] = u64{1} << 19;
  rig.program({0xD51B'4401, 0xD53B'4402});
  rig.step(2);
  EXPECT_EQ(rig.core.x[2], u64{1} << 19);
}

TEST_F(Enabled, HalfPrecisionArithmeticIsUndefined) {
  for (const u32 insn : {0x1EE2'2820u, 0x0E42'1420u, 0x4F00'FC00u}) {  // fadd h0, h1, h2; fadd v0.4h …; fmov v0.8h, #2
    rig.core.reg(SysReg::ESR_EL1) = 0;
    rig.execute(insn);
    EXPECT_EQ(rig.core.reg(SysReg::ESR_EL1), 0x0200'0000u);
  }
  EXPECT_TRUE(rig.system.unimplemented.empty());
}

}  // namespace
}  // namespace tw::cpu
