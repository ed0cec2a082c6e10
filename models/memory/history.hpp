// The last things that happened, by time. New ones come nearly in order; one that is late finds its place among them.
#pragma once

#include <array>
#include <cstddef>

#include "base/types.hpp"

namespace tw::memory {

/// A ring of the `Capacity` latest entries (a power of two), sorted by `begin`.
template <class Entry, std::size_t Capacity>
class History final {
 public:
  std::size_t size() const { return count_; }
  const Entry& operator[](std::size_t n) const { return entries_[(oldest_ + n) % Capacity]; }
  /// How many begin at `time` or before: the index of the first that comes later.
  std::size_t until(u64 time) const {
    if (count_ == 0 || (*this)[count_ - 1].begin <= time) return count_;
    std::size_t low = 0, high = count_ - 1;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if ((*this)[middle].begin <= time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  /// A full one forgets its oldest entry, or `entry` if that is older still.
  void insert(const Entry& entry) {
    std::size_t at = until(entry.begin);
    if (count_ == Capacity) {
      if (at == 0) return;
      oldest_ = (oldest_ + 1) % Capacity;
      --count_;
      --at;
    }
    for (std::size_t n = count_; n > at; --n) place(n) = place(n - 1);
    place(at) = entry;
    ++count_;
  }

 private:
  Entry& place(std::size_t n) { return entries_[(oldest_ + n) % Capacity]; }
  std::array<Entry, Capacity> entries_{};
  std::size_t oldest_ = 0, count_ = 0;
};

}  // namespace tw::memory
