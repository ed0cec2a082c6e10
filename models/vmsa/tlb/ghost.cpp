#include "vmsa/tlb/ghost.hpp"

#include <string>
#include <utility>

#include "base/error.hpp"
#include "cost/spans.hpp"
#include "vmsa/geometry.hpp"

namespace tw::vmsa {
namespace {

Shape resized(Shape like, const GhostSpec& spec) {
  for (Part& part : like.more) {
    if (part.entries == like.entries && part.ways == like.ways) part = {spec.entries, spec.ways};  // one a level
  }
  like.entries = spec.entries;
  like.ways = spec.ways;
  return like;
}

}  // namespace

Ghost::Ghost(const GhostSpec& spec, Shape like) : spec_(spec), tags_(resized(std::move(like), spec)) {}

void Ghosts::check(const GhostSpec& spec, const Shape& like, std::string_view called) {
  const auto refuse = [&](const std::string& what) {
    throw UserError(Complaint{"--ghost", std::string(called) + ": " + what});
  };
  if (spec.entries == 0 || (spec.ways != 0 && spec.entries % spec.ways != 0)) {
    refuse(std::to_string(spec.entries) + " entries are no multiple of " + std::to_string(spec.ways) + " ways");
  }
  if (like.policy == Policy::Plru && (spec.ways == 0 ? spec.entries : spec.ways) > RecentBits::kMostWays) {
    refuse("plru has " + std::to_string(RecentBits::kMostWays) + " ways at most");
  }
}

std::vector<GhostResult> Ghosts::results() const {
  std::vector<GhostResult> results;
  for (const auto& ghosts : ghosts_) {
    for (const Ghost& ghost : ghosts) {
      GhostResult result{.spec = ghost.spec(), .lookups = ghost.counters.lookups};
      result.misses = ghost.counters.lookups - ghost.counters.hits;
      result.estimated_cycles = estimate(result);
      results.push_back(result);
    }
  }
  return results;
}

u64 Ghosts::estimate(const GhostResult& result) const {
  switch (result.spec.structure) {
    case Haunted::SecondLevel:
      return costs_.walks.times(result.misses);
    case Haunted::WalkCache: {
      const u64 without = costs_.from_root.times(result.misses), with = costs_.from_known_table.times(result.misses);
      return without > with ? without - with : 0;
    }
    case Haunted::IpaCache:
      break;
  }
  return costs_.stage2_walks.times(result.misses);
}

void Ghosts::fill_stage2(Vmid vmid, Ipa ipa, const Stage2Leaf& leaf, bool again) {
  const Tag tag = stage2_leaf_tag(vmid, ipa, leaf);
  for (Ghost& ghost : of(Haunted::IpaCache)) ghost.fill(tag, again);
}

void Ghosts::look_up_stage2(Vmid vmid, Ipa ipa, const Stage2Leaf* known) {
  look_up(Haunted::IpaCache, ipa.value, ContextWord::of_stage2(vmid, Kind::Stage2Leaf));
  stage2_known_ = known != nullptr;
  if (known != nullptr) fill_stage2(vmid, ipa, *known, false);
}

void Ghosts::found_stage2(Vmid vmid, Ipa ipa, const Stage2Leaf& leaf) { fill_stage2(vmid, ipa, leaf, stage2_known_); }

void Ghosts::begin_walk(const Controls& controls, Va va, ContextWord context, const TablePointer* known) {
  end_walk(controls, context.regime());  // one that a change of a descriptor under it made begin again
  walking_ = true;
  va_ = va;
  context_ = context.of_kind(Kind::Stage1Table);
  deepest_ = Ghost::kNoBits;
  look_up(Haunted::WalkCache, va.value, context_);
  table_known_ = known != nullptr;
  if (known != nullptr) passed(known->region_bits);
}

/// Of all tables below the root, in the order of a whole walk, those not below the deepest that was passed count.
void Ghosts::end_walk(const Controls& controls, Regime regime) {
  if (!std::exchange(walking_, false)) return;
  const TableRoot root = stage1_root(controls, regime, va_).root;
  for (Ghost& ghost : of(Haunted::WalkCache)) {
    for (int level = root.level + 1; level <= 3; ++level) {
      const auto bits = static_cast<u8>(level_shift(root.granule, level - 1));
      if (bits < deepest_ || bits >= ghost.hit_bits()) continue;
      Tag tag;
      tag.context = context_;
      tag.bits = tag.reach_bits = bits;
      tag.page = va_.value >> bits;
      ghost.tags().insert(tag, ghost.counters);
    }
  }
}

void Ghosts::note_costs(const cost::WalkRecord& record, u64 cycles, bool whole) {
  if (record.fetches.empty()) return;
  costs_.walks.add(cycles);
  if (whole && record.key.stage1) (table_known_ ? costs_.from_known_table : costs_.from_root).add(cycles);
  int last = -2;
  for (const cost::DescriptorFetch& fetch : record.fetches) {
    if (fetch.stage != 2) continue;
    if (fetch.for_stage1_level != last) costs_.stage2_walks.add(0);
    last = fetch.for_stage1_level;
    costs_.stage2_walks.cycles += fetch.cycles;
  }
}

void Ghosts::invalidate(const Invalidate& what) {
  flush([&](const Tag& tag) { return takes(what, tag); });
}

void Ghosts::clear() {
  for (auto& ghosts : ghosts_) {
    for (Ghost& ghost : ghosts) ghost.tags().clear();
  }
}

void Ghosts::clear_statistics() {
  for (auto& ghosts : ghosts_) {
    for (Ghost& ghost : ghosts) ghost.counters = {};
  }
  costs_ = {};
}

}  // namespace tw::vmsa
