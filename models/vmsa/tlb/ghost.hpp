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
#include <optional>
#include <string_view>
#include <vector>

#include "vmsa/tlb/tlb.hpp"

namespace tw::cost {
struct WalkRecord;
}

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
  bool has(u64 address, ContextWord context) const { return tags_.find(address, context) != TagArray::kNone; }
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

/// All ghosts of one MMU or SMMU, which tells them what it does.
class Ghosts final {
 public:
  /// Throws UserError when there can be none of this size; `like` and `called`: the real structure's shape and name.
  static void check(const GhostSpec& spec, const Shape& like, std::string_view called);
  void add(const GhostSpec& spec, const Shape& like) { of(spec.structure).emplace_back(spec, like); }
  std::vector<GhostResult> results() const;

  // ---- second level

  void look_up_second(Va va, ContextWord context) { look_up(Haunted::SecondLevel, va.value, context); }
  /// What the last look-up was for has come; `again`: where it has been, and did not do. Who walked for it also has the
  /// page at `behind`, whose `tag_of_page()` is asked for once at the most, and may be nothing.
  template <class TagOfPage>
  void fill_second(const Tag& tag, bool again, std::optional<Va> behind, ContextWord context, TagOfPage tag_of_page) {
    std::optional<Tag> tag_behind;
    bool asked = false;
    for (Ghost& ghost : of(Haunted::SecondLevel)) {
      const bool walked = ghost.missed() || again;
      ghost.fill(tag, again);
      if (!walked || !behind || ghost.has(behind->value, context)) continue;
      if (!asked) tag_behind = tag_of_page();
      asked = true;
      if (tag_behind) ghost.tags().insert(*tag_behind, ghost.counters);
    }
  }
  /// The page at `va` without a look-up, where it is not.
  template <class TagOfPage>
  void fill_ahead(Va va, ContextWord context, TagOfPage tag_of_page) {
    std::optional<Tag> tag;
    for (Ghost& ghost : of(Haunted::SecondLevel)) {
      if (ghost.has(va.value, context)) continue;
      if (!tag) tag = tag_of_page();
      if (!tag) return;
      ghost.tags().insert(*tag, ghost.counters);
    }
  }

  // ---- IPA cache

  /// The real one knew `known`, or did not.
  void look_up_stage2(Vmid vmid, Ipa ipa, const Stage2Leaf* known);
  /// After a look-up that did not do.
  void found_stage2(Vmid vmid, Ipa ipa, const Stage2Leaf& leaf);

  // ---- walk caches: a walk offers the tables that it goes through below the one that it begins at

  /// The real one knew `known`, or no table.
  void begin_walk(const Controls& controls, Va va, ContextWord context, const TablePointer* known);
  /// The real walk knows the table of this region, from its cache or by now.
  void passed(u8 region_bits) { deepest_ = std::min(deepest_, region_bits); }
  void end_walk(const Controls& controls, Regime regime);
  /// What the walk that has just ended took; `whole`: it was of all stages.
  void note_costs(const cost::WalkRecord& record, u64 cycles, bool whole = true);

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
  std::deque<Ghost>& of(Haunted structure) { return ghosts_[static_cast<unsigned>(structure)]; }
  void look_up(Haunted structure, u64 address, ContextWord context) {
    for (Ghost& ghost : of(structure)) ghost.look_up(address, context);
  }
  void fill_stage2(Vmid vmid, Ipa ipa, const Stage2Leaf& leaf, bool again);
  u64 estimate(const GhostResult& result) const;

  std::array<std::deque<Ghost>, 3> ghosts_;  // a TagArray does not move
  bool walking_ = false;
  Va va_{};
  ContextWord context_;
  u8 deepest_ = Ghost::kNoBits;
  bool table_known_ = false, stage2_known_ = false;  ///< by the real structures, in the last look-up of each
  /// What a miss costs on average: walks, stage-2 walks, and walks by whether a walk cache knew a table.
  struct Costs {
    Mean walks, stage2_walks, from_known_table, from_root;
  };
  Costs costs_;
};

}  // namespace tw::vmsa
