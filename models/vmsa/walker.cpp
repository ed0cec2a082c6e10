#include "vmsa/walker.hpp"

#include "vmsa/fields.hpp"
#include "vmsa/journey.hpp"
#include "vmsa/permissions.hpp"

namespace tw::vmsa {
namespace {

void open_record(const Journey& journey, bool stage1) {
  cost::WalkRecord* record = journey.options.record;
  if (!record) return;
  record->fetches.clear();
  record->cycles = 0;
  record->fault = false;
  record->va = journey.access.va;
  constexpr cost::WalkRegime regimes[] = {cost::WalkRegime::El10, cost::WalkRegime::El2, cost::WalkRegime::El3,
                                          cost::WalkRegime::El2};
  constexpr cost::WalkFor purposes[] = {cost::WalkFor::Fetch, cost::WalkFor::Data, cost::WalkFor::Data,
                                        cost::WalkFor::AddressTranslation};
  record->key.stage1 = stage1;
  record->key.stage2 = journey.nested;
  record->key.regime =
      stage1 || !journey.nested ? regimes[static_cast<unsigned>(journey.access.regime)] : cost::WalkRegime::Stage2Only;
  record->key.purpose = purposes[static_cast<unsigned>(journey.access.kind)];
}

void close_record(const Journey& journey, const Fault& fault) {
  if (journey.options.record) journey.options.record->fault = static_cast<bool>(fault);
}

WalkResult faulted(const Fault& fault) {
  WalkResult result;
  result.translation.fault = fault;
  return result;
}

WalkResult second_half(const Journey& journey, const Stage1Leaf& stage1) {
  const Access& access = journey.access;
  const Controls& controls = journey.controls;
  WalkResult result;
  result.mapping.stage1 = stage1;
  if (journey.nested && !access.stage1_only) {
    if (Fault fault = check_stage1(stage1, access, controls)) return faulted(fault);
    const Ipa ipa = stage1.output(canonical_va(controls, access));
    const Stage2Result stage2 = stage2_of_access(journey, ipa);
    if (stage2.fault) return faulted(stage2.fault);
    result.mapping.stage2 = stage2.leaf;
    result.mapping.has_stage2 = true;
  }
  result.translation = finish(result.mapping, access, controls);
  return result;
}

}  // namespace

WalkResult Walker::translate(const Access& access, const Controls& controls, const WalkOptions& options) const {
  const Journey journey{access, controls, options, port_, stage2_in_force(controls, access.regime)};
  open_record(journey, stage1_enabled(controls, access.regime));
  const Stage1Result stage1 = stage1_translate(journey);
  const WalkResult result = stage1.fault ? faulted(stage1.fault) : second_half(journey, stage1.leaf);
  close_record(journey, result.translation.fault);
  return result;
}

WalkResult Walker::complete(const Stage1Leaf& stage1, const Access& access, const Controls& controls,
                            const WalkOptions& options) const {
  const Journey journey{access, controls, options, port_, stage2_in_force(controls, access.regime)};
  open_record(journey, false);
  const WalkResult result = second_half(journey, stage1);
  close_record(journey, result.translation.fault);
  return result;
}

Stage2Result Walker::translate_ipa(Ipa ipa, const Access& access, const Controls& controls,
                                   const WalkOptions& options) const {
  const Journey journey{access, controls, options, port_, true};
  open_record(journey, false);
  const Stage2Result result = stage2_of_access(journey, ipa);
  close_record(journey, result.fault);
  return result;
}

}  // namespace tw::vmsa
