// Operations on one lane, for the shapes of simd.hpp: lambdas of (n, m, d, saturation). A result is cast to the lane's
// type by the shape, so that wrapping arithmetic is done in u64.
#pragma once

#include <algorithm>
#include <bit>
#include <limits>

#include "cpu/isa/a64/simd.hpp"

namespace tw::cpu::a64 {

__extension__ using i128 = __int128;

/// Holds every sum, product and rounded shift of two lanes.
template <class T>
using Exact = std::conditional_t<sizeof(T) == 8, i128, i64>;

template <class T>
inline constexpr int kBits = static_cast<int>(sizeof(T) * 8);

template <class T>
constexpr Exact<T> exact(T value) {
  return static_cast<Exact<T>>(value);
}
template <class T>
constexpr u64 wrap(T value) {
  return static_cast<u64>(value);
}

/// SatQ: `value` brought into T's range.
template <class T, class V>
constexpr T saturate(V value, Saturation& saturation) {
  constexpr V low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  if (value >= low && value <= high) [[likely]]
    return static_cast<T>(value);
  saturation.happened = true;
  return value < low ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
}

template <class T>
using SignedOf = std::make_signed_t<T>;
template <class T>
using UnsignedLane = std::make_unsigned_t<T>;

/// All ones or all zeros.
template <class T>
constexpr T truth(bool condition, T) {
  return condition ? static_cast<T>(-1) : T{0};
}

// ---- arithmetic

inline constexpr auto kAdd = [](auto n, auto m, auto&&...) { return wrap(n) + wrap(m); };
inline constexpr auto kSub = [](auto n, auto m, auto&&...) { return wrap(n) - wrap(m); };
inline constexpr auto kMul = [](auto n, auto m, auto&&...) { return wrap(n) * wrap(m); };
inline constexpr auto kMla = [](auto n, auto m, auto d, auto&&...) { return wrap(d) + wrap(n) * wrap(m); };
inline constexpr auto kMls = [](auto n, auto m, auto d, auto&&...) { return wrap(d) - wrap(n) * wrap(m); };
inline constexpr auto kMax = [](auto n, auto m, auto&&...) { return std::max(n, m); };
inline constexpr auto kMin = [](auto n, auto m, auto&&...) { return std::min(n, m); };
inline constexpr auto kAbd = [](auto n, auto m, auto&&...) { return wrap(std::max(n, m)) - wrap(std::min(n, m)); };
inline constexpr auto kAba = [](auto n, auto m, auto d, auto&&...) { return wrap(d) + kAbd(n, m); };
inline constexpr auto kHalvingAdd = [](auto n, auto m, auto&&...) { return (exact(n) + m) >> 1; };
inline constexpr auto kHalvingSub = [](auto n, auto m, auto&&...) { return (exact(n) - m) >> 1; };
inline constexpr auto kRoundingHalvingAdd = [](auto n, auto m, auto&&...) { return (exact(n) + m + 1) >> 1; };
inline constexpr auto kAbs = [](auto n, auto&&...) { return n < 0 ? u64{0} - wrap(n) : wrap(n); };
inline constexpr auto kNeg = [](auto n, auto&&...) { return u64{0} - wrap(n); };

// ---- saturating arithmetic

inline constexpr auto kSatAdd = [](auto n, auto m, auto, Saturation& s) {
  return saturate<decltype(n)>(exact(n) + m, s);
};
inline constexpr auto kSatSub = [](auto n, auto m, auto, Saturation& s) {
  return saturate<decltype(n)>(exact(n) - m, s);
};
inline constexpr auto kSatAbs = [](auto n, auto, auto, Saturation& s) {
  return saturate<decltype(n)>(n < 0 ? -exact(n) : exact(n), s);
};
inline constexpr auto kSatNeg = [](auto n, auto, auto, Saturation& s) { return saturate<decltype(n)>(-exact(n), s); };
/// SUQADD: signed accumulator, unsigned operand.
inline constexpr auto kAddUnsigned = [](auto n, auto, auto d, Saturation& s) {
  return saturate<decltype(d)>(exact(static_cast<UnsignedLane<decltype(n)>>(n)) + d, s);
};
/// USQADD: unsigned accumulator, signed operand.
inline constexpr auto kAddSigned = [](auto n, auto, auto d, Saturation& s) {
  return saturate<decltype(d)>(exact(static_cast<SignedOf<decltype(n)>>(n)) + d, s);
};
/// The upper half of the doubled product; doubling is done by shifting one bit less.
template <bool rounding>
inline constexpr auto kDoublingHigh = [](auto n, auto m, auto, Saturation& s) {
  using T = decltype(n);
  const i64 product = i64{n} * m + (rounding ? i64{1} << (kBits<T> - 2) : 0);
  return saturate<T>(product >> (kBits<T> - 1), s);
};
/// SQDMULL: n and m are widened lanes already.
inline constexpr auto kDoublingLong = [](auto n, auto m, auto, Saturation& s) {
  return saturate<decltype(n)>(exact(n) * m * 2, s);
};
inline constexpr auto kDoublingLongAdd = [](auto n, auto m, auto d, Saturation& s) {
  const auto product = saturate<decltype(n)>(exact(n) * m * 2, s);
  return saturate<decltype(n)>(exact(d) + product, s);
};
inline constexpr auto kDoublingLongSub = [](auto n, auto m, auto d, Saturation& s) {
  const auto product = saturate<decltype(n)>(exact(n) * m * 2, s);
  return saturate<decltype(n)>(exact(d) - product, s);
};

// ---- comparisons and logic

inline constexpr auto kGreater = [](auto n, auto m, auto&&...) { return truth(n > m, n); };
inline constexpr auto kGreaterEqual = [](auto n, auto m, auto&&...) { return truth(n >= m, n); };
inline constexpr auto kEqual = [](auto n, auto m, auto&&...) { return truth(n == m, n); };
inline constexpr auto kLess = [](auto n, auto m, auto&&...) { return truth(n < m, n); };
inline constexpr auto kLessEqual = [](auto n, auto m, auto&&...) { return truth(n <= m, n); };
inline constexpr auto kTest = [](auto n, auto m, auto&&...) { return truth((n & m) != 0, n); };
inline constexpr auto kAnd = [](u64 n, u64 m, auto&&...) { return n & m; };
inline constexpr auto kBic = [](u64 n, u64 m, auto&&...) { return n & ~m; };
inline constexpr auto kOrr = [](u64 n, u64 m, auto&&...) { return n | m; };
inline constexpr auto kOrn = [](u64 n, u64 m, auto&&...) { return n | ~m; };
inline constexpr auto kEor = [](u64 n, u64 m, auto&&...) { return n ^ m; };
inline constexpr auto kBsl = [](u64 n, u64 m, u64 d, auto&&...) { return (n & d) | (m & ~d); };
inline constexpr auto kBit = [](u64 n, u64 m, u64 d, auto&&...) { return (d & ~m) | (n & m); };
inline constexpr auto kBif = [](u64 n, u64 m, u64 d, auto&&...) { return (d & m) | (n & ~m); };
inline constexpr auto kNot = [](u64 n, auto&&...) { return ~n; };

// ---- shifts. `amount` is positive to the left.

/// n shifted right by 1 or more; more than the width gives the sign, or the carry of rounding, which is lost.
template <class T>
constexpr Exact<T> shift_right(T n, int amount, bool rounding) {
  const int by = std::min(amount, kBits<T> + 1);
  return (exact(n) + (rounding ? Exact<T>{1} << (by - 1) : Exact<T>{0})) >> by;
}

template <class T>
constexpr T shift(T n, int amount, bool rounding) {
  if (amount < 0) return static_cast<T>(shift_right(n, -amount, rounding));
  return amount >= kBits<T> ? T{0} : static_cast<T>(wrap(n) << amount);
}

/// Into To's range, which may be the unsigned one of a signed T.
template <class To, class T>
constexpr To shift_saturating(T n, int amount, bool rounding, Saturation& s) {
  if (amount < 0) return saturate<To>(shift_right(n, -amount, rounding), s);
  if (amount < kBits<T>) return saturate<To>(exact(n) << amount, s);
  if (n == 0) return To{0};
  s.happened = true;
  return n < T{0} ? std::numeric_limits<To>::min() : std::numeric_limits<To>::max();
}

/// By register: the amount is the lowest byte of m's lane.
template <bool rounding>
inline constexpr auto kShift = [](auto n, auto m, auto&&...) { return shift(n, static_cast<i8>(m), rounding); };
template <bool rounding>
inline constexpr auto kSatShift = [](auto n, auto m, auto, Saturation& s) {
  return shift_saturating<decltype(n)>(n, static_cast<i8>(m), rounding, s);
};

/// By immediate: `by` is the distance.
template <bool rounding>
inline constexpr auto kRight = [](auto n, int by, auto&&...) { return shift(n, -by, rounding); };
template <bool rounding>
inline constexpr auto kRightAdd =
    [](auto n, int by, auto d, auto&&...) { return wrap(d) + wrap(shift(n, -by, rounding)); };
/// Of a widened lane, whose second operand is wide as well.
inline constexpr auto kLeftWide = [](auto n, auto by, auto&&...) { return wrap(n) << static_cast<int>(by); };
inline constexpr auto kLeft = [](auto n, int by, auto&&...) { return wrap(n) << by; };
inline constexpr auto kLeftInsert = [](auto n, int by, auto d, auto&&...) {
  return (wrap(d) & low_mask(static_cast<unsigned>(by))) | wrap(n) << by;
};
inline constexpr auto kRightInsert = [](auto n, int by, auto d, auto&&...) {
  const u64 inserted = low_mask(static_cast<unsigned>(kBits<decltype(n)> - by));
  return (wrap(d) & ~inserted) | wrap(shift(n, -by, false));
};
inline constexpr auto kSatLeft = [](auto n, int by, auto, Saturation& s) {
  return shift_saturating<decltype(n)>(n, by, false, s);
};
/// SQSHLU.
inline constexpr auto kSatLeftUnsigned = [](auto n, int by, auto, Saturation& s) {
  return shift_saturating<UnsignedLane<decltype(n)>>(n, by, false, s);
};

// ---- narrowing: n is wide, d is a narrow zero, `by` a distance

inline constexpr auto kExtract = [](auto n, auto&&...) { return n; };
inline constexpr auto kSatExtract = [](auto n, auto, auto d, Saturation& s) {
  return saturate<decltype(d)>(exact(n), s);
};
/// SQXTUN: signed to unsigned.
inline constexpr auto kSatExtractUnsigned = [](auto n, auto, auto d, Saturation& s) {
  return saturate<decltype(d)>(exact(static_cast<SignedOf<decltype(n)>>(n)), s);
};
template <bool rounding>
inline constexpr auto kRightNarrow =
    [](auto n, auto by, auto&&...) { return shift_right(n, static_cast<int>(by), rounding); };
template <bool rounding>
inline constexpr auto kSatRightNarrow = [](auto n, auto by, auto d, Saturation& s) {
  return saturate<decltype(d)>(shift_right(n, static_cast<int>(by), rounding), s);
};
template <bool rounding>
inline constexpr auto kSatRightNarrowUnsigned = [](auto n, auto by, auto d, Saturation& s) {
  return saturate<decltype(d)>(shift_right(static_cast<SignedOf<decltype(n)>>(n), static_cast<int>(by), rounding), s);
};
/// ADDHN and relatives: the upper half of the wide sum.
template <auto combine, bool rounding>
inline constexpr auto kHighHalf = [](auto n, auto m, auto&&...) {
  constexpr int half = kBits<decltype(n)> / 2;
  return (combine(n, m) + (rounding ? u64{1} << (half - 1) : 0)) >> half;
};

// ---- bits

inline constexpr auto kCountLeadingZeros = [](auto n, auto&&...) { return std::countl_zero(n); };
inline constexpr auto kCountLeadingSigns = [](auto n, auto&&...) {
  const auto pattern = static_cast<decltype(n)>(n >> (kBits<decltype(n)> - 1) ? ~n : n);
  return std::countl_zero(pattern) - 1;
};
inline constexpr auto kPopulation = [](auto n, auto&&...) { return std::popcount(n); };
inline constexpr auto kReverseBits = [](u8 n, auto&&...) {
  u64 result = 0;
  for (unsigned i = 0; i < 8; ++i) result |= u64{(n >> i) & 1u} << (7 - i);
  return result;
};
/// Product of polynomials over {0, 1}, of 8 bits each.
inline constexpr auto kPolynomial = [](u64 n, u64 m, auto&&...) {
  u64 result = 0;
  for (unsigned i = 0; i < 8; ++i) result ^= bit_at(m, i) ? n << i : 0;
  return result;
};

}  // namespace tw::cpu::a64
