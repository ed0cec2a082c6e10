// What caches counted, as the report has them.
#pragma once

#include <vector>

#include "cache/hierarchy.hpp"
#include "platforms/report/report.hpp"

namespace tw::statistics {

/// A core's own caches, or those that all share; none when the caches are not enabled.
std::vector<report::CacheStatistics> caches(const cache::Hierarchy& hierarchy, unsigned core, bool shared);

}  // namespace tw::statistics
