// What the SMMU counted, as the report has it.
#pragma once

#include "platforms/report/smmu.hpp"
#include "smmu/smmu.hpp"

namespace tw::command {

report::Smmu take_smmu(const smmu::Smmu& smmu);

}  // namespace tw::command
