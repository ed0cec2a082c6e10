// Sets and ways with exact LRU or seeded random replacement: what all structures of the MMU are made of. A line is any
// struct with `bool valid`, `u64 stamp` and `Owner owner`.
#pragma once

#include <algorithm>
#include <vector>

#include "mmu/statistics.hpp"

namespace tw::mmu {

enum class Replacement : u8 { Lru, Random };

/// xorshift64*: a fixed sequence a seed, on every host.
class Random final {
 public:
  explicit Random(u64 seed) : state_(seed != 0 ? seed : 0x9E3779B97F4A7C15u) {}
  u64 next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Du;
  }

 private:
  u64 state_;
};

template <class Line>
class Associative final {
 public:
  /// `ways` 0: fully associative.
  Associative(u64 entries, u64 ways, Replacement replacement, u64 seed)
      : lines_(entries),
        ways_(ways == 0 || ways > entries ? entries : ways),
        sets_(entries == 0 ? 1 : entries / ways_),
        replacement_(replacement),
        random_(seed) {}

  bool off() const { return lines_.empty(); }
  u64 sets() const { return sets_; }

  /// The line of set `key % sets` that `matches`; it becomes the most recent one. Counts nothing.
  template <class Matches>
  Line* find(u64 key, Matches matches) {
    Line* const first = lines_.data() + (key % sets_) * ways_;
    for (Line* line = first; line != first + ways_; ++line) {
      if (line->valid && matches(*line)) return touch(line);
    }
    return nullptr;
  }

  /// Makes `line` the most recent one.
  Line* touch(Line* line) {
    line->stamp = ++clock_;
    return line;
  }

  /// Puts `line` in its set, in the place of one that `matches` (the same page), an invalid one, or a victim.
  template <class Matches>
  Line* insert(u64 key, Line line, const Owner& owner, Matches matches) {
    Line* const first = lines_.data() + (key % sets_) * ways_;
    Line* const last = first + ways_;
    Line* place = std::find_if(first, last, [&](const Line& old) { return old.valid && matches(old); });
    if (place == last) place = std::find_if(first, last, [](const Line& old) { return !old.valid; });
    if (place == last) {
      place = replacement_ == Replacement::Random
                  ? first + random_.next() % ways_
                  : std::min_element(first, last, [](const Line& a, const Line& b) { return a.stamp < b.stamp; });
      ++statistics.evictions;
      ++statistics.evictions_by[{place->owner, owner}];
    }
    ++statistics.insertions;
    line.valid = true;
    line.stamp = ++clock_;
    line.owner = owner;
    *place = line;
    return place;
  }

  template <class Matches>
  void invalidate(Matches matches) {
    if (off()) return;
    ++statistics.invalidations;
    for (Line& line : lines_) {
      if (!line.valid || !matches(line)) continue;
      line.valid = false;
      ++statistics.entries_invalidated;
    }
  }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const Line& line : lines_) {
      if (line.valid) visit(line);
    }
  }

  TlbStatistics statistics;

 private:
  std::vector<Line> lines_;
  u64 ways_;
  u64 sets_;
  Replacement replacement_;
  Random random_;
  u64 clock_ = 0;
};

}  // namespace tw::mmu
