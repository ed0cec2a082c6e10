// The structures of the MMU, each in an array of its own or in another's. A Tlb holds stage-1 or combined translations
// by VA, a Stage1WalkCache pointers to stage-1 tables by VA, a Stage2WalkCache those to stage-2 tables by IPA, an
// IpaTlb stage-2 leaves by IPA. Lookups and misses are counted here; time is charged by the Mmu.
#pragma once

#include "vmsa/mapping.hpp"
#include "vmsa/tlb/tag_array.hpp"
#include "vmsa/walk_assist.hpp"

namespace tw::vmsa {

/// When an entry comes in, in the core's cycles: what asks for it earlier waits for the rest.
struct Fill {
  u64 begun = 0;
  u64 ready = 0;
  /// How long who comes at `now` waits for it. Who comes late in host order, but before the fill in time would have
  /// begun it: the fill is then its own.
  u64 wait(u64 now) {
    if (now >= ready) return 0;
    if (now < begun) *this = {now, now + (ready - begun)};
    return ready - now;
  }
};

/// Of an entry around `va`, of `1 << most_bits` bytes at most.
Tag leaf_tag(ContextWord context, Va va, const Mapping& mapping, u8 most_bits);
Tag stage2_leaf_tag(Vmid vmid, Ipa ipa, const Stage2Leaf& leaf);

/// The entries of one kind in an array that others may share.
class Structure {
 public:
  /// Entries cover `1 << most_bits` bytes at most.
  Structure(TagArray& tags, Kind kind, u8 most_bits = 64) : tags_(tags), kind_(kind), most_bits_(most_bits) {}

  bool off() const { return tags_.off(); }
  void invalidate(const Invalidate& what);
  /// All Non-secure EL1&0 entries: a new VMID without VMID tags.
  void flush_guests();
  /// All EL1&0 entries of one address space: a new ASID without ASID tags.
  void flush_address_spaces();
  Counters& counters() { return counters_; }
  TlbStatistics statistics() const { return counters_.statistics(); }

 protected:
  TagArray& tags_;
  const Kind kind_;
  const u8 most_bits_;
  Counters counters_;

 private:
  template <class Chosen>
  void drop(Chosen chosen);
};

class Tlb final : public Structure {
 public:
  explicit Tlb(TagArray& tags, u8 most_bits = 64) : Structure(tags, Kind::Leaf, most_bits) {
    mappings_.resize(tags.entries());
    fills_.resize(tags.entries());
  }

  /// `va` canonical. A line, or TagArray::kNone.
  u32 lookup(ContextWord context, Va va) {
    return off() ? TagArray::kNone : tags_.lookup(va.value, context, counters_);
  }
  /// The same without a trace.
  u32 find(ContextWord context, Va va) const { return off() ? TagArray::kNone : tags_.find(va.value, context); }
  const Mapping& mapping(u32 line) const { return mappings_[line]; }
  /// What hits of `line` are remembered by. Whatever comes later finds it ready, also what is from before in time: with
  /// a handle and without.
  ResidenceHandle handle(u32 line) {
    fills_[line] = {};
    return tags_.handle(line);
  }
  /// How long an access at `now` waits for `line`.
  u64 wait(u32 line, u64 now) {
    if (now >= last_ready_) [[likely]]
      return 0;
    return fills_[line].wait(now);
  }
  /// The entry covers the smaller of the two stages' pages around `va`. The line, or kNone when the structure is off.
  u32 insert(ContextWord context, Va va, const Mapping& mapping, const Fill& fill);
  /// What serves `va` gives its place to the entry that comes next, whatever that one's size.
  void give_way(ContextWord context, Va va);
  /// With the hits through handles.
  TlbStatistics statistics() const;
  u64 lookups() const { return counters_.lookups + tags_.hits_by_handle(); }
  u64 insertions() const { return counters_.insertions; }

 private:
  std::vector<Mapping> mappings_;
  std::vector<Fill> fills_;
  u64 last_ready_ = 0;
};

/// What walks have found on their way, for the walks that come after: entries by `Address` in a `Space`.
template <class Space, class Address, class Entry, Kind kKind>
class WalkStructure final : public Structure {
 public:
  explicit WalkStructure(TagArray& tags) : Structure(tags, kKind), entries_(tags.entries()) {}

  /// Of the smallest page or region, or nullptr.
  const Entry* lookup(Space space, Address at);
  void insert(Space space, Address at, const Entry& entry);

 private:
  std::vector<Entry> entries_;
};

using Stage1WalkCache = WalkStructure<ContextWord, Va, TablePointer, Kind::Stage1Table>;
using Stage2WalkCache = WalkStructure<Vmid, Ipa, Stage2TablePointer, Kind::Stage2Table>;
using IpaTlb = WalkStructure<Vmid, Ipa, Stage2Leaf, Kind::Stage2Leaf>;

}  // namespace tw::vmsa
