// --events, and the events of a run for its report.
#pragma once

#include <string>
#include <vector>

#include "cost/events.hpp"
#include "platforms/report/report.hpp"
#include "platforms/virt/platform.hpp"

namespace tw::command {

/// `limit=N,keep=first|last,kinds=A+B,sample=CYCLES`, in any order, each optional. Throws UserError.
cost::EventOptions parse_events(const std::string& text);

/// The value of an option that may go without one: `--events kinds=traps` as `--events=kinds=traps`.
void join_events_value(std::vector<std::string>& arguments);

/// The events of an SMMU; nullptr: there is none.
void take_translations(const cost::EventRing<smmu::TranslationEvent>& events, const smmu::Smmu* smmu,
                       report::Events& into);

/// After the run; nothing without --events.
std::vector<report::Events> take_events(const virt::Platform& platform);

/// What was kept, and what was dropped and why, on standard error.
void print_events(const std::vector<report::Events>& events);

}  // namespace tw::command
