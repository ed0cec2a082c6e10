// Operands for the floating-point and Advanced SIMD tests: the corners of a format as often as noise.
#pragma once

#include <array>
#include <iterator>

#include "base/bits.hpp"
#include "cpu/fp/format.hpp"
#include "diff/generator.hpp"

namespace tw::diff {

/// A number of format F: signed zeros, infinities, NaNs of both kinds, the ends of the denormal and normal ranges,
/// integers and ties around the limits of the integer types, numbers near one (so that sums cancel), and noise.
template <class F>
F fp_value(Generator& random) {
  using T = cpu::fp::Format<F>;
  const F sign = random.chance(2) ? T::kSign : F{0};
  const F noise = static_cast<F>(random.bits());
  const auto with_exponent = [&](int exponent) {
    const int biased = exponent + T::kBias;
    if (biased <= 0 || biased >= T::kMaxBiased) return static_cast<F>(noise & T::kFraction);
    return static_cast<F>(u64{static_cast<unsigned>(biased)} << T::kFractionBits | (noise & T::kFraction));
  };
  const auto magnitude = [&]() -> F {
    switch (random.below(16)) {
      case 0:
        return 0;
      case 1:
        return T::kInfinity;
      case 2:
        return static_cast<F>(T::kDefaultNan | (noise & T::kFraction));
      case 3:
        return static_cast<F>(T::kInfinity | 1 | (noise & (T::kQuiet - 1)));
      case 4:
        return static_cast<F>(noise & T::kFraction);
      case 5: {
        const u64 corners[] = {1, T::kFraction, u64{T::kFraction} + 1, T::kMaxNormal, T::kOne, T::kTwo, T::kOneAndHalf};
        return static_cast<F>(corners[random.below(std::size(corners))] + random.below(3) - 1);
      }
      case 6:
        return with_exponent(T::kMinExponent + static_cast<int>(random.below(60)));
      case 7:
        return with_exponent(-T::kMinExponent + 1 - static_cast<int>(random.below(4)));
      case 8: {  // few significant bits: integers, halves, exact results
        const F kept = static_cast<F>(~u64{0} << (T::kFractionBits - 1 - random.below(T::kFractionBits - 1)));
        return static_cast<F>(with_exponent(static_cast<int>(random.below(66)) - 2) & kept);
      }
      case 9:
        return with_exponent(static_cast<int>(random.below(70)) - 3);
      case 10:
        return static_cast<F>(with_exponent(29 + static_cast<int>(random.below(36))) | (T::kFraction & ~F{3}));
      case 11:
      case 12:
        return with_exponent(static_cast<int>(random.below(4)) - 2);
      case 13:
        return with_exponent(T::kMinExponent / 2 + static_cast<int>(random.below(30)) - 15);
      default:
        return static_cast<F>(noise & ~T::kSign);
    }
  };
  return static_cast<F>(sign | (magnitude() & ~T::kSign));
}

/// Lanes of format F; sometimes only the first one is of it.
template <class F>
std::array<u64, 2> fp_lanes(Generator& random) {
  constexpr unsigned kBits = cpu::fp::Format<F>::kBits;
  std::array<u64, 2> result{};
  for (unsigned at = 0; at < 128; at += kBits) result[at / 64] |= u64{fp_value<F>(random)} << (at % 64);
  if (!random.chance(4)) return result;
  return {(random.bits() & ~low_mask(kBits)) | (result[0] & low_mask(kBits)), random.bits()};
}
/// … of a format of 2, 4 or 8 bytes.
inline std::array<u64, 2> fp_lanes(Generator& random, unsigned bytes) {
  return bytes == 2 ? fp_lanes<u16>(random) : bytes == 4 ? fp_lanes<u32>(random) : fp_lanes<u64>(random);
}

/// FPCR: all modes of rounding, FZ, DN and AHP, and FZ16.
inline u64 random_fpcr(Generator& random) { return random.below(32) << 22 | (random.chance(2) ? u64{1} << 19 : 0); }

/// Lanes of 8 to 64 bits: zero, ones, the ends of the ranges, one bit, small, and noise; sometimes all equal.
inline std::array<u64, 2> integer_lanes(Generator& random) {
  std::array<u64, 2> result{};
  const unsigned width = 8u << random.below(4);
  const u64 mask = low_mask(width);
  const u64 same = random.chance(4) ? random.bits() | 1 : 0;
  for (unsigned at = 0; at < 128; at += width) {
    const u64 sign = u64{1} << (width - 1);
    const u64 specials[] = {0,
                            mask,
                            sign,
                            sign - 1,
                            sign + 1,
                            1,
                            u64{1} << random.below(width),
                            random.below(16),
                            u64{0} - random.below(16)};
    u64 lane = random.chance(2) ? random.bits() : specials[random.below(std::size(specials))];
    if (same != 0) lane = specials[same % std::size(specials)];
    result[at / 64] |= (lane & mask) << (at % 64);
  }
  return result;
}

}  // namespace tw::diff
