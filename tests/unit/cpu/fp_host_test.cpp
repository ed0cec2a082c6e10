// What the host computes against what cpu/fp computes with integers: the same operands with FPSR.IXC set (the host may)
// and clear (it may not), under every FPCR. Results are equal, and exceptions are but for IXC.
#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <functional>
#include <random>

#include "cpu/fp/host.hpp"

namespace tw::cpu::fp {
namespace {

constexpr unsigned kSamples = 400'000;

template <class F>
class Operands final {
 public:
  explicit Operands(u64 seed) : random_(seed) {}
  u64 bits() { return random_(); }
  /// Mostly normal numbers near `centre`, so that sums cancel and products are near a limit of the format; the limits
  /// themselves; noise.
  F operator()(int centre) {
    using T = Format<F>;
    const F noise = static_cast<F>(random_());
    F fraction = static_cast<F>(noise & T::kFraction);
    switch (random_() % 8) {
      case 0:
        return noise;
      case 1:
        return static_cast<F>((noise & T::kSign) | (random_() % 3 == 0 ? 0 : T::kInfinity - (random_() % 3)));
      case 2:
        fraction = static_cast<F>(fraction & ~F{0} << (T::kFractionBits - random_() % 12));
        break;
      case 3:
        fraction = static_cast<F>(T::kFraction - (random_() % 4));
        break;
      default:
        break;
    }
    const int biased = std::clamp(centre + static_cast<int>(random_() % 9) - 4, 0, T::kMaxBiased - 1);
    return static_cast<F>((noise & T::kSign) | static_cast<F>(u64{static_cast<unsigned>(biased)} << T::kFractionBits) |
                          fraction);
  }
  int centre() {
    using T = Format<F>;
    const int centres[] = {T::kBias,     T::kBias, 2, T::kBias / 2, T::kMaxBiased - 3, T::kBias + T::kBias / 2,
                           T::kBias + 31};
    return centres[random_() % std::size(centres)];
  }

 private:
  std::mt19937_64 random_;
};

template <class F>
class OnHost : public testing::Test {
 protected:
  /// `operation(a, b, c, env)`, both ways; how often the host could have been asked is not looked at, but that it was.
  template <class Operation>
  void compare(Operation operation) {
    ASSERT_EQ(std::fegetround(), FE_TONEAREST);
    Operands<F> operands(99);
    for (unsigned i = 0; i < kSamples; ++i) {
      const int centre = operands.centre();
      const F a = operands(centre), b = operands(centre), c = operands(std::min(2 * centre, 2 * Format<F>::kBias) / 2);
      const u64 fpcr = i % 2 != 0 ? 0 : (operands.bits() % 32) << 22;
      FpEnv without(fpcr), with(fpcr);
      with.exceptions = kInexact;
      const auto expected = operation(a, b, c, without);
      const auto found = operation(a, b, c, with);
      ASSERT_EQ(found, expected) << std::hex << +a << ' ' << +b << ' ' << +c << " under " << fpcr;
      ASSERT_EQ(with.exceptions, without.exceptions | kInexact) << std::hex << +a << ' ' << +b << ' ' << +c;
    }
  }
};
using Formats = testing::Types<u32, u64>;
TYPED_TEST_SUITE(OnHost, Formats);

TYPED_TEST(OnHost, SumsAndDifferences) {
  using F = TypeParam;
  this->compare([](F a, F b, F, FpEnv& env) { return add(a, b, env); });
  this->compare([](F a, F b, F, FpEnv& env) { return sub(a, b, env); });
}
TYPED_TEST(OnHost, ProductsAndQuotients) {
  using F = TypeParam;
  this->compare([](F a, F b, F, FpEnv& env) { return mul(a, b, env); });
  this->compare([](F a, F b, F, FpEnv& env) { return div(a, b, env); });
}
TYPED_TEST(OnHost, Roots) {
  using F = TypeParam;
  this->compare([](F a, F, F, FpEnv& env) { return sqrt(a, env); });
}
TYPED_TEST(OnHost, FusedMultiplyAdd) {
  using F = TypeParam;
  this->compare([](F a, F b, F c, FpEnv& env) { return mul_add(c, a, b, env); });
  this->compare([](F a, F b, F, FpEnv& env) {  // the product all but cancels
    FpEnv aside(env.control);
    return mul_add(neg(mul(a, b, aside)), a, b, env);
  });
}
TYPED_TEST(OnHost, Conversions) {
  using F = TypeParam;
  using Other = std::conditional_t<sizeof(F) == 4, u64, u32>;
  this->compare([](F a, F, F, FpEnv& env) { return convert<Other>(a, env); });
  this->compare([](F a, F, F, FpEnv& env) { return to_fixed<i32>(a, 0, Rounding::Zero, env); });
  this->compare([](F a, F, F, FpEnv& env) { return to_fixed<u32>(a, 0, Rounding::Zero, env); });
  this->compare([](F a, F, F, FpEnv& env) { return to_fixed<i64>(a, 0, Rounding::Zero, env); });
  this->compare([](F a, F, F, FpEnv& env) { return to_fixed<u64>(a, 0, Rounding::Zero, env); });
  this->compare([](F a, F b, F, FpEnv& env) { return from_fixed<F>(u64{a} << 32 | b, 0, env); });
  this->compare([](F a, F b, F, FpEnv& env) { return from_fixed<F>(static_cast<i64>(u64{a} * b), 0, env); });
  this->compare([](F a, F, F, FpEnv& env) { return from_fixed<F>(static_cast<u32>(a), 0, env); });
  this->compare([](F a, F, F, FpEnv& env) { return from_fixed<F>(static_cast<i32>(a), 0, env); });
}

TEST(OnHostConditions, NameWhatTheyPromise) {
  EXPECT_TRUE(is_normal<u32>(0x0080'0000) && is_normal<u32>(0xFF7F'FFFF));
  EXPECT_FALSE(is_normal<u32>(0x007F'FFFF) || is_normal<u32>(0x7F80'0000) || is_normal<u32>(0));
  EXPECT_TRUE(is_safe<u32>(0x0100'0000) && is_safe<u32>(0xFF7F'FFFF));
  EXPECT_FALSE(is_safe<u32>(0x00FF'FFFF) || is_safe<u32>(0x7F80'0000) || is_safe<u32>(0));
  FpEnv env;
  EXPECT_FALSE(only_nearest(env));
  EXPECT_FALSE(host_product<u32>(0x3F80'0000, 0x3F80'0000, env, std::multiplies<>{}).has_value());
  env.raise(kInexact);
  EXPECT_EQ(host_product<u32>(0x4000'0000, 0x4000'0000, env, std::multiplies<>{}), 0x4080'0000u);
}

}  // namespace
}  // namespace tw::cpu::fp
