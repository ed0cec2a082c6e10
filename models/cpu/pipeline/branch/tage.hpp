// TAGE: a bimodal table, and tagged tables behind histories of geometric lengths; the longest that knows the branch
// predicts (Seznec, Michaud, JILP 2006). A table's history is kept folded, to two widths that are prime: a fold of one
// width forgets a loop whose length is its multiple, and the paper's widths (index, tag, tag less one) have many in
// common.
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
  /// A number for each table that there may be: loops over them have a length that the compiler knows.
  using ByTable = std::array<u32, kMaximumTables>;
  /// Where each table keeps the present branch.
  struct Places {
    ByTable entry;  ///< index in entries_
    ByTable tag;
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
  ByTable lengths_{};
  ByTable first_{};                       ///< of each table's entries
  ByTable shorter_{}, longer_{};          ///< the folded histories
  ByTable shorter_out_{}, longer_out_{};  ///< the bit of them where what leaves a history is
  std::array<u32, kHistory> history_{};   ///< a ring: all ones for taken, 0 for not taken
  u32 newest_ = 0;
  int trust_alternative_ = 0;  ///< -8 to 7: from 0 on, an entry that is new is not believed
  u32 chance_ = 1;             ///< a linear feedback shift register
};

}  // namespace tw::cpu::branch
