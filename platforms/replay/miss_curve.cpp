#include "platforms/replay/miss_curve.hpp"

#include <algorithm>
#include <bit>

namespace tw::replay {

namespace {

constexpr u64 kTransaction = 4096;  ///< none of an SMMU's crosses a boundary of so many bytes

/// Leaves of stage 1 are those that are walked: a shadow is of cores alone.
u64 entry_bytes(const Config& config, CurveOf of) {
  const u64 leaf = of == CurveOf::Cores ? config.walked_leaf() : config.leaf;
  if (!config.has_stage1()) return config.leaf2;
  return config.has_stage2() ? std::min(leaf, config.leaf2) : leaf;
}

}  // namespace

MissCurve::MissCurve(const Config& config, trace::Contents contents, const vmsa::StackDistances::Spec& spec, CurveOf of,
                     PartsBy by)
    : of_(of),
      stage1_(config.has_stage1()),
      stage2_(config.has_stage2()),
      by_ipa_(!stage1_ && contents.ipa),
      page_bits_(static_cast<unsigned>(std::countr_zero(entry_bytes(config, of)))),
      distances_(spec, by) {}

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
  distances_.turn_to(context.vmid, record.asid, record.stream);
  lower_ = context.stage1 ? vmsa::ContextWord{context, false} : upper_;
}

void MissCurve::access(std::span<const trace::Record> records) {
  for (const trace::Record& record : records) access(record);
  distances_.flush();
}

void MissCurve::access(const trace::Record& record) {
  if ((record.stream != trace::kNoStream) != (of_ == CurveOf::Masters) || record.kind == trace::Kind::Invalidate)
    return;
  if (of_ == CurveOf::Masters) {
    access_of_master(record);
    return;
  }
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

/// Each transaction asks, in the address spaces of the replay's SMMU, which are numbered here.
void MissCurve::access_of_master(const trace::Record& record) {
  constexpr unsigned kHalf = 16;
  distances_.turn_to(record.el >= El::El2 ? Vmid{} : record.vmid, record.asid, record.stream);
  const u64 number = dma_spaces_.try_emplace(dma_space_of(record), dma_spaces_.size()).first->second;
  vmsa::Context context;
  context.stage1 = true;
  context.asid = Asid{static_cast<u16>(number)};
  context.vmid = Vmid{static_cast<u16>(number >> kHalf)};
  const u64 first = by_ipa_ ? record.ipa.value : record.va.value;
  const u64 last = first + std::min<u64>(record.size == 0 ? 0 : record.size - 1, ~first);
  for (u64 at = first;;) {
    distances_.reference({context, false}, at >> page_bits_);
    const u64 end = at | (kTransaction - 1);
    if (end >= last) return;
    at = end + 1;
  }
}

}  // namespace tw::replay
