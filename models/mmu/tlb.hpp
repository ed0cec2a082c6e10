// The structures of the MMU. A Tlb holds stage-1 or combined translations by VA, an IpaTlb stage-2 leaves by IPA, a
// WalkCache pointers to stage-1 tables by VA. Lookups and misses are counted here; time is charged by the Mmu.
#pragma once

#include "mmu/tag_array.hpp"
#include "vmsa/mapping.hpp"
#include "vmsa/walk_assist.hpp"

namespace tw::mmu {

class Tlb final {
 public:
  explicit Tlb(const Shape& shape) : tags(shape), mappings_(shape.entries) {}

  bool off() const { return tags.off(); }
  /// `va` canonical. A line, or TagArray::kNone.
  u32 lookup(ContextWord context, Va va) { return off() ? TagArray::kNone : tags.lookup(va.value, context); }
  const vmsa::Mapping& mapping(u32 line) const { return mappings_[line]; }
  /// What hits of `line` are remembered by.
  vmsa::ResidenceHandle handle(u32 line) { return tags.handle(line); }
  /// The entry covers the smaller of the two stages' pages around `va`. It is there for good: the line, or kNone when
  /// the structure is off.
  u32 insert(const Context& context, Va va, const vmsa::Mapping& mapping);
  /// What serves `va` gives its place to the entry that comes next, whatever that one's size.
  void give_way(ContextWord context, Va va);
  void invalidate(const vmsa::Invalidate& what);
  /// All Non-secure EL1&0 entries: a new VMID without VMID tags.
  void flush_guests();

  TagArray tags;

 private:
  /// IPAS2E1 on entries that hold nothing of stage 1: it was off, and their VA is the IPA.
  void invalidate_stage2_only(const vmsa::Invalidate& what);

  std::vector<vmsa::Mapping> mappings_;
};

class IpaTlb final {
 public:
  explicit IpaTlb(const Shape& shape) : tags(shape), leaves_(shape.entries) {}

  bool off() const { return tags.off(); }
  const vmsa::Stage2Leaf* lookup(Vmid vmid, Ipa ipa);
  void insert(Vmid vmid, Ipa ipa, const vmsa::Stage2Leaf& leaf);
  void invalidate(const vmsa::Invalidate& what);
  void flush_guests();

  TagArray tags;

 private:
  std::vector<vmsa::Stage2Leaf> leaves_;
};

class WalkCache final {
 public:
  explicit WalkCache(const Shape& shape) : tags(shape), tables_(shape.entries) {}

  bool off() const { return tags.off(); }
  /// The deepest table that is known: the one of the smallest region.
  const vmsa::TablePointer* lookup(const Context& context, Va va);
  void insert(const Context& context, Va va, const vmsa::TablePointer& table);
  void invalidate(const vmsa::Invalidate& what);
  void flush_guests();

  TagArray tags;

 private:
  std::vector<vmsa::TablePointer> tables_;
};

}  // namespace tw::mmu
