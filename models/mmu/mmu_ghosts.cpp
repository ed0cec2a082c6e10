// What the MMU lets its ghosts see.
#include <span>

#include "mmu/mmu.hpp"
#include "vmsa/geometry.hpp"
#include "vmsa/permissions.hpp"

namespace tw::mmu {

void Mmu::add_ghost(const GhostSpec& spec) {
  const auto refuse = [](std::string what) { throw UserError(std::vector<Complaint>{{"--ghost", std::move(what)}}); };
  const std::string called(name(spec.structure));
  if (spec.entries == 0 || (spec.ways != 0 && spec.entries % spec.ways != 0)) {
    refuse(called + ": " + std::to_string(spec.entries) + " entries are no multiple of " + std::to_string(spec.ways) +
           " ways");
  }
  const Shape like = shape_of(spec.structure);
  if (like.policy == Policy::Plru && (spec.ways == 0 ? spec.entries : spec.ways) > RecentBits::kMostWays) {
    refuse(called + ": plru has " + std::to_string(RecentBits::kMostWays) + " ways at most");
  }
  const bool shares = config_.ipa_in_l2 || config_.walk_cache_in_l2 || config_.walk_cache2_in_l2;
  if (shares && (spec.structure == Haunted::SecondLevel ||
                 (spec.structure == Haunted::IpaCache ? config_.ipa_in_l2 : config_.walk_cache_in_l2))) {
    refuse(called + ": structures that share an array (mmu.*.in_l2) have no ghosts");
  }
  if (spec.structure == Haunted::SecondLevel && l2_.off())
    refuse(called + ": there is none that it could stand in for");
  if (!ghosts_) ghosts_ = std::make_unique<Ghosts>();
  ghosts_->add(spec, like);
}

std::vector<GhostResult> Mmu::ghosts() const {
  std::vector<GhostResult> results;
  if (!ghosts_) return results;
  for (const Haunted structure : {Haunted::SecondLevel, Haunted::WalkCache, Haunted::IpaCache}) {
    for (const Ghost& ghost : ghosts_->of(structure)) {
      GhostResult result{.spec = ghost.spec(), .lookups = ghost.counters.lookups};
      result.misses = ghost.counters.lookups - ghost.counters.hits;
      switch (structure) {
        case Haunted::SecondLevel:
          result.estimated_cycles = costs_.walks.times(result.misses);
          break;
        case Haunted::WalkCache: {
          const u64 without = costs_.from_root.times(result.misses),
                    with = costs_.from_known_table.times(result.misses);
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

/// `mapping` has come for an access that the second level was asked for.
void Mmu::fill_ghosts(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context, Va va,
                      const vmsa::Mapping& mapping, bool again) {
  const u8 most_bits = static_cast<u8>(config_.l2_max_page_bits);
  vmsa::Mapping stage1;
  const Tag tag = leaf_tag(context, va, in_second(context, mapping, stage1), most_bits);
  std::optional<vmsa::Access> behind = page_behind(access, controls, context, va, mapping);
  std::optional<Tag> tag_behind;
  for (Ghost& ghost : ghosts_->of(Haunted::SecondLevel)) {
    const bool walked = ghost.missed() || again;
    ghost.fill(tag, again);
    if (!walked || !behind || ghost.tags().find(behind->va.value, {context, false}) != TagArray::kNone) continue;
    if (!tag_behind) {
      vmsa::WalkResult walk = walker_.translate(*behind, controls, {.timed = false, .updates = false});
      if (!walk.translation.ok()) {
        behind.reset();
        continue;
      }
      widen(walk.mapping, behind->va);
      tag_behind = leaf_tag(context, behind->va, in_second(context, walk.mapping, stage1), most_bits);
    }
    ghost.tags().insert(*tag_behind, ghost.counters);
  }
}

void Mmu::end_walk_of_ghosts(const vmsa::Access& access, const vmsa::Controls& controls) {
  const vmsa::TableRoot root = vmsa::stage1_root(controls, access.regime, access.va).root;
  std::array<u8, 4> regions{};
  unsigned count = 0;
  for (int level = root.level + 1; level <= 3; ++level) {
    regions[count++] = static_cast<u8>(vmsa::level_shift(root.granule, level - 1));
  }
  ghosts_->end_walk(std::span(regions).first(count));
}

/// Of the walk that has just ended; `whole`: of both stages.
void Mmu::note_costs(u64 cycles, bool whole) {
  if (record_.fetches.empty()) return;
  costs_.walks.add(cycles);
  if (whole && record_.key.stage1) (table_known_ ? costs_.from_known_table : costs_.from_root).add(cycles);
  int last = -2;
  for (const cost::DescriptorFetch& fetch : record_.fetches) {
    if (fetch.stage != 2) continue;
    if (fetch.for_stage1_level != last) costs_.stage2_walks.add(0);
    last = fetch.for_stage1_level;
    costs_.stage2_walks.cycles += fetch.cycles;
  }
}

}  // namespace tw::mmu
