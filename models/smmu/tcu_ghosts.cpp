// What the TCU lets its ghosts see (vmsa/tlb/ghost.hpp), also of structures that are off.
#include "smmu/tcu.hpp"
#include "vmsa/fields.hpp"

namespace tw::smmu {

void Tcu::add_ghost(const vmsa::GhostSpec& spec) {
  const vmsa::Shape like = Arrays::shape_of(config_, spec.structure);
  vmsa::Ghosts::check(spec, like, haunted_name(spec.structure));
  if (!ghosts_) ghosts_ = std::make_unique<vmsa::Ghosts>();
  ghosts_->add(spec, like);
}

std::vector<vmsa::GhostResult> Tcu::ghosts() const {
  return ghosts_ ? ghosts_->results() : std::vector<vmsa::GhostResult>{};
}

/// `mapping` has come for a look-up; `again`: where the entry has been, and did not do.
void Tcu::fill_ghosts(const vmsa::Access& access, const Stream& stream, Va va, const vmsa::Mapping& mapping,
                      bool again) {
  const std::optional<vmsa::Access> behind = page_behind(access, stream, va, mapping);
  ghosts_->fill_second(vmsa::leaf_tag(stream.tag, va, mapping, kMostBits), again,
                       behind ? std::optional(behind->va) : std::nullopt, stream.tag,
                       [&] { return tag_ahead(*behind, stream); });
}

/// CMD_PREFETCH_ADDR.
void Tcu::fill_ghosts_ahead(const vmsa::Access& access, const Stream& stream) {
  ghosts_->fill_ahead(vmsa::canonical_va(stream.controls, access), stream.tag,
                      [&] { return tag_ahead(access, stream); });
}

std::optional<vmsa::Tag> Tcu::tag_ahead(const vmsa::Access& access, const Stream& stream) const {
  const vmsa::WalkResult walk = walker_.translate(access, stream.controls, {.timed = false, .updates = false});
  if (!walk.translation.ok()) return std::nullopt;
  return vmsa::leaf_tag(stream.tag, vmsa::canonical_va(stream.controls, access), walk.mapping, kMostBits);
}

}  // namespace tw::smmu
