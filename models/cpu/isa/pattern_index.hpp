// From an instruction word to the row whose pattern it matches.
#pragma once

#include <array>
#include <vector>

#include "cpu/isa/encoding.hpp"

namespace tw::cpu {

/// The rows that remain possible once bits <31:21> are known: a handful, in the order in which they were given. `Row`
/// has a `pattern`.
template <class Row>
class PatternIndex final {
 public:
  /// `for_each(visit)` calls visit(row) for all rows, each of which outlives the index; the first that matches counts.
  template <class ForEach>
  explicit PatternIndex(ForEach for_each) {
    for (u32 key = 0; key < kKeys; ++key) {
      begin_[key] = static_cast<u32>(rows_.size());
      for_each([&](const Row& row) {
        if (possible(row.pattern, key << kShift)) rows_.push_back(&row);
      });
    }
    begin_[kKeys] = static_cast<u32>(rows_.size());
  }

  /// nullptr: no row matches.
  const Row* find(u32 insn) const {
    const u32 key = insn >> kShift;
    for (u32 i = begin_[key]; i < begin_[key + 1]; ++i) {
      if (rows_[i]->pattern.matches(insn)) return rows_[i];
    }
    return nullptr;
  }

 private:
  static constexpr unsigned kShift = 21;
  static constexpr u32 kKeys = u32{1} << (32 - kShift);
  static bool possible(const Pattern& pattern, u32 top_bits) {
    return (((pattern.value ^ top_bits) & pattern.mask) >> kShift) == 0;
  }

  std::vector<const Row*> rows_;
  std::array<u32, kKeys + 1> begin_{};
};

}  // namespace tw::cpu
