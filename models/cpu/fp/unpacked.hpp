// The inside of the arithmetic: a number taken apart, and rounding it into a format again. Exact in between: a
// significand keeps its most significant bit at the top of its word, and bit 0 is sticky (or-ed with all bits lost).
#pragma once

#include <bit>

#include "cpu/fp/fp.hpp"

namespace tw::cpu::fp {

__extension__ using u128 = unsigned __int128;

enum class Kind : u8 { Zero, Number, Infinity, QuietNan, SignallingNan };

/// A nonzero number is (-1)^sign * significand / 2^63 * 2^exponent, with bit 63 of the significand set.
struct Unpacked {
  Kind kind = Kind::Zero;
  bool sign = false;
  int exponent = 0;
  u64 significand = 0;
  bool is_nan() const { return kind >= Kind::QuietNan; }
  bool is_infinity() const { return kind == Kind::Infinity; }
  bool is_zero() const { return kind == Kind::Zero; }
};

/// Whether denormals of format F count as zero.
template <class F>
bool flushes(const FpControl& control) {
  return sizeof(F) == 2 ? control.flush_to_zero_16 : control.flush_to_zero;
}

/// FPUnpackBase.
template <class F>
Unpacked unpack(F a, FpEnv& env, bool flush, bool alternative_half = false) {
  using T = Format<F>;
  Unpacked out;
  out.sign = (a & T::kSign) != 0;
  const int biased = (a >> T::kFractionBits) & T::kMaxBiased;
  const u64 fraction = a & T::kFraction;
  if (biased == 0) {
    if (fraction == 0) return out;
    if (flush) {
      if (sizeof(F) != 2) env.raise(kInputDenormal);
      return out;
    }
    const int zeros = std::countl_zero(fraction);
    out.kind = Kind::Number;
    out.significand = fraction << zeros;
    out.exponent = T::kMinExponent + (63 - static_cast<int>(T::kFractionBits)) - zeros;
    return out;
  }
  if (biased == T::kMaxBiased && !(sizeof(F) == 2 && alternative_half)) {
    out.kind = fraction == 0 ? Kind::Infinity : (a & T::kQuiet) != 0 ? Kind::QuietNan : Kind::SignallingNan;
    return out;
  }
  out.kind = Kind::Number;
  out.significand = u64{1} << 63 | fraction << (63 - T::kFractionBits);
  out.exponent = biased - T::kBias;
  return out;
}

/// FPUnpack.
template <class F>
Unpacked unpack(F a, FpEnv& env) {
  return unpack(a, env, flushes<F>(env.control));
}

template <class F>
F zero(bool sign) {
  return sign ? Format<F>::kSign : F{0};
}
template <class F>
F infinity(bool sign) {
  return static_cast<F>(zero<F>(sign) | Format<F>::kInfinity);
}
template <class F>
F with_sign(bool sign, F magnitude) {
  return static_cast<F>(zero<F>(sign) | magnitude);
}

/// Invalid Operation, with the default NaN as the result.
template <class F>
F invalid(FpEnv& env) {
  env.raise(kInvalidOperation);
  return Format<F>::kDefaultNan;
}

/// FPProcessNaN.
template <class F>
F process_nan(const Unpacked& u, F a, FpEnv& env) {
  if (u.kind == Kind::SignallingNan) env.raise(kInvalidOperation);
  return env.control.default_nan ? Format<F>::kDefaultNan : static_cast<F>(a | Format<F>::kQuiet);
}

/// FPProcessNaNs, for one of the operands being a NaN: signalling ones first, else in the order of the operands.
template <class F>
F process_nans(const Unpacked& ua, F a, const Unpacked& ub, F b, FpEnv& env) {
  const bool first = ua.kind == Kind::SignallingNan || (ub.kind != Kind::SignallingNan && ua.is_nan());
  return first ? process_nan(ua, a, env) : process_nan(ub, b, env);
}

/// Moves the bits of x down, or-ing what falls off into bit 0.
template <class Word>
constexpr Word shift_right_sticky(Word x, unsigned distance) {
  if (distance == 0) return x;
  if (distance >= sizeof(Word) * 8) return x != 0;
  return x >> distance | static_cast<Word>((x << (sizeof(Word) * 8 - distance)) != 0);
}

/// Whether a magnitude grows, given its last bit and what lies behind it.
enum class Remainder : u8 { None, BelowHalf, Half, AboveHalf };
constexpr bool rounds_away(Rounding rounding, bool sign, bool last_bit, Remainder rest) {
  switch (rounding) {
    case Rounding::TieEven:
      return rest == Remainder::AboveHalf || (rest == Remainder::Half && last_bit);
    case Rounding::TieAway:
      return rest >= Remainder::Half;
    case Rounding::Plus:
      return rest != Remainder::None && !sign;
    case Rounding::Minus:
      return rest != Remainder::None && sign;
    case Rounding::Zero:
    case Rounding::Odd:
      return false;
  }
  return false;
}
/// What the low `width` (1 to 63) bits of x are of 2^width.
constexpr Remainder remainder_of(u64 x, unsigned width) {
  const u64 rest = x & ((u64{1} << width) - 1);
  const u64 half = u64{1} << (width - 1);
  return rest == 0      ? Remainder::None
         : rest < half  ? Remainder::BelowHalf
         : rest == half ? Remainder::Half
                        : Remainder::AboveHalf;
}

/// Whether an overflow goes to infinity or to the largest number.
constexpr bool overflows_to_infinity(Rounding rounding, bool sign) {
  switch (rounding) {
    case Rounding::TieEven:
    case Rounding::TieAway:
      return true;
    case Rounding::Plus:
      return !sign;
    case Rounding::Minus:
      return sign;
    case Rounding::Zero:
    case Rounding::Odd:
      return false;
  }
  return false;
}

/// FPRoundBase of a nonzero number. Tininess is found before rounding.
template <class F>
F round_base(bool sign, int exponent, u64 significand, Rounding rounding, FpEnv& env, bool flush,
             bool alternative_half = false) {
  using T = Format<F>;
  constexpr unsigned kDropped = 63 - T::kFractionBits;
  int biased = exponent - T::kMinExponent + 1;
  if (biased <= 0) {
    if (flush) {
      env.raise(kUnderflow);
      return zero<F>(sign);
    }
    significand = shift_right_sticky(significand, static_cast<unsigned>(1 - biased));
    biased = 0;
  }
  const Remainder rest = remainder_of(significand, kDropped);
  bool inexact = rest != Remainder::None;
  if (biased == 0 && inexact) env.raise(kUnderflow);
  u64 kept = significand >> kDropped;
  if (rounding == Rounding::Odd) {
    kept |= inexact;
  } else if (rounds_away(rounding, sign, (kept & 1) != 0, rest)) {
    ++kept;  // a carry into the exponent is right: 1.11…1 becomes 10.0, and the largest denormal the smallest normal
  }
  // Normal: the integer bit of `kept` adds one to the exponent field.
  const u64 magnitude = biased == 0 ? kept : (static_cast<u64>(biased - 1) << T::kFractionBits) + kept;
  if (sizeof(F) == 2 && alternative_half) {
    if (magnitude > static_cast<u64>(T::kSign - 1)) {
      env.raise(kInvalidOperation);
      return with_sign<F>(sign, static_cast<F>(T::kSign - 1));
    }
  } else if (magnitude >= T::kInfinity) {
    env.raise(kOverflow | kInexact);
    return with_sign<F>(sign, overflows_to_infinity(rounding, sign) ? T::kInfinity : T::kMaxNormal);
  }
  if (inexact) env.raise(kInexact);
  return with_sign<F>(sign, static_cast<F>(magnitude));
}

/// FPRound, of a nonzero number.
template <class F>
F round(bool sign, int exponent, u64 significand, FpEnv& env) {
  return round_base<F>(sign, exponent, significand, env.control.rounding, env, flushes<F>(env.control));
}

/// FPRound of significand / 2^127 * 2^exponent; the significand need not be normalised. Zero is exact: positive, but
/// negative when rounding towards minus infinity.
template <class F>
F round_wide(bool sign, int exponent, u128 significand, FpEnv& env) {
  if (significand == 0) return zero<F>(env.control.rounding == Rounding::Minus);
  const u64 high = static_cast<u64>(significand >> 64);
  const int zeros = high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<u64>(significand));
  significand <<= zeros;
  const u64 top = static_cast<u64>(significand >> 64) | (static_cast<u64>(significand) != 0);
  return round<F>(sign, exponent - zeros, top, env);
}

/// A term of a sum: (-1)^sign * significand / 2^127 * 2^exponent, at most one bit above its neighbours' words: bit 127
/// is clear, so that a sum has room.
struct Term {
  bool sign;
  int exponent;
  u128 significand;
};

/// The sum of two terms with sticky bits, rounded. Terms of up to 106 significant bits at bits 126 and 125 downwards
/// stay exact wherever cancellation needs it.
template <class F>
F round_sum(Term a, Term b, FpEnv& env, int scale = 0) {
  if (a.exponent < b.exponent) {
    const Term swap = a;
    a = b;
    b = swap;
  }
  const u128 aligned = shift_right_sticky(b.significand, static_cast<unsigned>(a.exponent - b.exponent));
  if (a.sign == b.sign) return round_wide<F>(a.sign, a.exponent + scale, a.significand + aligned, env);
  if (a.significand >= aligned) return round_wide<F>(a.sign, a.exponent + scale, a.significand - aligned, env);
  return round_wide<F>(b.sign, a.exponent + scale, aligned - a.significand, env);
}

/// A nonzero number as a term.
inline Term term(bool sign, const Unpacked& u) { return {sign, u.exponent + 1, u128{u.significand} << 63}; }
/// A product of nonzero numbers as a term.
inline Term product(bool sign, const Unpacked& a, const Unpacked& b) {
  return {sign, a.exponent + b.exponent + 2, (u128{a.significand} * b.significand) >> 1};
}

}  // namespace tw::cpu::fp
