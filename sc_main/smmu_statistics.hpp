// What the SMMU counted, as the report has it.
#pragma once

#include "platforms/report/report.hpp"
#include "sc_main/ghost_option.hpp"
#include "smmu/smmu.hpp"

namespace tw::command {

report::Smmu take_smmu(const smmu::Smmu& smmu);
/// Throws UserError where there are some, and no SMMU.
void add_ghosts(const GhostOptions& ghosts, smmu::Smmu* smmu);
std::vector<report::Ghost> ghosts_of(const smmu::Smmu& smmu);

}  // namespace tw::command
