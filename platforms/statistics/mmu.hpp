// What the structures of an MMU counted, as the report has them.
#pragma once

#include <string>
#include <vector>

#include "mmu/mmu.hpp"
#include "platforms/report/report.hpp"

namespace tw::statistics {

/// `ways` 0: fully associative.
report::TlbStatistics tlb(std::string name, u64 entries, u64 ways, const vmsa::TlbStatistics& statistics);
/// All structures of an MMU.
std::vector<report::TlbStatistics> tlbs(const mmu::Mmu& mmu);
/// Adds the ghosts of one core's MMU to `rows`, those of other cores: the same ghosts in the same order, or none yet.
void add_ghosts(std::vector<report::Ghost>& rows, const mmu::Mmu& mmu);

}  // namespace tw::statistics
