// What of a run is recorded.
#pragma once

#include <array>
#include <limits>

#include "trace/record.hpp"

namespace tw::record {

struct Selection {
  u64 records = std::numeric_limits<u64>::max();  ///< at most, in each file
  std::array<bool, 4> els = {true, true, true, true};
  std::array<bool, trace::kKinds> kinds = {true, true, true, true, true};

  bool has(El el) const { return els[static_cast<unsigned>(el)]; }
  bool has(trace::Kind kind) const { return kinds[static_cast<unsigned>(kind)]; }
};

}  // namespace tw::record
