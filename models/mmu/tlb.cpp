#include "mmu/tlb.hpp"

namespace tw::mmu {
namespace {

bool is_guest_regime(const Context& context) { return context.regime == vmsa::Regime::El10 && !context.secure; }

}  // namespace

// ---- Tlb

u32 Tlb::insert(const Context& context, Va va, const vmsa::Mapping& mapping) {
  if (off()) return TagArray::kNone;
  Tag tag;
  tag.context = {context, mapping.stage1.global};
  tag.bits = mapping.page_bits();
  tag.page = va.value >> tag.bits;
  // A part of a stage-1 block goes when any address of the block is invalidated.
  tag.reach_bits = mapping.stage1.flat ? tag.bits : std::max(tag.bits, mapping.stage1.page_bits);
  tag.stage2_only = mapping.stage1.flat && context.stage2;
  const u32 line = tags.insert(tag);
  mappings_[line] = mapping;
  return line;
}

void Tlb::give_way(ContextWord context, Va va) {
  if (off()) return;
  if (const u32 line = tags.find(va.value, context); line != TagArray::kNone) tags.drop(line);
}

void Tlb::invalidate(const vmsa::Invalidate& what) {
  if (!concerns_leaves(what)) {
    if (concerns_stage2(what)) invalidate_stage2_only(what);
    return;
  }
  tags.invalidate([&](const Tag& tag) {
    return matches(what, {tag.context.context(), tag.context.global(), tag.page << tag.bits, tag.reach_bits});
  });
}

void Tlb::invalidate_stage2_only(const vmsa::Invalidate& what) {
  tags.invalidate([&](const Tag& tag) {
    return tag.stage2_only && matches_stage2(what, tag.context.vmid(), Ipa{tag.page << tag.bits}, tag.bits);
  });
}

void Tlb::flush_guests() {
  tags.invalidate([](const Tag& tag) { return is_guest_regime(tag.context.context()); });
}

// ---- IpaTlb

const vmsa::Stage2Leaf* IpaTlb::lookup(Vmid vmid, Ipa ipa) {
  if (off()) return nullptr;
  const u32 line = tags.lookup(ipa.value, ContextWord::of_stage2(vmid));
  return line == TagArray::kNone ? nullptr : &leaves_[line];
}

void IpaTlb::insert(Vmid vmid, Ipa ipa, const vmsa::Stage2Leaf& leaf) {
  if (off()) return;
  Tag tag;
  tag.context = ContextWord::of_stage2(vmid);
  tag.bits = tag.reach_bits = leaf.page_bits;
  tag.page = ipa.value >> tag.bits;
  leaves_[tags.insert(tag)] = leaf;
}

void IpaTlb::invalidate(const vmsa::Invalidate& what) {
  if (!concerns_stage2(what)) return;
  tags.invalidate([&](const Tag& tag) {
    return matches_stage2(what, tag.context.vmid(), Ipa{tag.page << tag.bits}, tag.reach_bits);
  });
}

void IpaTlb::flush_guests() {
  tags.invalidate([](const Tag&) { return true; });
}

// ---- WalkCache

const vmsa::TablePointer* WalkCache::lookup(const Context& context, Va va) {
  if (off()) return nullptr;
  const u32 line = tags.lookup(va.value, {context, false});
  return line == TagArray::kNone ? nullptr : &tables_[line];
}

void WalkCache::insert(const Context& context, Va va, const vmsa::TablePointer& table) {
  if (off()) return;
  Tag tag;
  tag.context = {context, false};
  tag.bits = tag.reach_bits = table.region_bits;
  tag.page = va.value >> tag.bits;
  tables_[tags.insert(tag)] = table;
}

void WalkCache::invalidate(const vmsa::Invalidate& what) {
  if (!concerns_tables(what)) return;
  tags.invalidate([&](const Tag& tag) {
    return matches(what, {tag.context.context(), false, tag.page << tag.bits, tag.reach_bits});
  });
}

void WalkCache::flush_guests() {
  tags.invalidate([](const Tag& tag) { return is_guest_regime(tag.context.context()); });
}

}  // namespace tw::mmu
