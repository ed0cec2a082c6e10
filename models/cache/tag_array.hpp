// Sets and ways of one cache: which lines are in, since when, and which one goes next. Tags lie apart from the rest,
// so that a look-up reads little.
#pragma once

#include <vector>

#include "base/random.hpp"
#include "cache/request.hpp"
#include "cost/spans.hpp"

namespace tw::cache {

enum class Policy : u8 { Lru, Plru, Random, Srrip };

/// The number of a line: its address by the line size, with the security state on top.
using LineKey = u64;
inline constexpr LineKey kNoLine = ~u64{0};
inline constexpr u64 kSecureLine = u64{1} << 62;

struct Line {
  u64 requested = 0;  ///< when its fill left this level
  u64 ready = 0;      ///< when its data are there
  u64 stamp = 0;      ///< LRU: of its last use. SRRIP: the re-reference prediction
  Owner owner{};      ///< who brought it in
  State state = State::Invalid;
  cost::ServedBy served_by = cost::ServedBy::Memory;
  bool prefetched = false;  ///< and not asked for since

  /// How long one who asks at `now` waits for the data. Who asks before they were requested (in simulated time; the
  /// host had it later) waits as long as the fill took.
  u64 remaining(u64 now) const { return now >= ready ? 0 : ready - (now > requested ? now : requested); }
  bool writable() const { return state >= State::Exclusive; }
};

class TagArray final {
 public:
  static constexpr u32 kAbsent = ~u32{0};

  /// `sets` is a power of two; with Policy::Plru so is `ways`.
  TagArray(u64 sets, u64 ways, Policy policy, u64 seed);

  u32 find(LineKey key) const {
    if (tags_[recent_] == key) return recent_;
    const u32 first = first_of(key);
    for (u32 i = first; i != first + ways_; ++i) {
      if (tags_[i] == key) return i;
    }
    return kAbsent;
  }
  Line& line(u32 index) { return lines_[index]; }
  const Line& line(u32 index) const { return lines_[index]; }
  LineKey key(u32 index) const { return tags_[index]; }
  bool holds(u32 index) const { return tags_[index] != kNoLine; }

  /// The line was used.
  void touch(u32 index) {
    recent_ = index;
    if (policy_ == Policy::Lru) {
      lines_[index].stamp = ++clock_;
    } else {
      touch_other(index);
    }
  }

  /// Where `key`, which is not here, goes: a way that holds nothing, or else one whose line must leave first.
  u32 place_for(LineKey key);
  /// Whatever the place held is gone. Counts as a first use. What the line's other members are is the caller's.
  Line& put(u32 index, LineKey key, State state) {
    tags_[index] = key;
    Line& line = lines_[index];
    line.state = state;
    line.prefetched = false;
    touch(index);
    if (policy_ == Policy::Srrip) line.stamp = kLate;
    return line;
  }
  void remove(u32 index) {
    tags_[index] = kNoLine;
    lines_[index].state = State::Invalid;
  }

  u32 sets() const { return set_mask_ + 1; }
  u32 ways() const { return ways_; }
  u32 size() const { return static_cast<u32>(tags_.size()); }

 private:
  u32 first_of(LineKey key) const { return (static_cast<u32>(key) & set_mask_) * ways_; }
  // SRRIP with two bits (Jaleel et al., ISCA 2010): a new line is expected back late, a line that was used at once.
  static constexpr u64 kAtOnce = 0, kLate = 2, kNever = 3;

  void touch_other(u32 index);
  u32 least_recent(u32 first) const;
  u32 tree_victim(u32 first) const;
  u32 distant(u32 first);

  std::vector<LineKey> tags_;
  std::vector<Line> lines_;
  std::vector<u64> trees_;  ///< PLRU: a set's tree of bits, node n's children are 2n and 2n + 1
  u32 set_mask_;
  u32 ways_;
  u32 recent_ = 0;
  Policy policy_;
  u64 clock_ = 0;
  XorShift64 random_;
};

}  // namespace tw::cache
