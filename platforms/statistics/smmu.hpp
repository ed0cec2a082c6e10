// What an SMMU counted, as the report has it.
#pragma once

#include "platforms/report/report.hpp"
#include "smmu/smmu.hpp"

namespace tw::statistics {

report::Smmu take_smmu(const smmu::Smmu& smmu);
std::vector<report::Ghost> ghosts_of(const smmu::Smmu& smmu);

}  // namespace tw::statistics
