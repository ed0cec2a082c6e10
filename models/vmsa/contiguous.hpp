// The contiguous hint (Arm ARM D8.6): a run of equal neighbours that one entry of a TLB may hold.
#pragma once

#include "base/bits.hpp"
#include "vmsa/mapping.hpp"

namespace tw::vmsa {

/// The size of a run of pages or blocks of this size, in address bits: 16 of 4 KB, 2 MB and 1 GB; 128 of 16 KB, 32 of
/// 32 MB; 32 of 64 KB and 512 MB.
constexpr u8 contiguous_bits(u8 page_bits) {
  switch (page_bits) {
    case 14:
      return 21;
    case 16:
    case 25:
    case 29:
      return static_cast<u8>(page_bits + 5);
    default:
      return static_cast<u8>(page_bits + 4);
  }
}

/// `leaf`, that maps `input`, as the leaf of the whole run that it is part of. A run that is not mapped to a run stays
/// in pieces: software has misused the hint.
template <class Leaf>
Leaf widened(Leaf leaf, u64 input) {
  if (!leaf.contiguous) return leaf;
  const u8 bits = contiguous_bits(leaf.page_bits);
  const u64 inside = low_mask(bits) & ~low_mask(leaf.page_bits);
  if (((leaf.page.value ^ input) & inside) != 0) return leaf;
  leaf.page = leaf.page.align_down(u64{1} << bits);
  leaf.page_bits = bits;
  return leaf;
}

}  // namespace tw::vmsa
