// When a resource that serves one thing at a time is busy. Cores and DMA masters run ahead of one another by up to a
// quantum, so requests do not arrive in the order of their times: one that comes late in host order but early in
// simulated time takes a gap that is still free, and does not queue behind the future.
#pragma once

#include <vector>

#include "base/types.hpp"

namespace tw {

/// One bit a unit of time, in a ring: a look-up is a scan of words, and nothing is allocated after the first use. The
/// unit is the owner's choice; lengths should be a few hundred at most.
///
/// What is known reaches back `window` units from the latest reservation. What was before that is forgotten, and
/// counts as free: a request from so long ago sees less contention than there was, never more. The window should
/// therefore be longer than requesters run ahead of one another.
class Timeline final {
 public:
  static constexpr u64 kWindow = u64{1} << 16;  ///< the default quantum of 10 us has 30,000 cycles at 3 GHz
  /// `window` is rounded up to a power of two, 64 at least.
  explicit Timeline(u64 window = kWindow);

  /// The first start >= `from` at which the resource is free for `length`, of 1 at least. Changes nothing.
  u64 first_free(u64 from, u64 length) const {
    u64 start = next_free(from);
    for (;;) {
      const u64 busy = next_busy(start, start + length);
      if (busy >= start + length) return start;
      start = next_free(busy);
    }
  }
  /// Reserves [start, start + length) where start = first_free(from, length), and returns `start`. A length of zero
  /// takes no time of the resource, and does not wait for it.
  u64 reserve(u64 from, u64 length) {
    if (length == 0) return from;
    const u64 start = first_free(from, length);
    occupy(start, start + length);
    return start;
  }
  /// Marks [begin, end) as busy, whatever it was.
  void occupy(u64 begin, u64 end);
  /// The first busy instant in [from, limit), else `limit`.
  u64 next_busy(u64 from, u64 limit) const { return from >= end_ ? limit : search_busy(from, limit); }
  /// The first instant >= `from` that is free.
  u64 next_free(u64 from) const { return from >= end_ ? from : search_free(from); }
  void clear();

 private:
  u64 words_kept() const { return mask_ + 1; }
  u64 end_word() const { return first_ + words_kept(); }
  u64& word(u64 number) { return words_[number & mask_]; }
  u64 word(u64 number) const { return words_[number & mask_]; }
  void advance_to(u64 number);
  u64 search_busy(u64 from, u64 limit) const;
  u64 search_free(u64 from) const;

  std::vector<u64> words_;  ///< by word number modulo their count; empty until the first reservation
  u64 mask_;
  u64 first_ = 0;  ///< number of the oldest word that is kept; word n holds the units from 64 n on
  u64 end_ = 0;    ///< of the latest reservation: nothing is busy from there on
};

}  // namespace tw
