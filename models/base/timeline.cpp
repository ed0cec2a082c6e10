#include "base/timeline.hpp"

#include <algorithm>
#include <bit>

namespace tw {

namespace {

constexpr u64 kUnits = 64;  ///< of a word

constexpr u64 from_bit(u64 time) { return ~u64{0} << (time % kUnits); }

}  // namespace

Timeline::Timeline(u64 window) : mask_(std::bit_ceil(std::max(window, kUnits)) / kUnits - 1) {}

u64 Timeline::search_free(u64 from) const {
  if (from / kUnits < first_) return from;
  u64 wanted = from_bit(from);
  for (u64 number = from / kUnits; number < end_word(); ++number, wanted = ~u64{0}) {
    if (const u64 free = ~word(number) & wanted) return number * kUnits + static_cast<u64>(std::countr_zero(free));
  }
  return std::max(from, end_word() * kUnits);
}

u64 Timeline::search_busy(u64 from, u64 limit) const {
  if (from >= limit) return limit;
  u64 number = from / kUnits;
  u64 wanted = from_bit(from);
  if (number < first_) {
    number = first_;
    wanted = ~u64{0};
  }
  const u64 end = std::min(end_word(), (limit - 1) / kUnits + 1);
  for (; number < end; ++number, wanted = ~u64{0}) {
    if (const u64 busy = word(number) & wanted) {
      return std::min(limit, number * kUnits + static_cast<u64>(std::countr_zero(busy)));
    }
  }
  return limit;
}

void Timeline::occupy(u64 begin, u64 end) {
  if (begin >= end) return;
  if (words_.empty()) words_.resize(words_kept());
  end_ = std::max(end_, end);
  const u64 last = (end - 1) / kUnits;
  if (last >= end_word()) advance_to(last);
  u64 number = begin / kUnits;
  u64 bits = from_bit(begin);
  if (number < first_) {
    number = first_;
    bits = ~u64{0};
  }
  for (; number < last; ++number, bits = ~u64{0}) word(number) |= bits;
  if (number == last) word(number) |= bits & (~u64{0} >> (kUnits - 1 - (end - 1) % kUnits));
}

/// Word `number` becomes the newest one that is kept.
void Timeline::advance_to(u64 number) {
  const u64 first = number - mask_;
  const u64 cleared = std::min(first - first_, words_kept());
  for (u64 n = number + 1 - cleared; n <= number; ++n) word(n) = 0;
  first_ = first;
}

void Timeline::clear() {
  std::fill(words_.begin(), words_.end(), u64{0});
  first_ = end_ = 0;
}

}  // namespace tw
