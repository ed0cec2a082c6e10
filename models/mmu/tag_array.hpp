// Sets and ways: what all structures of the MMU are made of. A line is known here by its tag alone; what it holds is
// with the owner of the array, by the same number.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "mmu/replacement.hpp"
#include "mmu/tags.hpp"
#include "vmsa/residence.hpp"

namespace tw::mmu {

/// Of one line. `bits` is the size of what it covers.
struct Tag {
  ContextWord context;
  u64 page = 0;  ///< address >> bits
  u8 bits = 12;
  u8 reach_bits = 12;  ///< an invalidation of any address in this range takes the line: the stage-1 block it is part of
  bool stage2_only = false;  ///< made with stage 1 off: the address is an IPA
};

struct Shape {
  u64 entries = 0;
  u64 ways = 0;  ///< 0: fully associative
  Policy policy = Policy::Lru;
  u64 seed = 1;
};

class TagArray final {
 public:
  static constexpr u32 kNone = ~u32{0};

  explicit TagArray(const Shape& shape);
  // Handles point into it.
  TagArray(const TagArray&) = delete;
  TagArray& operator=(const TagArray&) = delete;

  bool off() const { return entries_ == 0; }
  u64 entries() const { return entries_; }

  /// The line that serves `address` in `context`, the smallest first, which becomes the most recent one. Counted.
  u32 lookup(u64 address, ContextWord context) {
    ++lookups_;
    const u32 line = find(address, context);
    if (line == kNone) return kNone;
    ++hits_;
    use(line);
    return line;
  }
  /// The same without a trace.
  u32 find(u64 address, ContextWord context) const {
    for (u64 sizes = live_sizes_; sizes != 0; sizes &= sizes - 1) {
      const u32 line = find_size(address, context, static_cast<unsigned>(__builtin_ctzll(sizes)));
      if (line != kNone) return line;
    }
    return kNone;
  }
  /// Only lines of this size.
  u32 find_size(u64 address, ContextWord context, unsigned bits) const;

  /// The line in which `tag` is now: of one that has served it (the same page), an invalid one, or a victim.
  u32 insert(const Tag& tag);
  /// A line that gives way to what follows; no invalidation, and not counted.
  void drop(u32 line);

  template <class Matches>
  void invalidate(Matches matches) {
    if (off()) return;
    ++invalidations_;
    if (live_ == 0) return;
    for (u32 line = 0; line < entries_; ++line) {
      if (keys_[line].key == kInvalid || !matches(tag(line))) continue;
      drop(line);
      ++entries_invalidated_;
    }
  }
  /// Empties it; not counted.
  void clear();

  Tag tag(u32 line) const;
  bool valid(u32 line) const { return keys_[line].key != kInvalid; }
  vmsa::ResidenceHandle handle(u32 line) { return {&uses_[line], uses_[line].generation}; }

  TlbStatistics statistics() const;
  void clear_statistics();
  u64 lookups() const { return lookups_ + clock_.hits; }
  u64 insertions() const { return insertions_; }

 private:
  /// What a look-up compares.
  struct Key {
    u64 key;
    ContextWord context;
  };
  struct Cold {
    u8 reach_bits;
    bool stage2_only;
  };
  static constexpr u64 kInvalid = ~u64{0};
  static constexpr u64 key_of(u64 page, unsigned bits) { return page << 6 | bits; }
  static constexpr u64 kScannedWays = 8;  ///< longer sets are looked up by hash

  u64 set_of(u64 page) const { return power_of_two_ ? page & (sets_ - 1) : page % sets_; }
  u32& bucket(u64 key) { return buckets_[(key * 0x9E3779B97F4A7C15u) >> bucket_shift_]; }
  u32 bucket(u64 key) const { return buckets_[(key * 0x9E3779B97F4A7C15u) >> bucket_shift_]; }
  void use(u32 line) {
    uses_[line].stamp = ++clock_.now;
    if (policy_ == Policy::Plru) recent_.use(line / ways_, line % ways_);
  }
  u32 victim(u64 set);
  u32 oldest(u64 set) const;
  void part_from_handles(const Tag& tag);
  void link(u32 line);
  void unlink(u32 line);
  void count_eviction(ContextWord victim, ContextWord evictor);

  u64 entries_;
  u64 ways_;
  u64 sets_;
  bool power_of_two_;
  bool hashed_;
  Policy policy_;
  Random random_;
  RecentBits recent_;
  std::vector<Key> keys_;
  std::vector<vmsa::Residence> uses_;
  std::vector<Cold> cold_;
  std::vector<u64> arrivals_;  ///< of FIFO
  std::vector<u32> buckets_, next_;
  unsigned bucket_shift_ = 63;
  vmsa::ResidenceClock clock_;
  u64 live_ = 0;
  u64 live_sizes_ = 0;
  std::array<u32, 64> live_of_size_{};

  u64 lookups_ = 0, hits_ = 0, insertions_ = 0, evictions_ = 0, invalidations_ = 0, entries_invalidated_ = 0;
  struct EvictionRow {
    Owner victim, evictor;
    u64 count = 0;
  };
  std::array<EvictionRow, 8> eviction_rows_{};  ///< the first pairs of owners that are met; the others are in the map
  std::map<std::pair<Owner, Owner>, u64> more_evictions_;
};

}  // namespace tw::mmu
