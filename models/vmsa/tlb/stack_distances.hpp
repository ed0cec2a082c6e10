// The misses of every LRU TLB at once, of one pass over the references: for each number of sets, how deep in the LRU
// stack of its set a page is found (Mattson et al., IBM Systems Journal 1970; Hill and Smith, IEEE ToC 1989). A TLB of
// that many sets and W ways hits exactly the references that find their page less than W deep.
//
// For translations of one size that fill the TLB when they miss and that nothing invalidates; where they do more,
// ghosts (ghost.hpp) are exact and stack distances are not.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "vmsa/tlb/long_stacks.hpp"
#include "vmsa/tlb/short_stacks.hpp"
#include "vmsa/tlb/tags.hpp"

namespace tw::vmsa {

class StackDistances final {
 public:
  struct Spec {
    u64 most_entries = 4096;           ///< of the largest TLB
    std::vector<u64> set_counts = {};  ///< ascending, not zero; none: 1, 2, 4 ... most_entries
    u64 times = u64{1} << 31;          ///< uses, until the times of last uses are numbered anew; 2^31 at most
  };
  explicit StackDistances(const Spec& spec);

  /// Whose references are counted apart, in TLBs that all parts share. There is one from the beginning, 0.
  u32 add_part();

  /// `page`: of any size, as a number. The context must be equal to hit: there are no global pages here.
  struct Reference {
    ContextWord context;
    u64 page = 0;
    u32 part = 0;
  };
  /// Faster than one by one: what is needed for later ones is on its way from memory.
  void reference(std::span<const Reference> references);
  void reference(ContextWord context, u64 page) {
    const Reference one{context, page};
    reference({&one, 1});
  }

  u64 references() const { return references_; }
  /// Pages of all contexts: what no TLB hits.
  u64 pages() const { return pages_; }
  const std::vector<u64>& set_counts() const { return set_counts_; }
  /// Of the deepest TLB with `sets` sets that is counted; 0 for a number of sets that is not.
  u64 most_ways(u64 sets) const;
  /// Of a TLB of `sets` sets and `ways` ways, or nothing when it is not among those counted.
  std::optional<u64> misses(u64 sets, u64 ways) const;
  std::optional<u64> misses(u64 sets, u64 ways, u32 part) const;

 private:
  struct Slot {
    u64 context, page;
    u32 id;
  };
  static constexpr u32 kFree = ~u32{0};
  static constexpr std::size_t kBatch = 32;  ///< references whose pages are looked for at once
  struct Wanted {
    u64 context, page, hash;
    u32 part;
  };
  void look(std::span<const Wanted> batch);
  void use(u32 id, u64 page, u32 part);
  u32 id_of(const Wanted& wanted);
  void grow();
  void renumber();
  u64 hash_of(u64 context, u64 page);

  std::vector<u64> set_counts_;
  std::vector<LongStacks> long_;    ///< of the first numbers of sets
  std::vector<ShortStacks> short_;  ///< of the others
  /// By part and number of sets, references by depth; the last: deeper, or never before.
  std::vector<std::vector<u64>> depths_;
  std::size_t stride_;  ///< of `page_state_`: the last use, and a place in each of `long_`
  std::vector<u32> page_state_;
  std::vector<Slot> slots_;
  u64 references_ = 0, pages_ = 0;
  u64 last_context_ = 0, last_page_ = 0;
  u64 hashed_context_ = 0, context_hash_;
  u64 now_ = 0, times_;
};

}  // namespace tw::vmsa
