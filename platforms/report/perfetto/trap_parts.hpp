// Where in time the inside of a trap lies: the log has a trap's begin and end and how long each part took.
#pragma once

#include <string_view>
#include <vector>

#include "platforms/report/events.hpp"

namespace tw::report::perfetto {

/// Cycles [begin, end) of a core.
struct Stretch {
  u64 begin = 0;
  u64 end = 0;
  u64 cycles() const { return end - begin; }
};

struct Part {
  std::string_view name;
  Stretch when;
};

struct TrapLayout {
  std::vector<Stretch> away;  ///< the guest is switched out
  std::vector<Part> parts;    ///< by time, and around inner traps and `away`
};

/// One a trap, in the order of the columns. Without parts where they do not add up: something that was inside is not in
/// the log.
std::vector<TrapLayout> layouts_of(const CoreEvents& core);

}  // namespace tw::report::perfetto
