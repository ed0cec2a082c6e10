// What the MMU lets its ghosts see.
#include "mmu/mmu.hpp"
#include "vmsa/permissions.hpp"

namespace tw::mmu {

void Mmu::add_ghost(const GhostSpec& spec) {
  const std::string called(name(spec.structure));
  const auto refuse = [&](const std::string& what) { throw UserError(Complaint{"--ghost", called + ": " + what}); };
  const Shape like = shape_of(spec.structure);
  Ghosts::check(spec, like, called);
  const bool shares = config_.ipa_in_l2 || config_.walk_cache_in_l2 || config_.walk_cache2_in_l2;
  if (shares && (spec.structure == Haunted::SecondLevel ||
                 (spec.structure == Haunted::IpaCache ? config_.ipa_in_l2 : config_.walk_cache_in_l2))) {
    refuse("structures that share an array (mmu.*.in_l2) have no ghosts");
  }
  if (spec.structure == Haunted::SecondLevel && l2_.off()) refuse("there is none that it could stand in for");
  if (!ghosts_) ghosts_ = std::make_unique<Ghosts>();
  ghosts_->add(spec, like);
}

std::vector<GhostResult> Mmu::ghosts() const { return ghosts_ ? ghosts_->results() : std::vector<GhostResult>{}; }

/// `mapping` has come for an access that the second level was asked for.
void Mmu::fill_ghosts(const vmsa::Access& access, const vmsa::Controls& controls, const Context& context, Va va,
                      const vmsa::Mapping& mapping, bool again) {
  const auto tag_of = [&](Va at, const vmsa::Mapping& there) {
    vmsa::Mapping stage1;
    return leaf_tag(word_, at, in_second(there, stage1), static_cast<u8>(config_.l2_max_page_bits));
  };
  const std::optional<vmsa::Access> behind = page_behind(access, controls, context, va, mapping);
  const auto tag_behind = [&]() -> std::optional<Tag> {
    vmsa::WalkResult walk = walker_.translate(*behind, controls, {.timed = false, .updates = false});
    if (!walk.translation.ok()) return std::nullopt;
    widen(walk.mapping, behind->va);
    return tag_of(behind->va, walk.mapping);
  };
  ghosts_->fill_second(tag_of(va, mapping), again, behind ? std::optional(behind->va) : std::nullopt, word_,
                       tag_behind);
}

}  // namespace tw::mmu
