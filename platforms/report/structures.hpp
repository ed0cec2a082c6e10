// The sections of a text report about structures: TLBs, caches, interconnect, memory. Each is empty when there is
// nothing to say.
#pragma once

#include <string>
#include <vector>

#include "platforms/report/report.hpp"

namespace tw::report {

/// `entries` and look-ups of TLBs and the like, and who evicted whom; empty when there is no structure.
std::string structures_text(const std::vector<TlbStatistics>& all, std::string_view title, std::string_view evictions);
std::string tlbs_text(const Core& all);
/// --ghost: structures of other sizes.
std::string ghosts_text(const Report& report);
std::string caches_text(const std::vector<CacheStatistics>& all);
std::string links_text(const Report& report);
std::string dram_text(const Report& report);
/// What the software owed the MMU.
std::string violations_text(const Report& report);

}  // namespace tw::report
