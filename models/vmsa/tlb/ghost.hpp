// Structures that are not there: what a second-level TLB, a walk cache or an IPA cache of another size would have
// missed. A ghost sees what the real structure sees, has tags of its own, and disturbs nothing.
//
// Stack distances would serve all sizes of one set count at once, but not exactly: a hit whose access then faults
// freshens the entry where it is, and where it is not brings none in, so a smaller structure is no part of a larger
// one. Each size therefore has its tags, in the array that the real structures use, for every policy.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>

#include "vmsa/tlb/tag_array.hpp"

namespace tw::vmsa {

enum class Haunted : u8 { SecondLevel, WalkCache, IpaCache };
inline constexpr std::string_view kHauntedNames[] = {"tlb.l2", "walk_cache", "ipa"};
constexpr std::string_view name(Haunted what) { return kHauntedNames[static_cast<unsigned>(what)]; }

struct GhostSpec {
  Haunted structure = Haunted::SecondLevel;
  u64 entries = 0;
  u64 ways = 0;  ///< 0: fully associative
  bool operator==(const GhostSpec&) const = default;
};

struct GhostResult {
  GhostSpec spec;
  u64 lookups = 0;
  u64 misses = 0;
  u64 estimated_cycles = 0;  ///< what the misses would cost at what one has cost on average in this run
};

/// What a miss costs on average.
struct Mean {
  u64 cycles = 0, count = 0;
  void add(u64 more) {
    cycles += more;
    ++count;
  }
  u64 times(u64 n) const {
    return count == 0
               ? 0
               : static_cast<u64>(static_cast<double>(cycles) / static_cast<double>(count) * static_cast<double>(n));
  }
};

class Ghost final {
 public:
  /// `like` the real structure but for its size.
  Ghost(const GhostSpec& spec, Shape like);

  const GhostSpec& spec() const { return spec_; }
  TagArray& tags() { return tags_; }
  const TagArray& tags() const { return tags_; }
  Counters counters;

  /// Counted as by the real one.
  void look_up(u64 address, ContextWord context) {
    const u32 line = tags_.lookup(address, context, counters);
    missed_ = line == TagArray::kNone;
    hit_bits_ = missed_ ? kNoBits : tags_.bits(line);
  }
  /// Of the last look-up.
  bool missed() const { return missed_; }
  u8 hit_bits() const { return hit_bits_; }
  /// What the last look-up was for has come; `again`: where it has been as well.
  void fill(const Tag& tag, bool again) {
    if (!missed_ && !again) return;
    tags_.insert(tag, counters);
    missed_ = false;
  }

  static constexpr u8 kNoBits = 64;

 private:
  GhostSpec spec_;
  TagArray tags_;
  bool missed_ = false;
  u8 hit_bits_ = kNoBits;
};

/// All ghosts of one MMU, by what they haunt.
class Ghosts final {
 public:
  void add(const GhostSpec& spec, const Shape& like) { of(spec.structure).emplace_back(spec, like); }
  std::deque<Ghost>& of(Haunted structure) { return ghosts_[static_cast<unsigned>(structure)]; }
  const std::deque<Ghost>& of(Haunted structure) const { return ghosts_[static_cast<unsigned>(structure)]; }

  void look_up(Haunted structure, u64 address, ContextWord context) {
    for (Ghost& ghost : of(structure)) ghost.look_up(address, context);
  }
  void fill(Haunted structure, const Tag& tag, bool again) {
    for (Ghost& ghost : of(structure)) ghost.fill(tag, again);
  }

  // ---- walk caches: a walk offers the tables that it goes through below the one that it begins at

  void begin_walk(u64 va, ContextWord context);
  /// The real walk knows the table of this region, from its cache or by now.
  void passed(u8 region_bits) { deepest_ = std::min(deepest_, region_bits); }
  /// `regions`: of all tables below the root, in the order of a whole walk; those not below the deepest that was passed
  /// count.
  template <class Regions>
  void end_walk(const Regions& regions) {
    if (!walking_) return;
    walking_ = false;
    for (Ghost& ghost : of(Haunted::WalkCache)) {
      for (const u8 bits : regions) {
        if (bits < deepest_ || bits >= ghost.hit_bits()) continue;
        Tag tag;
        tag.context = context_;
        tag.bits = tag.reach_bits = bits;
        tag.page = va_ >> bits;
        ghost.tags().insert(tag, ghost.counters);
      }
    }
  }

  void invalidate(const Invalidate& what);
  template <class Takes>
  void flush(Takes takes) {
    for (auto& ghosts : ghosts_) {
      for (Ghost& ghost : ghosts) ghost.tags().invalidate(ghost.counters, takes);
    }
  }
  void clear();
  void clear_statistics();

 private:
  std::array<std::deque<Ghost>, 3> ghosts_;  // a TagArray does not move
  bool walking_ = false;
  u64 va_ = 0;
  ContextWord context_;
  u8 deepest_ = Ghost::kNoBits;
};

}  // namespace tw::vmsa
