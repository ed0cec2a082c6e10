// What a replay says beside its report, for a terminal.
#pragma once

#include <string>

#include "platforms/replay/run.hpp"

namespace tw::replay {

/// Where the trace comes from, and how much of it was replayed.
std::string trace_text(const Source& source, const Outcome& outcome);
/// Misses by entries (rows) and ways.
std::string miss_curve_text(const MissCurve& curve);

}  // namespace tw::replay
