// The snoop filter of a cluster: which cores hold a line in their own data caches. With limited room it must know of
// every line that they hold, so an entry that gives way takes the copies with it.
#pragma once

#include "cache/tag_array.hpp"

namespace tw::cache {

class Directory final {
 public:
  /// 0 entries: off; the caches' own tags are asked (duplicate tags).
  Directory(u64 entries, u64 ways)
      : tags_(entries == 0 ? 1 : entries / ways, entries == 0 ? 1 : ways, Policy::Lru, 0),
        cores_(tags_.size()),
        off_(entries == 0) {}

  bool off() const { return off_; }
  /// One bit a core.
  u64 cores(LineKey key) const {
    const u32 i = tags_.find(key);
    return i == TagArray::kAbsent ? 0 : cores_[i];
  }

  struct Displaced {
    LineKey key = kNoLine;
    u64 cores = 0;
  };
  /// `core` holds the line now. The answer is an entry that gave way, if any.
  Displaced add(LineKey key, unsigned core) {
    Displaced displaced;
    u32 i = tags_.find(key);
    if (i == TagArray::kAbsent) {
      i = tags_.place_for(key);
      if (tags_.holds(i)) displaced = {tags_.key(i), cores_[i]};
      tags_.put(i, key, State::Shared);
      cores_[i] = 0;
    } else {
      tags_.touch(i);
    }
    cores_[i] |= u64{1} << core;
    return displaced;
  }
  void remove(LineKey key, unsigned core) {
    const u32 i = tags_.find(key);
    if (i == TagArray::kAbsent) return;
    cores_[i] &= ~(u64{1} << core);
    if (cores_[i] == 0) tags_.remove(i);
  }

 private:
  TagArray tags_;
  std::vector<u64> cores_;
  bool off_;
};

}  // namespace tw::cache
