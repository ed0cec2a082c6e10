// Conversions: between formats, to integral numbers, to and from integers and fixed point.
#include <limits>

#include "base/bits.hpp"
#include "cpu/fp/host.hpp"
#include "cpu/fp/unpacked.hpp"

namespace tw::cpu::fp {
namespace {

/// A magnitude below 2^64, with what was behind the point.
struct Integral {
  u64 magnitude;
  Remainder rest;
};

/// The integer part of significand / 2^63 * 2^exponent, for exponent <= 63.
Integral integer_part(int exponent, u64 significand) {
  const int distance = 63 - exponent;
  if (distance == 0) return {significand, Remainder::None};
  if (distance > 64) return {0, Remainder::BelowHalf};
  if (distance == 64) return {0, significand == u64{1} << 63 ? Remainder::Half : Remainder::AboveHalf};
  const auto width = static_cast<unsigned>(distance);
  return {significand >> width, remainder_of(significand, width)};
}

u64 rounded(const Integral& value, Rounding rounding, bool sign) {
  return value.magnitude + rounds_away(rounding, sign, (value.magnitude & 1) != 0, value.rest);
}

/// FPConvertNaN: the payload's upper bits stay.
template <class To, class From>
To convert_nan(From a, bool sign) {
  constexpr unsigned kFrom = Format<From>::kFractionBits, kTo = Format<To>::kFractionBits;
  const u64 payload = (u64{a} & Format<From>::kFraction) << (52 - kFrom) >> (52 - kTo);
  return with_sign<To>(sign, static_cast<To>(Format<To>::kDefaultNan | payload));
}

}  // namespace

template <class F>
F round_to_integral(F a, Rounding rounding, bool exact, FpEnv& env) {
  const Unpacked u = unpack(a, env);
  if (u.is_nan()) return process_nan(u, a, env);
  if (u.is_zero()) return zero<F>(u.sign);
  if (u.is_infinity() || u.exponent >= static_cast<int>(Format<F>::kFractionBits)) return a;
  const Integral value = integer_part(u.exponent, u.significand);
  const u64 magnitude = rounded(value, rounding, u.sign);
  if (exact && value.rest != Remainder::None) env.raise(kInexact);
  if (magnitude == 0) return zero<F>(u.sign);
  const int zeros = std::countl_zero(magnitude);
  return round_base<F>(u.sign, 63 - zeros, magnitude << zeros, Rounding::Zero, env, false);
}

template <class F>
F round_to_width(F a, int width, Rounding rounding, FpEnv& env) {
  using T = Format<F>;
  const Unpacked u = unpack(a, env);
  const auto out_of_range = [&] {
    env.raise(kInvalidOperation);
    return with_sign<F>(true, static_cast<F>(u64{static_cast<unsigned>(T::kBias + width - 1)} << T::kFractionBits));
  };
  if (u.is_nan() || u.is_infinity()) return out_of_range();
  if (u.is_zero()) return zero<F>(u.sign);
  if (u.exponent >= width) return out_of_range();
  const Integral value = integer_part(u.exponent, u.significand);
  const u64 magnitude = rounded(value, rounding, u.sign);
  if (magnitude > low_mask(static_cast<unsigned>(width - 1)) + u.sign) return out_of_range();
  if (value.rest != Remainder::None) env.raise(kInexact);
  if (magnitude == 0) return zero<F>(u.sign);
  const int zeros = std::countl_zero(magnitude);
  return round_base<F>(u.sign, 63 - zeros, magnitude << zeros, Rounding::Zero, env, false);
}

JavaScriptInteger to_javascript(u64 a, FpEnv& env) {
  const Unpacked u = unpack(a, env);
  if (u.is_zero()) return {0, a == 0};
  if (u.is_nan() || u.is_infinity()) {
    env.raise(kInvalidOperation);
    return {0, false};
  }
  if (u.exponent > 63) {
    env.raise(kInvalidOperation);
    const auto low = static_cast<u32>(u.exponent - 63 < 64 ? u.significand << (u.exponent - 63) : 0);
    return {u.sign ? 0 - low : low, false};
  }
  const Integral value = integer_part(u.exponent, u.significand);
  const auto low = static_cast<u32>(value.magnitude);
  const bool fits = value.magnitude <= low_mask(31) + u.sign;
  if (!fits) {
    env.raise(kInvalidOperation);
  } else if (value.rest != Remainder::None) {
    env.raise(kInexact);
  }
  return {u.sign ? 0 - low : low, fits && value.rest == Remainder::None};
}

template <class To, class From>
To convert(From a, Rounding rounding, FpEnv& env) {
  if constexpr (kOnHost<To> && kOnHost<From>) {
    // To double precision is exact; to single precision rounds.
    if (is_normal(a) && (sizeof(To) == 8 || (only_nearest(env) && rounding == Rounding::TieEven))) {
      const To result = from_host(static_cast<Host<To>>(to_host(a)));
      if (is_safe(result)) return result;
    }
  }
  // FPUnpackCV and FPRoundCV: FZ16 has no say.
  const bool alternative = env.control.alternative_half;
  const Unpacked u = unpack(a, env, sizeof(From) != 2 && env.control.flush_to_zero, alternative);
  const bool to_alternative = sizeof(To) == 2 && alternative;
  if (u.is_nan()) {
    if (u.kind == Kind::SignallingNan || to_alternative) env.raise(kInvalidOperation);
    if (to_alternative) return zero<To>(u.sign);
    return env.control.default_nan ? Format<To>::kDefaultNan : convert_nan<To>(a, u.sign);
  }
  if (u.is_infinity()) {
    if (!to_alternative) return infinity<To>(u.sign);
    env.raise(kInvalidOperation);
    return with_sign<To>(u.sign, static_cast<To>(Format<To>::kSign - 1));
  }
  if (u.is_zero()) return zero<To>(u.sign);
  return round_base<To>(u.sign, u.exponent, u.significand, rounding, env, sizeof(To) != 2 && env.control.flush_to_zero,
                        alternative);
}

template <class I, class F>
I to_fixed(F a, unsigned fraction_bits, Rounding rounding, FpEnv& env) {
  using Limits = std::numeric_limits<I>;
  if constexpr (kOnHost<F>) {
    // Towards zero, within 63 bits: exact but for Inexact, which is there. Twice the magnitude stays in range.
    constexpr double kLimit = 1ull << (sizeof(I) * 8 - 2);
    if (rounding == Rounding::Zero && fraction_bits == 0 && (env.exceptions & kInexact) != 0 && is_normal(a)) {
      const Host<F> value = to_host(a);
      if (value < Host<F>(kLimit) && value > (Limits::min() == 0 ? Host<F>(-0.5) : Host<F>(-kLimit))) {
        return static_cast<I>(static_cast<i64>(value));
      }
    }
  }
  const Unpacked u = unpack(a, env);
  if (u.is_zero()) return 0;
  if (u.is_nan()) {
    env.raise(kInvalidOperation);
    return 0;
  }
  const auto saturate = [&] {
    env.raise(kInvalidOperation);
    return u.sign ? Limits::min() : Limits::max();
  };
  const int exponent = u.exponent + static_cast<int>(fraction_bits);
  if (u.is_infinity() || exponent > 63) return saturate();
  const Integral value = integer_part(exponent, u.significand);
  const u64 magnitude = rounded(value, rounding, u.sign);
  const u64 limit = u.sign ? u64{0} - static_cast<u64>(Limits::min()) : static_cast<u64>(Limits::max());
  if (magnitude > limit) return saturate();
  if (value.rest != Remainder::None) env.raise(kInexact);
  return static_cast<I>(u.sign ? u64{0} - magnitude : magnitude);
}

template <class F, class I>
F from_fixed(I value, unsigned fraction_bits, FpEnv& env) {
  if (value == 0) return 0;
  if constexpr (kOnHost<F>) {
    if (fraction_bits == 0 && only_nearest(env)) return from_host(static_cast<Host<F>>(value));  // within the format
  }
  const bool sign = value < 0;
  const u64 magnitude = sign ? u64{0} - static_cast<u64>(value) : static_cast<u64>(value);
  const int zeros = std::countl_zero(magnitude);
  return round<F>(sign, 63 - zeros - static_cast<int>(fraction_bits), magnitude << zeros, env);
}

#define TW_INSTANTIATE_INTEGER(F, I)                        \
  template I to_fixed<I, F>(F, unsigned, Rounding, FpEnv&); \
  template F from_fixed<F, I>(I, unsigned, FpEnv&);
#define TW_INSTANTIATE(F, Other1, Other2)                  \
  template F round_to_integral(F, Rounding, bool, FpEnv&); \
  template F round_to_width(F, int, Rounding, FpEnv&);     \
  template Other1 convert<Other1, F>(F, Rounding, FpEnv&); \
  template Other2 convert<Other2, F>(F, Rounding, FpEnv&); \
  TW_INSTANTIATE_INTEGER(F, i16)                           \
  TW_INSTANTIATE_INTEGER(F, i32)                           \
  TW_INSTANTIATE_INTEGER(F, i64)                           \
  TW_INSTANTIATE_INTEGER(F, u16)                           \
  TW_INSTANTIATE_INTEGER(F, u32)                           \
  TW_INSTANTIATE_INTEGER(F, u64)
TW_INSTANTIATE(u16, u32, u64)
TW_INSTANTIATE(u32, u16, u64)
TW_INSTANTIATE(u64, u16, u32)
#undef TW_INSTANTIATE
#undef TW_INSTANTIATE_INTEGER

}  // namespace tw::cpu::fp
