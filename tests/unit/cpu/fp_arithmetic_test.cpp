// The floating-point core against vectors made by hand from IEEE 754 and the manual's rules.
#include <gtest/gtest.h>

#include "cpu/fp/fp.hpp"

namespace tw::cpu::fp {
namespace {

constexpr u32 kOne = 0x3F80'0000, kThree = 0x4040'0000, kMax = 0x7F7F'FFFF, kInf = 0x7F80'0000;
constexpr u32 kMinNormal = 0x0080'0000, kMinus = 0x8000'0000, kDefault = 0x7FC0'0000;
constexpr u32 kQuietA = 0x7FC0'000A, kQuietB = 0xFFC0'000B, kSignalA = 0x7F80'000A, kSignalB = 0xFF80'000B;

FpEnv rounding(Rounding which) { return FpEnv(FpControl{.rounding = which}); }
FpEnv flushing() { return FpEnv(FpControl{.flush_to_zero = true}); }
FpEnv default_nans() { return FpEnv(FpControl{.default_nan = true}); }

constexpr Rounding kFpcrModes[] = {Rounding::TieEven, Rounding::Plus, Rounding::Minus, Rounding::Zero};

TEST(FpControls, ComeFromFpcr) {
  EXPECT_EQ(FpControl::from_fpcr(0).rounding, Rounding::TieEven);
  EXPECT_EQ(FpControl::from_fpcr(0x0040'0000).rounding, Rounding::Plus);
  EXPECT_EQ(FpControl::from_fpcr(0x0080'0000).rounding, Rounding::Minus);
  EXPECT_EQ(FpControl::from_fpcr(0x00C0'0000).rounding, Rounding::Zero);
  EXPECT_TRUE(FpControl::from_fpcr(1u << 24).flush_to_zero);
  EXPECT_TRUE(FpControl::from_fpcr(1u << 25).default_nan);
  EXPECT_TRUE(FpControl::from_fpcr(1u << 26).alternative_half);
  EXPECT_TRUE(FpControl::from_fpcr(1u << 19).flush_to_zero_16);
  EXPECT_FALSE(FpControl::from_fpcr(1u << 19).flush_to_zero);
}

// ---- rounding and its exceptions

TEST(FpAdd, RoundsTiesToEvenAndElseByMode) {
  const u32 half_ulp = 0x3380'0000;  // 2^-24: half of one's last place
  struct {
    u32 a;
    u32 expected[4];  // N P M Z
  } constexpr kCases[] = {
      {0x3F80'0000, {0x3F80'0000, 0x3F80'0001, 0x3F80'0000, 0x3F80'0000}},
      {0x3F80'0001, {0x3F80'0002, 0x3F80'0002, 0x3F80'0001, 0x3F80'0001}},
  };
  for (const auto& test : kCases) {
    for (unsigned mode = 0; mode < 4; ++mode) {
      FpEnv env = rounding(kFpcrModes[mode]);
      EXPECT_EQ(add(test.a, half_ulp, env), test.expected[mode]) << mode;
      EXPECT_EQ(env.exceptions, kInexact);
      // The negative sum mirrors the positive one.
      const unsigned mirrored = mode == 1 ? 2 : mode == 2 ? 1 : mode;
      EXPECT_EQ(add(neg(test.a), neg(half_ulp), env), neg(test.expected[mirrored])) << mode;
    }
  }
}

TEST(FpAdd, AnExactZeroIsNegativeOnlyWhenRoundingDown) {
  for (const Rounding mode : kFpcrModes) {
    FpEnv env = rounding(mode);
    const u32 expected = mode == Rounding::Minus ? kMinus : 0;
    EXPECT_EQ(sub(kOne, kOne, env), expected);
    EXPECT_EQ(add(u32{0}, kMinus, env), expected);
    EXPECT_EQ(add(kMinus, kMinus, env), kMinus);
    EXPECT_EQ(mul_add(neg(kOne), kOne, kOne, env), expected);
    EXPECT_EQ(env.exceptions, 0u);
  }
}

TEST(FpMul, OverflowsByMode) {
  constexpr u32 kPositive[] = {kInf, kInf, kMax, kMax};
  constexpr u32 kNegative[] = {kInf | kMinus, kMax | kMinus, kInf | kMinus, kMax | kMinus};
  for (unsigned mode = 0; mode < 4; ++mode) {
    FpEnv env = rounding(kFpcrModes[mode]);
    EXPECT_EQ(mul(kMax, kThree, env), kPositive[mode]);
    EXPECT_EQ(mul(kMax, neg(kThree), env), kNegative[mode]);
    EXPECT_EQ(env.exceptions, kOverflow | kInexact);
  }
}

TEST(FpMul, TininessIsFoundBeforeRounding) {
  // (1 - 2^-24) * 2^-126 rounds up to the smallest normal number, and is tiny nevertheless.
  FpEnv env;
  EXPECT_EQ(mul(u32{0x3F7F'FFFF}, kMinNormal, env), kMinNormal);
  EXPECT_EQ(env.exceptions, kUnderflow | kInexact);
  // An exact denormal is no underflow.
  env = {};
  EXPECT_EQ(mul(u32{0x3F00'0000}, kMinNormal, env), 0x0040'0000u);
  EXPECT_EQ(env.exceptions, 0u);
}

TEST(FpFlush, OutputsRaiseUnderflowAlone) {
  FpEnv env = flushing();
  EXPECT_EQ(mul(u32{0xBF7F'FFFF}, kMinNormal, env), kMinus);
  EXPECT_EQ(env.exceptions, kUnderflow);
}

TEST(FpFlush, InputsRaiseInputDenormal) {
  FpEnv env = flushing();
  EXPECT_EQ(add(u32{0x807F'FFFF}, kOne, env), kOne);
  EXPECT_EQ(env.exceptions, kInputDenormal);
  env = flushing();
  EXPECT_EQ(div(kOne, u32{1}, env), kInf);
  EXPECT_EQ(env.exceptions, kInputDenormal | kDivideByZero);
  env = flushing();
  EXPECT_EQ(compare(u32{1}, kMinus, false, env), Order::Equal);
  EXPECT_EQ(env.exceptions, kInputDenormal);
  env = flushing();
  EXPECT_EQ((to_fixed<i32>(u32{1}, 0, Rounding::Plus, env)), 0);
  EXPECT_EQ(env.exceptions, kInputDenormal);
}

TEST(FpFlush, DoesNotTouchHalfPrecisionConversions) {
  FpEnv env = flushing();
  EXPECT_EQ(convert<u32>(u16{1}, env), 0x3380'0000u);  // 2^-24
  EXPECT_EQ(convert<u16>(u32{0x3380'0000}, env), 1u);
  EXPECT_EQ(env.exceptions, 0u);
}

// ---- NaNs

TEST(FpNan, SignallingComesFirstThenTheFirstOperand) {
  FpEnv env;
  EXPECT_EQ(add(kQuietA, kQuietB, env), kQuietA);
  EXPECT_EQ(add(kOne, kQuietB, env), kQuietB);
  EXPECT_EQ(sub(kOne, kQuietB, env), kQuietB);  // the sign stays
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(add(kQuietA, kSignalB, env), kQuietB);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
  EXPECT_EQ(mul(kSignalA, kSignalB, env), kQuietA);
}

TEST(FpNan, TheAddendOfAFusedOperationComesFirst) {
  FpEnv env;
  EXPECT_EQ(mul_add(kQuietB, kQuietA, kQuietA, env), kQuietB);
  EXPECT_EQ(mul_add(kOne, kQuietA, kQuietB, env), kQuietA);
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(mul_add(kQuietA, kOne, kSignalB, env), kQuietB);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
  env = {};
  EXPECT_EQ(mul_add(kQuietA, u32{0}, kInf, env), kDefault);  // 0 * infinity beside a quiet NaN
  EXPECT_EQ(env.exceptions, kInvalidOperation);
}

TEST(FpNan, DefaultNanModeForgetsPayloads) {
  FpEnv env = default_nans();
  EXPECT_EQ(add(kQuietB, kOne, env), kDefault);
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(sqrt(kSignalB, env), kDefault);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
}

TEST(FpNan, InvalidOperationsGiveTheDefaultNan) {
  const auto expect_invalid = [](auto operation) {
    FpEnv env;
    EXPECT_EQ(operation(env), kDefault);
    EXPECT_EQ(env.exceptions, kInvalidOperation);
  };
  expect_invalid([](FpEnv& env) { return sub(kInf, kInf, env); });
  expect_invalid([](FpEnv& env) { return mul(kInf, kMinus, env); });
  expect_invalid([](FpEnv& env) { return div(u32{0}, kMinus, env); });
  expect_invalid([](FpEnv& env) { return div(kInf, kInf, env); });
  expect_invalid([](FpEnv& env) { return sqrt(neg(kOne), env); });
  expect_invalid([](FpEnv& env) { return mul_add(kInf, kInf, neg(kOne), env); });
  FpEnv env;
  EXPECT_EQ(mulx(kInf, kMinus, env), 0xC000'0000u);  // -2, and not invalid
  EXPECT_EQ(nmul(kQuietA, kOne, env), kQuietA | kMinus);
  EXPECT_EQ(env.exceptions, 0u);
}

// ---- fused, division, root

TEST(FpMulAdd, RoundsOnce) {
  // (1 + 2^-23)^2 - (1 + 2^-22) = 2^-46, lost when the product is rounded on its own.
  FpEnv env;
  EXPECT_EQ(mul_add(neg(u32{0x3F80'0002}), u32{0x3F80'0001}, u32{0x3F80'0001}, env), 0x2880'0000u);
  EXPECT_EQ(env.exceptions, 0u);
  // A product far below the addend still decides a directed rounding.
  env = rounding(Rounding::Plus);
  EXPECT_EQ(mul_add(u64{0x3FF0'0000'0000'0000}, u64{1}, u64{1}, env), 0x3FF0'0000'0000'0001u);
  EXPECT_EQ(env.exceptions, kInexact);
  env = rounding(Rounding::Zero);
  EXPECT_EQ(mul_add(u64{0x3FF0'0000'0000'0000}, neg(u64{1}), u64{1}, env), 0x3FEF'FFFF'FFFF'FFFFu);
}

TEST(FpDiv, OneThird) {
  FpEnv env;
  EXPECT_EQ(div(kOne, kThree, env), 0x3EAA'AAABu);
  EXPECT_EQ(div(u64{0x3FF0'0000'0000'0000}, u64{0x4008'0000'0000'0000}, env), 0x3FD5'5555'5555'5555u);
  EXPECT_EQ(env.exceptions, kInexact);
  env = {};
  EXPECT_EQ(div(neg(kOne), u32{0}, env), kInf | kMinus);
  EXPECT_EQ(env.exceptions, kDivideByZero);
}

TEST(FpSqrt, ExactAndInexact) {
  FpEnv env;
  EXPECT_EQ(sqrt(u32{0x4110'0000}, env), kThree);                            // 9
  EXPECT_EQ(sqrt(u64{0x0000'0000'0000'0001}, env), 0x1E60'0000'0000'0000u);  // 2^-1074 to 2^-537
  EXPECT_EQ(sqrt(kMinus, env), kMinus);
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(sqrt(u64{0x4000'0000'0000'0000}, env), 0x3FF6'A09E'667F'3BCDu);
  EXPECT_EQ(env.exceptions, kInexact);
}

// ---- comparison

TEST(FpCompare, FlagsAndNans) {
  FpEnv env;
  EXPECT_EQ(nzcv_of(compare(neg(kOne), kOne, true, env)), 0b1000u);
  EXPECT_EQ(nzcv_of(compare(u32{0}, kMinus, true, env)), 0b0110u);
  EXPECT_EQ(nzcv_of(compare(kInf, kMax, true, env)), 0b0010u);
  EXPECT_EQ(nzcv_of(compare(kQuietA, kOne, false, env)), 0b0011u);
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(compare(kQuietA, kOne, true, env), Order::Unordered);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
  env = {};
  EXPECT_EQ(compare(kOne, kSignalA, false, env), Order::Unordered);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
}

TEST(FpMinMax, ZerosAndNans) {
  FpEnv env;
  EXPECT_EQ(max(kMinus, u32{0}, env), 0u);
  EXPECT_EQ(max(u32{0}, kMinus, env), 0u);
  EXPECT_EQ(min(kMinus, u32{0}, env), kMinus);
  EXPECT_EQ(min(u32{0}, kMinus, env), kMinus);
  EXPECT_EQ(max(kOne, kQuietA, env), kQuietA);
  EXPECT_EQ(max_num(kOne, kQuietA, env), kOne);
  EXPECT_EQ(max_num(kQuietA, neg(kInf), env), neg(kInf));
  EXPECT_EQ(min_num(kQuietA, kThree, env), kThree);
  EXPECT_EQ(min_num(kQuietA, kQuietB, env), kQuietA);
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(min_num(kQuietA, kSignalB, env), kQuietB);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
}

}  // namespace
}  // namespace tw::cpu::fp
