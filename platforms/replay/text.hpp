// What a replay says beside its report, for a terminal.
#pragma once

#include <string>

#include "platforms/replay/run.hpp"

namespace tw::replay {

/// Where the traces come from, how much of them was replayed, and what beside accesses was in them.
std::string traces_text(const Outcome& outcome);
/// Misses by entries (rows) and ways.
std::string miss_curves_text(const Outcome& outcome);

}  // namespace tw::replay
