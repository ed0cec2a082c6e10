#include "vmsa/tlb/tlb.hpp"

#include <algorithm>

namespace tw::vmsa {
namespace {

bool concerns(const Invalidate& what, Kind kind) {
  switch (kind) {
    case Kind::Leaf:
      return concerns_leaves(what) || concerns_stage2(what);
    case Kind::Stage1Table:
      return concerns_tables(what);
    case Kind::Stage2Leaf:
      return concerns_stage2(what);
    case Kind::Stage2Table:
      break;
  }
  return concerns_stage2_tables(what);
}

ContextWord word_of(ContextWord context, Kind kind) { return context.of_kind(kind); }
ContextWord word_of(Vmid vmid, Kind kind) { return ContextWord::of_stage2(vmid, kind); }

template <class Table>
u8 size_of(const Table& table) {
  return table.region_bits;
}
u8 size_of(const Stage2Leaf& leaf) { return leaf.page_bits; }

template <class Space, class Address, class Entry>
Tag tag_of(const Space& space, Kind kind, Address at, const Entry& entry) {
  Tag tag;
  tag.context = word_of(space, kind);
  tag.bits = tag.reach_bits = size_of(entry);
  tag.page = at.value >> tag.bits;
  return tag;
}

}  // namespace

template <class Chosen>
void Structure::drop(Chosen chosen) {
  tags_.invalidate(counters_, [&](const Tag& tag) { return tag.context.kind() == kind_ && chosen(tag); });
}

void Structure::invalidate(const Invalidate& what) {
  if (!concerns(what, kind_)) return;
  drop([&](const Tag& tag) { return takes(what, tag); });
}

void Structure::flush_guests() { drop(is_of_guests); }

void Structure::flush_address_spaces() { drop(is_of_asid); }

// ---- Tlb

Tag leaf_tag(ContextWord context, Va va, const Mapping& mapping, u8 most_bits) {
  Tag tag;
  tag.context = context.with_global(mapping.stage1.global);
  tag.bits = std::min(mapping.page_bits(), most_bits);
  tag.page = va.value >> tag.bits;
  // A part of a stage-1 block goes when any address of the block is invalidated.
  tag.reach_bits = mapping.stage1.flat ? mapping.page_bits() : std::max(tag.bits, mapping.stage1.page_bits);
  tag.stage2_only = mapping.stage1.flat && context.is_of_guest();
  return tag;
}

Tag stage2_leaf_tag(Vmid vmid, Ipa ipa, const Stage2Leaf& leaf) { return tag_of(vmid, Kind::Stage2Leaf, ipa, leaf); }

u32 Tlb::insert(ContextWord context, Va va, const Mapping& mapping, const Fill& fill) {
  if (off()) return TagArray::kNone;
  const Tag tag = leaf_tag(context, va, mapping, most_bits_);
  const u32 line = tags_.insert(tag, counters_);
  mappings_[line] = mapping;
  fills_[line] = fill;
  last_ready_ = std::max(last_ready_, fill.ready);
  return line;
}

void Tlb::give_way(ContextWord context, Va va) {
  if (const u32 line = find(context, va); line != TagArray::kNone) tags_.drop(line);
}

TlbStatistics Tlb::statistics() const {
  TlbStatistics result = counters_.statistics();
  result.lookups += tags_.hits_by_handle();
  result.hits += tags_.hits_by_handle();
  return result;
}

// ---- WalkStructure

template <class Space, class Address, class Entry, Kind kKind>
const Entry* WalkStructure<Space, Address, Entry, kKind>::lookup(Space space, Address at) {
  if (off()) return nullptr;
  const u32 line = tags_.lookup(at.value, word_of(space, kKind), counters_);
  return line == TagArray::kNone ? nullptr : &entries_[line];
}

template <class Space, class Address, class Entry, Kind kKind>
void WalkStructure<Space, Address, Entry, kKind>::insert(Space space, Address at, const Entry& entry) {
  if (off()) return;
  entries_[tags_.insert(tag_of(space, kKind, at, entry), counters_)] = entry;
}

template class WalkStructure<ContextWord, Va, TablePointer, Kind::Stage1Table>;
template class WalkStructure<Vmid, Ipa, Stage2TablePointer, Kind::Stage2Table>;
template class WalkStructure<Vmid, Ipa, Stage2Leaf, Kind::Stage2Leaf>;

}  // namespace tw::vmsa
