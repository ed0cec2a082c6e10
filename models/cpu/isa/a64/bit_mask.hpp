// DecodeBitMasks() of the manual's shared pseudocode, for logical immediates.
#pragma once

#include <bit>
#include <optional>

#include "base/bits.hpp"

namespace tw::cpu::a64 {

/// The 64-bit immediate that N:imms:immr stand for: an element of 2, 4 … 64 bits, itself a rotated run of ones,
/// replicated. Empty for the reserved combinations. 32-bit instructions need N = 0 and use the low half.
constexpr std::optional<u64> decode_bit_mask(u32 n, u32 imms, u32 immr) {
  const u32 selector = n << 6 | (~imms & 0x3F);
  if (selector < 2) return std::nullopt;  // an element of one bit
  const unsigned length = static_cast<unsigned>(std::bit_width(selector)) - 1;
  const unsigned element = 1u << length;
  const u32 levels = element - 1;
  if ((imms & levels) == levels) return std::nullopt;  // all ones
  const u64 run = low_mask((imms & levels) + 1);
  const unsigned rotation = immr & levels;
  u64 mask = ((run >> rotation) | (rotation ? run << (element - rotation) : 0)) & low_mask(element);
  for (unsigned width = element; width < 64; width *= 2) mask |= mask << width;
  return mask;
}

}  // namespace tw::cpu::a64
