// The misses of every LRU TLB at once, of one pass over the references: for each number of sets, how deep in the LRU
// stack of its set a page is found (Mattson et al., IBM Systems Journal 1970; Hill and Smith, IEEE ToC 1989). A TLB of
// that many sets and W ways hits exactly the references that find their page less than W deep.
//
// For translations of one size that fill the TLB when they miss and that nothing invalidates; where they do more,
// ghosts (ghost.hpp) are exact and stack distances are not.
#pragma once

#include <optional>
#include <vector>

#include "vmsa/tlb/tags.hpp"

namespace tw::vmsa {

/// The LRU stacks of all sets of one number of sets, as deep as asked for. The time of its last use in its set is a
/// page's place; how many places behind it are taken is its depth.
class SetStacks final {
 public:
  using Page = u32;
  static constexpr u32 kNowhere = ~u32{0};

  SetStacks(u64 sets, u64 ways);

  u64 sets() const { return sets_; }
  u64 ways() const { return ways_; }
  /// Uses `page`, of page number `number`; `places[page * stride]` is its place here. Its depth before, `ways()` when
  /// it was not in the stack.
  u64 use(Page page, u64 number, u32* places, std::size_t stride);

 private:
  struct Set {
    u32 now = 0;     ///< the next place
    u32 live = 0;    ///< places that are taken
    u32 oldest = 0;  ///< no place in a word before this one is
  };
  u64 set_of(u64 number) const { return power_of_two_ ? number & (sets_ - 1) : number % sets_; }
  u64 deeper_than(u64 set, u32 place) const;
  void take(u64 set, u32 place);
  void leave(u64 set, u32 place);
  u32 oldest(u64 set);
  void compact(u64 set, u32* places, std::size_t stride);

  u64 sets_, ways_;
  bool power_of_two_;
  u64 set_places_;  ///< twice the ways at least
  u64 set_words_;
  std::vector<Set> sets_state_;
  std::vector<Page> owners_;  ///< by place
  std::vector<u64> taken_;    ///< a bit a place
  std::vector<u32> fenwick_;  ///< of the bits by word, where a set has several words
};

class StackDistances final {
 public:
  struct Spec {
    u64 most_entries = 4096;           ///< of the largest TLB
    std::vector<u64> set_counts = {};  ///< ascending, not zero; none: 1, 2, 4 ... most_entries
  };
  explicit StackDistances(const Spec& spec);

  /// `page`: of any size, as a number. The context must be equal to hit: there are no global pages here.
  void reference(ContextWord context, u64 page) {
    const bool first = references_++ == 0;
    if (!first && page == last_page_ && context.word() == last_context_) return;  // on top of all stacks
    look(context.word(), page);
  }

  u64 references() const { return references_; }
  /// Pages of all contexts: what no TLB hits.
  u64 pages() const { return pages_; }
  const std::vector<u64>& set_counts() const { return set_counts_; }
  /// Of the deepest TLB with `sets` sets that is counted; 0 for a number of sets that is not.
  u64 most_ways(u64 sets) const;
  /// Of a TLB of `sets` sets and `ways` ways, or nothing when it is not among those counted.
  std::optional<u64> misses(u64 sets, u64 ways) const;

 private:
  struct Slot {
    u64 context, page;
    u32 id;
  };
  static constexpr u32 kFree = ~u32{0};
  void look(u64 context, u64 page);
  u32 id_of(u64 context, u64 page);
  void grow();
  static u64 slot_of(u64 context, u64 page);

  std::vector<u64> set_counts_;
  std::vector<SetStacks> stacks_;
  std::vector<int> coarser_;              ///< a number of sets that divides this one; -1: none
  std::vector<std::vector<u64>> depths_;  ///< references by depth; the last: deeper, or never before
  std::vector<u8> on_top_;
  std::vector<u32> places_;  ///< by page, then by number of sets
  std::vector<Slot> slots_;
  u64 references_ = 0, pages_ = 0;
  u64 last_context_ = 0, last_page_ = 0;
};

}  // namespace tw::vmsa
