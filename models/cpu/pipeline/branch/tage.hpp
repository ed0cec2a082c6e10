// TAGE: a bimodal table, and tagged tables behind histories of geometric lengths; the longest that knows the branch
// predicts (Seznec, Michaud, JILP 2006). A table's history is kept folded, to two widths that are prime: a fold of one
// width forgets a loop whose length is its multiple, and the paper's widths (index, tag, tag less one) have many in
// common. Index and tag are bits of one product of both folds and the address.
#pragma once

#include <array>
#include <vector>

#include "base/types.hpp"
#include "cpu/pipeline/branch/direction.hpp"

namespace tw::cpu::branch {

class Tage final {
 public:
  static constexpr unsigned kMaximumTables = 8;
  struct Shape {
    u64 base_entries;  ///< a power of two
    u64 tables;
    u64 entries;  ///< a table: a power of two
    u64 tag_bits;
    u64 shortest, longest;  ///< histories
    u64 period;             ///< branches until usefulness is halved
  };
  explicit Tage(const Shape& shape);

  /// What was predicted.
  bool train(u64 pc, u64 salt, bool taken);
  void flush();
  /// The history that table `n` is indexed by.
  u32 history_length(unsigned n) const { return lengths_[n]; }

 private:
  struct Entry {
    u16 tag = 0;
    i8 counter = 0;  ///< -4 to 3: taken from 0 on
    u8 useful = 0;   ///< 0 to 3
  };
  /// The histories of all tables, each as one of `width` bits. Over all tables that there may be, so that the compiler
  /// knows their number.
  template <unsigned width>
  struct Folded {
    std::array<u32, kMaximumTables> value{};
    std::array<u32, kMaximumTables> leaving{};  ///< the bit where what leaves the history is
    void shift(u32 newest, const std::array<u32, kMaximumTables>& oldest) {
      for (unsigned n = 0; n < kMaximumTables; ++n) {
        const u32 shifted = (value[n] << 1 | newest) ^ (oldest[n] & leaving[n]);
        value[n] = (shifted ^ shifted >> width) & ((u32{1} << width) - 1);
      }
    }
  };
  /// Where each table keeps the present branch.
  struct Places {
    std::array<Entry*, kMaximumTables> entry;
    std::array<u16, kMaximumTables> tag;
    u32 hits;  ///< bit n: table n knows the branch
  };
  Places places_of(u64 pc, u64 salt);
  void allocate(const Places& places, unsigned above, bool taken);
  void remember(bool taken);
  static i8 counted(i8 counter, bool taken);

  static constexpr u32 kHistory = 1024;  ///< bits kept: a power of two above the longest history

  Bimodal base_;
  std::vector<Entry> entries_;
  unsigned tables_;
  u32 index_mask_, tag_mask_;
  u64 period_, age_ = 0;
  Folded<19> shorter_;
  Folded<23> longer_;
  std::array<u32, kMaximumTables> lengths_{};
  std::array<u32, kHistory> history_{};  ///< a ring: all ones for taken, 0 for not taken
  u32 newest_ = 0;
  int trust_alternative_ = 0;  ///< -8 to 7: from 0 on, an entry that is new is not believed
  u32 chance_ = 1;             ///< a linear feedback shift register
};

}  // namespace tw::cpu::branch
