#include "vmsa/walker.hpp"

#include "vmsa/fields.hpp"
#include "vmsa/journey.hpp"

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

/// What follows on stage 1's leaf.
void second_half(const Journey& journey, Translation& translation, Mapping& mapping) {
  const Access& access = journey.access;
  const Controls& controls = journey.controls;
  if (!journey.nested || access.stage1_only) return finish(mapping, access, controls, translation);
  Permissions one, two;
  if (!check_stage1(mapping.stage1, access, controls, one, translation.fault)) [[unlikely]]
    return;
  const Ipa ipa = mapping.stage1.output(canonical_va(controls, access));
  if (!stage2_of_access(journey, ipa, mapping.stage2, two, translation.fault)) return;
  mapping.has_stage2 = true;
  describe(mapping, access, controls, one & two, translation);
}

}  // namespace

void Walker::translate(const Access& access, const Controls& controls, const WalkOptions& options,
                       Translation& translation, Mapping& mapping) const {
  const Journey journey{access, controls, options, port_, stage2_in_force(controls, access.regime)};
  open_record(journey, stage1_enabled(controls, access.regime));
  if (stage1_translate(journey, mapping.stage1, translation.fault)) second_half(journey, translation, mapping);
  close_record(journey, translation.fault);
}

void Walker::complete(const Access& access, const Controls& controls, const WalkOptions& options,
                      Translation& translation, Mapping& mapping) const {
  const Journey journey{access, controls, options, port_, stage2_in_force(controls, access.regime)};
  open_record(journey, false);
  second_half(journey, translation, mapping);
  close_record(journey, translation.fault);
}

Stage2Result Walker::translate_ipa(Ipa ipa, const Access& access, const Controls& controls,
                                   const WalkOptions& options) const {
  const Journey journey{access, controls, options, port_, true};
  open_record(journey, false);
  Stage2Result result;
  Permissions unused;
  stage2_of_access(journey, ipa, result.leaf, unused, result.fault);
  close_record(journey, result.fault);
  return result;
}

}  // namespace tw::vmsa
