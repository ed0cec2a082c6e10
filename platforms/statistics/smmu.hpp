// What an SMMU counted, as the report has it.
#pragma once

#include "platforms/report/report.hpp"
#include "smmu/smmu.hpp"

namespace tw::statistics {

report::Smmu take_smmu(const smmu::Smmu& smmu);
std::vector<report::Ghost> ghosts_of(const smmu::Smmu& smmu);
/// Translations one by one, with the names of who answered. `period_ps` of the SMMU's clock.
void take_translations(const cost::EventRing<smmu::TranslationEvent>& events, u64 period_ps, report::Events& into);

}  // namespace tw::statistics
