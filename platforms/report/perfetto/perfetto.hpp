// A report's events as a trace for Perfetto and Chrome.
#pragma once

#include <string>

#include "platforms/report/report.hpp"

namespace tw::report {

/// JSON in the Trace Event Format. Throws UserError when `report` has no events; `name` stands for it.
std::string to_perfetto(const Report& report, const std::string& name);

}  // namespace tw::report
