// Addition to square root, and the fused operations.
#include <cmath>
#include <functional>

#include "cpu/fp/host.hpp"
#include "cpu/fp/unpacked.hpp"

namespace tw::cpu::fp {
namespace {

/// FPAdd and FPSub: b counts with `flip` exclusive-ored to its sign, unless it is a NaN.
template <class F>
F add_sub(F a, F b, bool flip, FpEnv& env) {
  const Unpacked ua = unpack(a, env), ub = unpack(b, env);
  if (ua.is_nan() || ub.is_nan()) return process_nans(ua, a, ub, b, env);
  const bool sign_b = ub.sign != flip;
  if (ua.is_infinity()) return ub.is_infinity() && ua.sign != sign_b ? invalid<F>(env) : infinity<F>(ua.sign);
  if (ub.is_infinity()) return infinity<F>(sign_b);
  if (ua.is_zero() && ub.is_zero()) {
    return zero<F>(ua.sign == sign_b ? ua.sign : env.control.rounding == Rounding::Minus);
  }
  if (ub.is_zero()) return round<F>(ua.sign, ua.exponent, ua.significand, env);
  if (ua.is_zero()) return round<F>(sign_b, ub.exponent, ub.significand, env);
  return round_sum<F>(term(ua.sign, ua), term(sign_b, ub), env);
}

/// What FPMul and FPMulX share; `zero_times_infinity` is called with the sign.
template <class F, class Special>
F multiply(F a, F b, FpEnv& env, Special zero_times_infinity) {
  const Unpacked ua = unpack(a, env), ub = unpack(b, env);
  if (ua.is_nan() || ub.is_nan()) return process_nans(ua, a, ub, b, env);
  const bool sign = ua.sign != ub.sign;
  if ((ua.is_infinity() && ub.is_zero()) || (ua.is_zero() && ub.is_infinity())) return zero_times_infinity(sign);
  if (ua.is_infinity() || ub.is_infinity()) return infinity<F>(sign);
  if (ua.is_zero() || ub.is_zero()) return zero<F>(sign);
  return round_wide<F>(sign, ua.exponent + ub.exponent + 1, u128{ua.significand} * ub.significand, env);
}

/// FPRecipStepFused and FPRSqrtStepFused: (constant - a * b) * 2^scale.
template <class F>
F step(F a, F b, F constant, F for_zero_times_infinity, int scale, FpEnv& env) {
  a = neg(a);
  const Unpacked ua = unpack(a, env), ub = unpack(b, env);
  if (ua.is_nan() || ub.is_nan()) return process_nans(ua, a, ub, b, env);
  const bool sign = ua.sign != ub.sign;
  if ((ua.is_infinity() && ub.is_zero()) || (ua.is_zero() && ub.is_infinity())) return for_zero_times_infinity;
  if (ua.is_infinity() || ub.is_infinity()) return infinity<F>(sign);
  const Unpacked uc = unpack(constant, env);
  if (ua.is_zero() || ub.is_zero()) return round<F>(false, uc.exponent + scale, uc.significand, env);
  return round_sum<F>(term(false, uc), product(sign, ua, ub), env, scale);
}

/// floor(sqrt(x)) for 2^126 <= x < 2^128. The host's square root is a first guess only; the loops make it exact.
u64 integer_sqrt(u128 x) {
  constexpr double kTwoTo64 = 18446744073709551616.0;
  const double guess = std::sqrt(static_cast<double>(static_cast<u64>(x >> 64)) * kTwoTo64);
  u64 root = guess >= kTwoTo64 ? ~u64{0} : static_cast<u64>(guess);
  const u128 improved = (u128{root} + x / root) >> 1;
  root = improved >> 64 != 0 ? ~u64{0} : static_cast<u64>(improved);
  while (u128{root} * root > x) --root;
  while (root != ~u64{0} && u128{root + 1} * (root + 1) <= x) ++root;
  return root;
}

}  // namespace

template <class F>
F add(F a, F b, FpEnv& env) {
  if (const auto result = host_sum(a, b, env, std::plus<>{})) [[likely]]
    return *result;
  return add_sub(a, b, false, env);
}

template <class F>
F sub(F a, F b, FpEnv& env) {
  if (const auto result = host_sum(a, b, env, std::minus<>{})) [[likely]]
    return *result;
  return add_sub(a, b, true, env);
}

template <class F>
F mul(F a, F b, FpEnv& env) {
  if (const auto result = host_product(a, b, env, std::multiplies<>{})) [[likely]]
    return *result;
  return multiply(a, b, env, [&](bool) { return invalid<F>(env); });
}

template <class F>
F mulx(F a, F b, FpEnv& env) {
  return multiply(a, b, env, [](bool sign) { return with_sign<F>(sign, Format<F>::kTwo); });
}

template <class F>
F div(F a, F b, FpEnv& env) {
  if (const auto result = host_product(a, b, env, std::divides<>{})) [[likely]]
    return *result;
  const Unpacked ua = unpack(a, env), ub = unpack(b, env);
  if (ua.is_nan() || ub.is_nan()) return process_nans(ua, a, ub, b, env);
  const bool sign = ua.sign != ub.sign;
  if ((ua.is_infinity() && ub.is_infinity()) || (ua.is_zero() && ub.is_zero())) return invalid<F>(env);
  if (ua.is_infinity()) return infinity<F>(sign);
  if (ub.is_zero()) {
    env.raise(kDivideByZero);
    return infinity<F>(sign);
  }
  if (ua.is_zero() || ub.is_infinity()) return zero<F>(sign);
  // The quotient lies between 2^62 and 2^64; one more bit makes room for the sticky one.
  const u128 dividend = u128{ua.significand} << 63;
  const u128 quotient = dividend / ub.significand;
  const bool rest = dividend % ub.significand != 0;
  return round_wide<F>(sign, ua.exponent - ub.exponent, quotient << 64 | rest, env);
}

template <class F>
F sqrt(F a, FpEnv& env) {
  if (const auto result = host_root(a, env)) [[likely]]
    return *result;
  const Unpacked u = unpack(a, env);
  if (u.is_nan()) return process_nan(u, a, env);
  if (u.is_zero()) return zero<F>(u.sign);
  if (u.sign) return invalid<F>(env);
  if (u.is_infinity()) return infinity<F>(false);
  const bool odd = (u.exponent & 1) != 0;
  const u128 radicand = u128{u.significand} << (odd ? 64 : 63);
  const u64 root = integer_sqrt(radicand);  // 63 or 64 bits: normalised, since the radicand is at least 2^126
  const bool rest = u128{root} * root != radicand;
  return round_wide<F>(false, (u.exponent - odd) / 2, u128{root} << 64 | rest, env);
}

template <class F>
F mul_add(F addend, F a, F b, FpEnv& env) {
  if (const auto result = host_mul_add(addend, a, b, env)) [[likely]]
    return *result;
  const Unpacked uc = unpack(addend, env), ua = unpack(a, env), ub = unpack(b, env);
  const bool zero_times_infinity = (ua.is_infinity() && ub.is_zero()) || (ua.is_zero() && ub.is_infinity());
  if (uc.is_nan() || ua.is_nan() || ub.is_nan()) {
    // FPProcessNaNs3: the addend comes first.
    if (uc.kind == Kind::SignallingNan) return process_nan(uc, addend, env);
    if (ua.kind == Kind::SignallingNan) return process_nan(ua, a, env);
    if (ub.kind == Kind::SignallingNan) return process_nan(ub, b, env);
    if (uc.is_nan()) return zero_times_infinity ? invalid<F>(env) : process_nan(uc, addend, env);
    return ua.is_nan() ? process_nan(ua, a, env) : process_nan(ub, b, env);
  }
  const bool sign = ua.sign != ub.sign;
  const bool product_is_infinity = ua.is_infinity() || ub.is_infinity();
  const bool product_is_zero = ua.is_zero() || ub.is_zero();
  if (zero_times_infinity || (uc.is_infinity() && product_is_infinity && uc.sign != sign)) return invalid<F>(env);
  if (uc.is_infinity()) return infinity<F>(uc.sign);
  if (product_is_infinity) return infinity<F>(sign);
  if (product_is_zero && uc.is_zero()) {
    return zero<F>(uc.sign == sign ? sign : env.control.rounding == Rounding::Minus);
  }
  if (product_is_zero) return round<F>(uc.sign, uc.exponent, uc.significand, env);
  if (uc.is_zero()) {
    return round_wide<F>(sign, ua.exponent + ub.exponent + 1, u128{ua.significand} * ub.significand, env);
  }
  return round_sum<F>(term(uc.sign, uc), product(sign, ua, ub), env);
}

template <class F>
F recip_step(F a, F b, FpEnv& env) {
  return step<F>(a, b, Format<F>::kTwo, Format<F>::kTwo, 0, env);
}

template <class F>
F rsqrt_step(F a, F b, FpEnv& env) {
  constexpr F kThree = static_cast<F>(Format<F>::kTwo | Format<F>::kQuiet);
  return step<F>(a, b, kThree, Format<F>::kOneAndHalf, -1, env);
}

#define TW_INSTANTIATE(F)              \
  template F add(F, F, FpEnv&);        \
  template F sub(F, F, FpEnv&);        \
  template F mul(F, F, FpEnv&);        \
  template F mulx(F, F, FpEnv&);       \
  template F div(F, F, FpEnv&);        \
  template F sqrt(F, FpEnv&);          \
  template F mul_add(F, F, F, FpEnv&); \
  template F recip_step(F, F, FpEnv&); \
  template F rsqrt_step(F, F, FpEnv&);
TW_INSTANTIATE(u16)
TW_INSTANTIATE(u32)
TW_INSTANTIATE(u64)
#undef TW_INSTANTIATE

}  // namespace tw::cpu::fp
