// Reciprocal and reciprocal square root estimates: 8 bits of precision, by the manual's formulas.
#include "cpu/fp/unpacked.hpp"

namespace tw::cpu::fp {
namespace {

/// RecipEstimate: 256 <= a <= 511 stands for 0.5 <= x < 1; the result for 1 <= 1/x < 2, in 256 to 511.
constexpr u32 recip_table(u32 a) {
  const u32 b = (1u << 19) / (a * 2 + 1);
  return (b + 1) / 2;
}

/// RecipSqrtEstimate: 128 <= a <= 511 stands for 0.25 <= x < 1; the result as above.
constexpr u32 rsqrt_table(u32 a) {
  const u32 twice = a < 256 ? a * 2 + 1 : ((a >> 1 << 1) + 1) * 2;
  u32 b = 512;
  while (twice * (b + 1) * (b + 1) < 1u << 28) ++b;
  return (b + 1) / 2;
}

}  // namespace

template <class F>
F recip_estimate(F a, FpEnv& env) {
  using T = Format<F>;
  const Unpacked u = unpack(a, env);
  if (u.is_nan()) return process_nan(u, a, env);
  if (u.is_infinity()) return zero<F>(u.sign);
  if (u.is_zero()) {
    env.raise(kDivideByZero);
    return infinity<F>(u.sign);
  }
  if (u.exponent < T::kMinExponent - 2) {  // the reciprocal is too large
    env.raise(kOverflow | kInexact);
    const bool to_infinity = overflows_to_infinity(env.control.rounding, u.sign);
    return with_sign<F>(u.sign, to_infinity ? T::kInfinity : T::kMaxNormal);
  }
  if (flushes<F>(env.control) && u.exponent >= -T::kMinExponent) {  // it would be denormal
    env.raise(kUnderflow);
    return zero<F>(u.sign);
  }
  // The estimate has nine bits, the first of them set: 1.xxxxxxxx * 2^exponent.
  const u64 estimate = recip_table(static_cast<u32>(u.significand >> 55));
  const int biased = -u.exponent - 1 + T::kBias;
  const u64 significand = estimate << (T::kFractionBits - 8);
  if (biased > 0) {
    return with_sign<F>(
        u.sign, static_cast<F>(u64{static_cast<unsigned>(biased)} << T::kFractionBits | (significand & T::kFraction)));
  }
  return with_sign<F>(u.sign, static_cast<F>(significand >> (1 - biased)));
}

template <class F>
F rsqrt_estimate(F a, FpEnv& env) {
  using T = Format<F>;
  const Unpacked u = unpack(a, env);
  if (u.is_nan()) return process_nan(u, a, env);
  if (u.is_zero()) {
    env.raise(kDivideByZero);
    return infinity<F>(u.sign);
  }
  if (u.sign) return invalid<F>(env);
  if (u.is_infinity()) return zero<F>(false);
  // x = s * 2^n with n even and 0.25 <= s < 1.
  const bool odd = (u.exponent & 1) != 0;
  const u32 scaled = static_cast<u32>(u.significand >> (odd ? 55 : 56));
  const u64 estimate = rsqrt_table(scaled);
  const int biased = (2 * T::kBias - 1 - u.exponent) / 2;
  return static_cast<F>(u64{static_cast<unsigned>(biased)} << T::kFractionBits |
                        ((estimate << (T::kFractionBits - 8)) & T::kFraction));
}

template <class F>
F recip_exponent(F a, FpEnv& env) {
  using T = Format<F>;
  const Unpacked u = unpack(a, env);
  if (u.is_nan()) return process_nan(u, a, env);
  const auto exponent = static_cast<F>(a & T::kInfinity);
  const F inverted = static_cast<F>(~exponent & T::kInfinity);
  constexpr F kLargest = static_cast<F>(u64{T::kMaxBiased - 1} << T::kFractionBits);
  return with_sign<F>(u.sign, exponent == 0 ? kLargest : inverted);
}

u32 unsigned_recip_estimate(u32 operand) { return operand >> 31 == 0 ? ~u32{0} : recip_table(operand >> 23) << 23; }

u32 unsigned_rsqrt_estimate(u32 operand) { return operand >> 30 == 0 ? ~u32{0} : rsqrt_table(operand >> 23) << 23; }

#define TW_INSTANTIATE(F)               \
  template F recip_estimate(F, FpEnv&); \
  template F rsqrt_estimate(F, FpEnv&); \
  template F recip_exponent(F, FpEnv&);
TW_INSTANTIATE(u16)
TW_INSTANTIATE(u32)
TW_INSTANTIATE(u64)
#undef TW_INSTANTIATE

}  // namespace tw::cpu::fp
