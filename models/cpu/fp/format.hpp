// The IEEE 754 binary formats that Armv8 has, as traits of the unsigned integer that holds one.
#pragma once

#include "base/types.hpp"

namespace tw::cpu::fp {

/// A floating-point number is passed as its bits: u16 half, u32 single, u64 double precision.
template <class F>
struct Format;

template <class F, unsigned exponent_bits>
struct FormatOf {
  static constexpr unsigned kBits = sizeof(F) * 8;
  static constexpr unsigned kExponentBits = exponent_bits;
  static constexpr unsigned kFractionBits = kBits - 1 - exponent_bits;
  static constexpr int kMaxBiased = (1 << exponent_bits) - 1;  ///< the exponent of infinities and NaNs
  static constexpr int kBias = (1 << (exponent_bits - 1)) - 1;
  static constexpr int kMinExponent = 1 - kBias;  ///< of normal numbers
  static constexpr F kSign = static_cast<F>(u64{1} << (kBits - 1));
  static constexpr F kFraction = static_cast<F>((u64{1} << kFractionBits) - 1);
  static constexpr F kInfinity = static_cast<F>(u64{kMaxBiased} << kFractionBits);
  static constexpr F kQuiet = static_cast<F>(u64{1} << (kFractionBits - 1));
  static constexpr F kDefaultNan = static_cast<F>(kInfinity | kQuiet);
  static constexpr F kMaxNormal = static_cast<F>(kInfinity - 1);
  static constexpr F kOne = static_cast<F>(u64{static_cast<unsigned>(kBias)} << kFractionBits);
  static constexpr F kTwo = static_cast<F>(u64{static_cast<unsigned>(kBias) + 1} << kFractionBits);
  static constexpr F kOneAndHalf = static_cast<F>(kOne | kQuiet);
};

template <>
struct Format<u16> : FormatOf<u16, 5> {};
template <>
struct Format<u32> : FormatOf<u32, 8> {};
template <>
struct Format<u64> : FormatOf<u64, 11> {};

}  // namespace tw::cpu::fp
