// Conversions and estimates of the floating-point core against vectors made by hand.
#include <gtest/gtest.h>

#include <limits>

#include "cpu/fp/fp.hpp"

namespace tw::cpu::fp {
namespace {

constexpr u64 kHalf = 0x3FE0'0000'0000'0000, kOneAndHalf = 0x3FF8'0000'0000'0000, kTwoAndHalf = 0x4004'0000'0000'0000;
constexpr u32 kInf = 0x7F80'0000, kMinus = 0x8000'0000;

TEST(FpToInteger, TiesByMode) {
  struct {
    Rounding mode;
    i32 half, one_and_half, two_and_half, minus_half, minus_two_and_half;
  } constexpr kCases[] = {
      {Rounding::TieEven, 0, 2, 2, 0, -2}, {Rounding::TieAway, 1, 2, 3, -1, -3}, {Rounding::Plus, 1, 2, 3, 0, -2},
      {Rounding::Minus, 0, 1, 2, -1, -3},  {Rounding::Zero, 0, 1, 2, 0, -2},
  };
  for (const auto& test : kCases) {
    FpEnv env;
    EXPECT_EQ((to_fixed<i32>(kHalf, 0, test.mode, env)), test.half);
    EXPECT_EQ((to_fixed<i32>(kOneAndHalf, 0, test.mode, env)), test.one_and_half);
    EXPECT_EQ((to_fixed<i32>(kTwoAndHalf, 0, test.mode, env)), test.two_and_half);
    EXPECT_EQ((to_fixed<i32>(neg(kHalf), 0, test.mode, env)), test.minus_half);
    EXPECT_EQ((to_fixed<i32>(neg(kTwoAndHalf), 0, test.mode, env)), test.minus_two_and_half);
    EXPECT_EQ(env.exceptions, kInexact);
  }
}

TEST(FpToInteger, Saturates) {
  const auto expect = [](auto value, auto expected, u32 exceptions, unsigned fraction_bits = 0) {
    FpEnv env;
    EXPECT_EQ((to_fixed<decltype(expected)>(value, fraction_bits, Rounding::Zero, env)), expected);
    EXPECT_EQ(env.exceptions, exceptions);
  };
  using I32 = std::numeric_limits<i32>;
  using I64 = std::numeric_limits<i64>;
  expect(u32{0x4F00'0000}, I32::max(), kInvalidOperation);            // 2^31
  expect(u32{0xCF00'0000}, I32::min(), 0);                            // -2^31
  expect(u64{0xC1E0'0000'0010'0000}, I32::min(), kInexact);           // -2^31 - 0.5
  expect(u64{0xC1E0'0000'0020'0000}, I32::min(), kInvalidOperation);  // -2^31 - 1
  expect(u32{0x4F00'0000}, u32{0x8000'0000}, 0);                      // 2^31
  expect(u32{0xBF00'0000}, u32{0}, kInexact);                         // -0.5
  expect(u32{0xBF80'0000}, u32{0}, kInvalidOperation);                // -1
  expect(u64{0x43F0'0000'0000'0000}, ~u64{0}, kInvalidOperation);     // 2^64
  expect(u64{0x43EF'FFFF'FFFF'FFFF}, ~u64{0x7FF}, 0);                 // 2^64 - 2^11
  expect(kInf | kMinus, I64::min(), kInvalidOperation);
  expect(u32{0x7FC0'0000}, i64{0}, kInvalidOperation);  // a NaN
  expect(u32{0x3FC0'0000}, i32{0x180}, 0, 8);           // 1.5 in 8 fraction bits
  expect(u32{0x3F80'0000}, I32::max(), kInvalidOperation, 31);
  expect(u32{1}, u64{0}, kInexact, 64);
}

TEST(FpFromInteger, RoundsByFpcr) {
  FpEnv env;
  EXPECT_EQ((from_fixed<u32>(i32{-1}, 0, env)), 0xBF80'0000u);
  EXPECT_EQ((from_fixed<u32>(u32{1} << 31, 31, env)), 0x3F80'0000u);
  EXPECT_EQ((from_fixed<u64>(std::numeric_limits<i64>::min(), 0, env)), 0xC3E0'0000'0000'0000u);
  EXPECT_EQ((from_fixed<u64>(i64{0}, 3, env)), 0u);
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ((from_fixed<u32>(u32{0x0100'0001}, 0, env)), 0x4B80'0000u);  // 2^24 + 1: a tie, to even
  EXPECT_EQ(env.exceptions, kInexact);
  env = FpEnv(FpControl{.rounding = Rounding::Zero});
  EXPECT_EQ((from_fixed<u32>(~u64{0}, 0, env)), 0x5F7F'FFFFu);
  env = FpEnv(FpControl{.rounding = Rounding::Plus});
  EXPECT_EQ((from_fixed<u32>(~u64{0}, 0, env)), 0x5F80'0000u);
}

TEST(FpRoundToIntegral, KeepsTheSignAndMayBeInexact) {
  FpEnv env;
  EXPECT_EQ(round_to_integral(neg(kHalf), Rounding::TieEven, false, env), u64{1} << 63);
  EXPECT_EQ(round_to_integral(kTwoAndHalf, Rounding::TieAway, false, env), 0x4008'0000'0000'0000u);
  EXPECT_EQ(round_to_integral(kInf, Rounding::Zero, true, env), kInf);
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(round_to_integral(kOneAndHalf, Rounding::Zero, true, env), 0x3FF0'0000'0000'0000u);
  EXPECT_EQ(env.exceptions, kInexact);
}

TEST(FpConvert, HalfPrecision) {
  FpEnv env;
  EXPECT_EQ(convert<u16>(u32{0x477F'E000}, env), 0x7BFFu);  // 65504
  EXPECT_EQ(convert<u32>(u16{0x0001}, env), 0x3380'0000u);
  EXPECT_EQ(convert<u64>(u16{0xFC00}, env), 0xFFF0'0000'0000'0000u);
  EXPECT_EQ(convert<u16>(u32{0xFFC0'2000}, env), 0xFE01u);  // a payload's upper bits
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(convert<u16>(u32{0x477F'F000}, env), 0x7C00u);  // 65520 overflows
  EXPECT_EQ(env.exceptions, kOverflow | kInexact);
  env = {};
  EXPECT_EQ(convert<u32>(u16{0x7C01}, env), 0x7FC0'2000u);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
}

TEST(FpConvert, AlternativeHalfPrecisionHasNoInfinities) {
  const FpControl alternative{.alternative_half = true};
  FpEnv env(alternative);
  EXPECT_EQ(convert<u32>(u16{0x7C00}, env), 0x4780'0000u);  // 65536
  EXPECT_EQ(convert<u16>(u32{0x47FF'E000}, env), 0x7FFFu);  // 131008, the largest
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ(convert<u16>(u32{0x4800'0000}, env), 0x7FFFu);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
  env = FpEnv(alternative);
  EXPECT_EQ(convert<u16>(kInf | kMinus, env), 0xFFFFu);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
  env = FpEnv(alternative);
  EXPECT_EQ(convert<u16>(u32{0xFFC0'0000}, env), 0x8000u);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
}

TEST(FpConvert, ToSingleMayBeDenormalOrFlushed) {
  const u64 two_to_minus_149 = 0x36A0'0000'0000'0000;
  FpEnv env;
  EXPECT_EQ(convert<u32>(two_to_minus_149, env), 1u);
  EXPECT_EQ(env.exceptions, 0u);
  EXPECT_EQ((convert<u32>(two_to_minus_149 + 1, Rounding::Odd, env)), 1u);
  EXPECT_EQ(env.exceptions, kUnderflow | kInexact);
  env = FpEnv(FpControl{.flush_to_zero = true});
  EXPECT_EQ(convert<u32>(two_to_minus_149, env), 0u);
  EXPECT_EQ(env.exceptions, kUnderflow);
}

TEST(FpConvert, RoundingToOdd) {
  FpEnv env;
  EXPECT_EQ((convert<u32>(u64{0x3FF0'0000'0000'0001}, Rounding::Odd, env)), 0x3F80'0001u);
  EXPECT_EQ((convert<u32>(u64{0x7FEF'FFFF'FFFF'FFFF}, Rounding::Odd, env)), 0x7F7F'FFFFu);
  EXPECT_EQ(env.exceptions, kInexact | kOverflow);
}

TEST(FpEstimates, OfSimpleNumbers) {
  FpEnv env;
  EXPECT_EQ(recip_estimate(u32{0x3F80'0000}, env), 0x3F7F'8000u);  // 1: 0.998046875
  EXPECT_EQ(rsqrt_estimate(u32{0x3F80'0000}, env), 0x3F7F'8000u);
  EXPECT_EQ(recip_exponent(u32{0x3F80'0001}, env), 0x4000'0000u);
  EXPECT_EQ(recip_step(u32{0x4000'0000}, u32{0x3F00'0000}, env), 0x3F80'0000u);  // 2 - 2 * 0.5
  EXPECT_EQ(rsqrt_step(u32{0x3F80'0000}, u32{0x3F80'0000}, env), 0x3F80'0000u);  // (3 - 1) / 2
  EXPECT_EQ(rsqrt_step(u32{0}, kInf, env), 0x3FC0'0000u);
  EXPECT_EQ(recip_step(kInf, u32{0}, env), 0x4000'0000u);
  EXPECT_EQ(unsigned_recip_estimate(0x7FFF'FFFF), 0xFFFF'FFFFu);
  EXPECT_EQ(unsigned_recip_estimate(0x8000'0000), 0xFF80'0000u);
  EXPECT_EQ(unsigned_rsqrt_estimate(0x3FFF'FFFF), 0xFFFF'FFFFu);
  EXPECT_EQ(unsigned_rsqrt_estimate(0x4000'0000), 0xFF80'0000u);
  EXPECT_EQ(env.exceptions, 0u);
}

TEST(FpEstimates, AtTheEdges) {
  FpEnv env;
  EXPECT_EQ(recip_estimate(kMinus, env), kInf | kMinus);
  EXPECT_EQ(env.exceptions, kDivideByZero);
  env = {};
  EXPECT_EQ(rsqrt_estimate(u32{0xBF80'0000}, env), 0x7FC0'0000u);
  EXPECT_EQ(env.exceptions, kInvalidOperation);
  env = FpEnv(FpControl{.rounding = Rounding::Minus});
  EXPECT_EQ(recip_estimate(u32{0x001F'FFFF}, env), 0x7F7F'FFFFu);  // below 2^-128
  EXPECT_EQ(env.exceptions, kOverflow | kInexact);
  env = FpEnv(FpControl{.flush_to_zero = true});
  EXPECT_EQ(recip_estimate(u32{0xFE80'0000}, env), kMinus);  // 2^126
  EXPECT_EQ(env.exceptions, kUnderflow);
}

TEST(FpImmediate, Expands) {
  EXPECT_EQ(expand_immediate<u32>(0x70), 0x3F80'0000u);
  EXPECT_EQ(expand_immediate<u64>(0x00), 0x4000'0000'0000'0000u);
  EXPECT_EQ(expand_immediate<u64>(0xFF), 0xBFFF'0000'0000'0000u);
  EXPECT_EQ(expand_immediate<u16>(0x3F), 0x4FC0u);  // 31
}

/// FPToFixedJS: modulo 2^32; exact only where the number is that integer. Neither -0.0 nor a flushed denormal is.
TEST(ToJavaScript, SaysWhetherItIsExact) {
  struct Row {
    u64 a;
    u32 value;
    bool exact;
    u32 exceptions;
    bool flush = false;
  };
  constexpr Row kRows[] = {
      {0, 0, true, 0},
      {0x8000'0000'0000'0000, 0, false, 0},
      {0x4008'0000'0000'0000, 3, true, 0},
      {0xC008'0000'0000'0000, 0xFFFF'FFFD, true, 0},
      {0x3FF8'0000'0000'0000, 1, false, kInexact},
      {0x41E0'0000'0000'0000, 0x8000'0000, false, kInvalidOperation},  // 2^31
      {0xC1E0'0000'0000'0000, 0x8000'0000, true, 0},                   // -2^31
      {0x41F0'0000'0030'0000, 3, false, kInvalidOperation},            // 2^32 + 3
      {0x7FF0'0000'0000'0000, 0, false, kInvalidOperation},
      {0x7FF8'0000'0000'0000, 0, false, kInvalidOperation},
      {1, 0, false, kInexact},
      {1, 0, false, kInputDenormal, true},
  };
  for (const Row& row : kRows) {
    FpEnv env;
    env.control.flush_to_zero = row.flush;
    const JavaScriptInteger result = to_javascript(row.a, env);
    EXPECT_EQ(result.value, row.value) << std::hex << row.a;
    EXPECT_EQ(result.exact, row.exact) << std::hex << row.a;
    EXPECT_EQ(env.exceptions, row.exceptions) << std::hex << row.a;
  }
}

}  // namespace
}  // namespace tw::cpu::fp
