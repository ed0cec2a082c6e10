// The explained walk: one translation table walk as a tree, descriptor fetch by descriptor fetch.
#pragma once

#include <string>

#include "platforms/report/report.hpp"

namespace tw::report {

/// The stage-1 levels in order; under each, the stage-2 fetches that its table's address cost, then its own; at the end
/// those of the final IPA, and the sum, which is the walk's span.
std::string tree(const ExplainedWalk& walk);

/// The last `count` walks of every core, oldest first, then the longest that were kept.
std::string explained_walks(const Report& report, u64 count);

/// All descriptor fetches of `walks` by where in a walk they stand; empty without any.
std::string walks_by_level(const std::vector<Walk>& walks);

/// What a descriptor is, by its bits 1:0 and its level (Arm ARM D8.3): "table", "block", "page", "invalid".
std::string_view descriptor_kind(u64 descriptor, i64 level);

}  // namespace tw::report
