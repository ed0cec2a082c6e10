// Branch prediction in a report for people.
#pragma once

#include <string>

#include "platforms/report/report.hpp"

namespace tw::report {

/// Tables by kind and by context; empty when nothing was predicted.
std::string branches_text(const Core& all);

}  // namespace tw::report
