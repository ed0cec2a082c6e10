// A report, or two side by side, as one self-contained page: no network, no library. What it shows is in report.js and
// compare.js; here its data is put beside it.
#pragma once

#include <string>

#include "platforms/report/compare.hpp"
#include "platforms/report/report.hpp"

namespace tw::report {

std::string to_html(const Report& report);
/// With rows that are the same: the page hides them until asked.
std::string to_html(const Comparison& comparison);

}  // namespace tw::report
