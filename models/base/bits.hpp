// Bit fields, named as the manual writes them: bits<hi, lo>(x).
#pragma once

#include "base/types.hpp"

namespace tw {

template <unsigned Hi, unsigned Lo>
constexpr u64 bits(u64 x) {
  static_assert(Hi >= Lo && Hi < 64);
  constexpr unsigned width = Hi - Lo + 1;
  if constexpr (width == 64) {
    return x;
  } else {
    return (x >> Lo) & ((u64{1} << width) - 1);
  }
}

template <unsigned N>
constexpr bool bit(u64 x) {
  return (x >> N) & 1;
}

constexpr bool bit_at(u64 x, unsigned n) { return (x >> n) & 1; }

/// `width` low bits set; width 0..64.
constexpr u64 low_mask(unsigned width) { return width >= 64 ? ~u64{0} : (u64{1} << width) - 1; }

constexpr u64 bit_field(u64 x, unsigned lo, unsigned width) { return (x >> lo) & low_mask(width); }

constexpr u64 insert_bits(u64 x, unsigned lo, unsigned width, u64 field) {
  const u64 mask = low_mask(width) << lo;
  return (x & ~mask) | ((field << lo) & mask);
}

/// Sign-extends the `width` low bits of x; width 1..64.
constexpr i64 sign_extend(u64 x, unsigned width) {
  const unsigned shift = 64 - width;
  return static_cast<i64>(x << shift) >> shift;
}

constexpr bool is_aligned(u64 x, u64 power_of_two) { return (x & (power_of_two - 1)) == 0; }

}  // namespace tw
