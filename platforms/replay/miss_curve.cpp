#include "platforms/replay/miss_curve.hpp"

#include <algorithm>
#include <bit>

namespace tw::replay {

MissCurve::MissCurve(const Config& config, trace::Contents contents, const vmsa::StackDistances::Spec& spec)
    : stage1_(config.has_stage1()),
      stage2_(config.has_stage2()),
      by_ipa_(!stage1_ && contents.ipa),
      page_bits_(static_cast<unsigned>(
          std::countr_zero(std::min(stage1_ ? config.leaf : config.leaf2, stage2_ ? config.leaf2 : config.leaf)))),
      distances_(spec) {}

void MissCurve::change_context(const trace::Record& record) {
  known_ = true;
  present_ = record;
  const bool guest = record.el <= El::El1;
  vmsa::Context context;
  context.stage2 = guest && stage2_;
  context.stage1 = stage1_ || !context.stage2;
  context.vmid = guest ? record.vmid : Vmid{};
  upper_ = {context, false};
  context.asid = record.asid;
  lower_ = context.stage1 ? vmsa::ContextWord{context, false} : upper_;
}

void MissCurve::access(const trace::Record& record) {
  if (record.stream != trace::kNoStream || record.kind == trace::Kind::Invalidate) return;
  if (!known_ || record.vmid != present_.vmid || record.asid != present_.asid || record.el != present_.el) {
    change_context(record);
  }
  const u64 address = by_ipa_ ? record.ipa.value : record.va.value;
  const vmsa::ContextWord context = address >> 63 != 0 ? upper_ : lower_;
  const u64 page = address >> page_bits_;
  distances_.reference(context, page);
  const u64 last = (address + (record.size == 0 ? 0 : record.size - 1)) >> page_bits_;
  if (last != page) distances_.reference(context, last);
}

}  // namespace tw::replay
