#include "vmsa/tlb/tlb.hpp"

#include <algorithm>

namespace tw::vmsa {
namespace {

/// `chosen(tag)` of this kind's entries in an array that others may share.
template <class Chosen>
void invalidate_kind(TagArray& tags, Counters& counters, Kind kind, Chosen chosen) {
  tags.invalidate(counters, [&](const Tag& tag) { return tag.context.kind() == kind && chosen(tag); });
}

Tag stage2_tag(Vmid vmid, Kind kind, Ipa ipa, u8 bits) {
  Tag tag;
  tag.context = ContextWord::of_stage2(vmid, kind);
  tag.bits = tag.reach_bits = bits;
  tag.page = ipa.value >> bits;
  return tag;
}

}  // namespace

// ---- Tlb

Tag leaf_tag(const Context& context, Va va, const Mapping& mapping, u8 most_bits) {
  Tag tag;
  tag.context = {context, mapping.stage1.global};
  tag.bits = std::min(mapping.page_bits(), most_bits);
  tag.page = va.value >> tag.bits;
  // A part of a stage-1 block goes when any address of the block is invalidated.
  tag.reach_bits = mapping.stage1.flat ? mapping.page_bits() : std::max(tag.bits, mapping.stage1.page_bits);
  tag.stage2_only = mapping.stage1.flat && context.stage2;
  return tag;
}

Tag stage2_leaf_tag(Vmid vmid, Ipa ipa, const Stage2Leaf& leaf) {
  return stage2_tag(vmid, Kind::Stage2Leaf, ipa, leaf.page_bits);
}

u32 Tlb::insert(const Context& context, Va va, const Mapping& mapping, const Fill& fill) {
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

void Tlb::invalidate(const Invalidate& what) {
  if (!concerns_leaves(what) && !concerns_stage2(what)) return;
  invalidate_kind(tags_, counters_, Kind::Leaf, [&](const Tag& tag) { return takes(what, tag); });
}

void Tlb::flush_guests() { invalidate_kind(tags_, counters_, Kind::Leaf, is_of_guests); }

void Tlb::flush_address_spaces() { invalidate_kind(tags_, counters_, Kind::Leaf, is_of_asid); }

TlbStatistics Tlb::statistics() const {
  TlbStatistics result = counters_.statistics();
  result.lookups += tags_.hits_by_handle();
  result.hits += tags_.hits_by_handle();
  return result;
}

// ---- IpaTlb

const Stage2Leaf* IpaTlb::lookup(Vmid vmid, Ipa ipa) {
  if (off()) return nullptr;
  const u32 line = tags_.lookup(ipa.value, ContextWord::of_stage2(vmid, Kind::Stage2Leaf), counters_);
  return line == TagArray::kNone ? nullptr : &leaves_[line];
}

void IpaTlb::insert(Vmid vmid, Ipa ipa, const Stage2Leaf& leaf) {
  if (off()) return;
  leaves_[tags_.insert(stage2_leaf_tag(vmid, ipa, leaf), counters_)] = leaf;
}

void IpaTlb::invalidate(const Invalidate& what) {
  if (!concerns_stage2(what)) return;
  invalidate_kind(tags_, counters_, Kind::Stage2Leaf, [&](const Tag& tag) { return takes(what, tag); });
}

void IpaTlb::flush_guests() { invalidate_kind(tags_, counters_, Kind::Stage2Leaf, is_of_guests); }

// ---- WalkCache

const TablePointer* WalkCache::lookup(const Context& context, Va va) {
  if (off()) return nullptr;
  const u32 line = tags_.lookup(va.value, {context, false, Kind::Stage1Table}, counters_);
  return line == TagArray::kNone ? nullptr : &tables_[line];
}

void WalkCache::insert(const Context& context, Va va, const TablePointer& table) {
  if (off()) return;
  Tag tag;
  tag.context = {context, false, Kind::Stage1Table};
  tag.bits = tag.reach_bits = table.region_bits;
  tag.page = va.value >> tag.bits;
  tables_[tags_.insert(tag, counters_)] = table;
}

void WalkCache::invalidate(const Invalidate& what) {
  if (!concerns_tables(what)) return;
  invalidate_kind(tags_, counters_, Kind::Stage1Table, [&](const Tag& tag) { return takes(what, tag); });
}

void WalkCache::flush_guests() { invalidate_kind(tags_, counters_, Kind::Stage1Table, is_of_guests); }

void WalkCache::flush_address_spaces() { invalidate_kind(tags_, counters_, Kind::Stage1Table, is_of_asid); }

// ---- Stage2WalkCache

const Stage2TablePointer* Stage2WalkCache::lookup(Vmid vmid, Ipa ipa) {
  if (off()) return nullptr;
  const u32 line = tags_.lookup(ipa.value, ContextWord::of_stage2(vmid, Kind::Stage2Table), counters_);
  return line == TagArray::kNone ? nullptr : &tables_[line];
}

void Stage2WalkCache::insert(Vmid vmid, Ipa ipa, const Stage2TablePointer& table) {
  if (off()) return;
  tables_[tags_.insert(stage2_tag(vmid, Kind::Stage2Table, ipa, table.region_bits), counters_)] = table;
}

void Stage2WalkCache::invalidate(const Invalidate& what) {
  if (!concerns_stage2_tables(what)) return;
  invalidate_kind(tags_, counters_, Kind::Stage2Table, [&](const Tag& tag) { return takes(what, tag); });
}

void Stage2WalkCache::flush_guests() { invalidate_kind(tags_, counters_, Kind::Stage2Table, is_of_guests); }

}  // namespace tw::vmsa
