// Where branches go: the branch target buffer, the return stack, and the predictor of indirect branches.
#pragma once

#include <vector>

#include "base/types.hpp"

namespace tw::cpu::branch {

/// A branch in its context. Contexts are numbers below 4096; instruction addresses have 53 bits and their sign, so that
/// 52 bits tell all words apart.
inline u64 key_of(u64 pc, u64 context) { return (pc >> 2 & ((u64{1} << 52) - 1)) | context << 52; }

/// Set-associative, tagged by the whole key. A set is kept in the order of use, which is exact LRU and finds a branch
/// that comes again at once.
class TargetBuffer final {
 public:
  struct Found {
    bool hit = false;
    u64 target = 0;  ///< where the branch went last
  };
  /// `sets` is a power of two; no ways: no buffer.
  TargetBuffer(u64 sets, u64 ways) : ways_(ways), mask_(sets - 1), entries_(sets * ways) {}

  /// Looks `key` up and remembers that it goes to `target`.
  Found access(u64 key, u64 target) {
    if (ways_ == 0) return {};
    Entry* const set = entries_.data() + (key & mask_) * ways_;
    u64 way = 0;
    while (way + 1 < ways_ && set[way].key != key) ++way;
    const Found found{set[way].key == key, set[way].target};
    for (; way != 0; --way) set[way] = set[way - 1];
    set[0] = {key, target};
    return found;
  }
  void flush() { entries_.assign(entries_.size(), Entry{}); }

 private:
  struct Entry {
    u64 key = ~u64{0};
    u64 target = 0;
  };
  u64 ways_, mask_;
  std::vector<Entry> entries_;
};

/// A ring: a call too many overwrites the oldest return.
class ReturnStack final {
 public:
  explicit ReturnStack(u64 depth) : entries_(depth) {}
  void push(u64 address, u64 context) {
    if (entries_.empty()) return;
    top_ = top_ + 1 == entries_.size() ? 0 : top_ + 1;
    entries_[top_] = {address, context};
    if (count_ < entries_.size()) ++count_;
  }
  /// Whether the top was `address`, and of this context.
  bool pop(u64 address, u64 context) {
    if (count_ == 0) return false;
    const Entry entry = entries_[top_];
    top_ = top_ == 0 ? entries_.size() - 1 : top_ - 1;
    --count_;
    return entry.address == address && entry.context == context;
  }
  bool exists() const { return !entries_.empty(); }
  void flush() { count_ = 0; }

 private:
  struct Entry {
    u64 address = 0, context = 0;
  };
  std::vector<Entry> entries_;
  u64 top_ = 0, count_ = 0;
};

/// Targets by branch and by the targets of the indirect branches before it; one table with tags and hysteresis.
class IndirectPredictor final {
 public:
  /// `entries` is a power of two, or none.
  IndirectPredictor(u64 entries, u64 history)
      : history_mask_((u64{1} << (kBitsATarget * history)) - 1), mask_(entries - 1), entries_(entries) {}

  struct Found {
    bool hit = false;
    u64 target = 0;
  };
  Found train(u64 key, u64 target) {
    if (entries_.empty()) return {};
    const u64 mixed = mix(key ^ history_ << 20 ^ history_ * 0x9E37'79B9);
    Entry& entry = entries_[mixed & mask_];
    const u64 tag = mixed >> 32 | 1;
    Found found;
    if (entry.tag == tag) {
      found = {true, entry.target};
      if (entry.target == target) {
        if (entry.confidence < 3) ++entry.confidence;
      } else if (entry.confidence > 0) {
        --entry.confidence;
      } else {
        entry.target = target;
      }
    } else if (entry.confidence > 0) {
      --entry.confidence;
    } else {
      entry = {tag, target, 0};
    }
    history_ = (history_ << kBitsATarget ^ mix(target) >> 59) & history_mask_;
    return found;
  }
  void flush() {
    entries_.assign(entries_.size(), Entry{});
    history_ = 0;
  }

 private:
  static constexpr unsigned kBitsATarget = 5;
  struct Entry {
    u64 tag = 0;
    u64 target = 0;
    u64 confidence = 0;
  };
  static u64 mix(u64 value) {
    value *= 0x9E37'79B9'7F4A'7C15;
    return value ^ value >> 29;
  }
  u64 history_mask_, mask_, history_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace tw::cpu::branch
