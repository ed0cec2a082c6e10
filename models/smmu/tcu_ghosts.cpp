// What the TCU lets its ghosts see (vmsa/tlb/ghost.hpp), also of structures that are off.
#include <span>

#include "base/error.hpp"
#include "smmu/tcu.hpp"
#include "vmsa/fields.hpp"
#include "vmsa/geometry.hpp"

namespace tw::smmu {

using vmsa::Haunted;

void Tcu::add_ghost(const vmsa::GhostSpec& spec) {
  const std::string called(haunted_name(spec.structure));
  const auto refuse = [&](const std::string& what) { throw UserError(Complaint{"--ghost", called + ": " + what}); };
  if (spec.entries == 0 || (spec.ways != 0 && spec.entries % spec.ways != 0)) {
    refuse(std::to_string(spec.entries) + " entries are no multiple of " + std::to_string(spec.ways) + " ways");
  }
  const u64 in_a_set = spec.ways == 0 ? spec.entries : spec.ways;
  if (config_.replacement == "plru" && in_a_set > vmsa::RecentBits::kMostWays) {
    refuse("plru has " + std::to_string(vmsa::RecentBits::kMostWays) + " ways at most");
  }
  if (!ghosts_) ghosts_ = std::make_unique<vmsa::Ghosts>();
  ghosts_->add(spec, Arrays::shape_of(config_, spec.structure));
}

std::vector<vmsa::GhostResult> Tcu::ghosts() const {
  std::vector<vmsa::GhostResult> results;
  if (!ghosts_) return results;
  for (const Haunted structure : {Haunted::SecondLevel, Haunted::WalkCache, Haunted::IpaCache}) {
    for (const vmsa::Ghost& ghost : ghosts_->of(structure)) {
      vmsa::GhostResult result{.spec = ghost.spec(), .lookups = ghost.counters.lookups};
      result.misses = ghost.counters.lookups - ghost.counters.hits;
      switch (structure) {
        case Haunted::SecondLevel:
          result.estimated_cycles = costs_.walks.times(result.misses);
          break;
        case Haunted::WalkCache: {
          const u64 without = costs_.from_root.times(result.misses), with = costs_.from_table.times(result.misses);
          result.estimated_cycles = without > with ? without - with : 0;
          break;
        }
        case Haunted::IpaCache:
          result.estimated_cycles = costs_.stage2_walks.times(result.misses);
          break;
      }
      results.push_back(result);
    }
  }
  return results;
}

/// `mapping` has come for a look-up; `again`: where the entry has been, and did not do.
void Tcu::fill_ghosts(const vmsa::Access& access, const Stream& stream, Va va, const vmsa::Mapping& mapping,
                      bool again) {
  const vmsa::Tag tag = vmsa::leaf_tag(stream.context, va, mapping, kMostBits);
  const std::optional<vmsa::Access> behind = page_behind(access, stream, va, mapping);
  std::optional<vmsa::Tag> tag_behind;
  bool walked_behind = false;
  for (vmsa::Ghost& ghost : ghosts_->of(Haunted::SecondLevel)) {
    const bool walked = ghost.missed() || again;
    ghost.fill(tag, again);
    if (!walked || !behind || has(ghost, stream, behind->va)) continue;
    if (!walked_behind) tag_behind = tag_ahead(*behind, stream);
    walked_behind = true;
    if (tag_behind) ghost.tags().insert(*tag_behind, ghost.counters);
  }
}

/// CMD_PREFETCH_ADDR.
void Tcu::fill_ghosts_ahead(const vmsa::Access& access, const Stream& stream) {
  const Va va = vmsa::canonical_va(stream.controls, access);
  std::optional<vmsa::Tag> tag;
  for (vmsa::Ghost& ghost : ghosts_->of(Haunted::SecondLevel)) {
    if (has(ghost, stream, va)) continue;
    if (!tag) tag = tag_ahead(access, stream);
    if (!tag) return;
    ghost.tags().insert(*tag, ghost.counters);
  }
}

bool Tcu::has(const vmsa::Ghost& ghost, const Stream& stream, Va va) {
  return ghost.tags().find(va.value, {stream.context, false}) != vmsa::TagArray::kNone;
}

std::optional<vmsa::Tag> Tcu::tag_ahead(const vmsa::Access& access, const Stream& stream) const {
  const vmsa::WalkResult walk = walker_.translate(access, stream.controls, {.timed = false, .updates = false});
  if (!walk.translation.ok()) return std::nullopt;
  return vmsa::leaf_tag(stream.context, vmsa::canonical_va(stream.controls, access), walk.mapping, kMostBits);
}

void Tcu::begin_walk_of_ghosts(Va va, const vmsa::TablePointer* known) {
  end_walk_of_ghosts(va);  // one that a change of a descriptor under it made begin again
  ghosts_->begin_walk(va.value, {stream_->context, false, vmsa::Kind::Stage1Table});
  if (known != nullptr) ghosts_->passed(known->region_bits);
}

void Tcu::end_walk_of_ghosts(Va va) {
  if (!stream_->context.stage1) return;
  const vmsa::TableRoot root = vmsa::stage1_root(stream_->controls, stream_->regime, va).root;
  std::array<u8, 4> regions{};
  unsigned count = 0;
  for (int level = root.level + 1; level <= 3; ++level) {
    regions[count++] = static_cast<u8>(vmsa::level_shift(root.granule, level - 1));
  }
  ghosts_->end_walk(std::span(regions).first(count));
}

/// Of the walk that has just ended.
void Tcu::note_costs(u64 cycles) {
  if (record_.fetches.empty()) return;
  costs_.walks.add(cycles);
  if (record_.key.stage1) (table_known_ ? costs_.from_table : costs_.from_root).add(cycles);
  int last = -2;
  for (const cost::DescriptorFetch& fetch : record_.fetches) {
    if (fetch.stage != 2) continue;
    if (fetch.for_stage1_level != last) costs_.stage2_walks.add(0);
    last = fetch.for_stage1_level;
    costs_.stage2_walks.cycles += fetch.cycles;
  }
}

}  // namespace tw::smmu
