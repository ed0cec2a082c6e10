// Fields of the structures in memory, by their bits as the manual numbers them (IHI 0070, chapter 5).
#pragma once

#include <array>
#include <string_view>

#include "base/bits.hpp"

namespace tw::smmu {

/// Bits Hi:Lo of a structure of 64-bit words; a field does not cross a word.
template <unsigned Hi, unsigned Lo>
constexpr u64 field(const std::array<u64, 8>& words) {
  static_assert(Hi / 64 == Lo / 64);
  return bits<Hi % 64, Lo % 64>(words[Lo / 64]);
}

/// A field by its name in the manual.
struct FieldRow {
  std::string_view name;
  unsigned hi, lo;
  u64 (*of)(const std::array<u64, 8>& words);
};

}  // namespace tw::smmu
