// A report, or two side by side, as one self-contained page: no network, no library. What it shows is in report.js and
// compare.js; here its data is put beside it.
#pragma once

#include <string>
#include <string_view>

#include "platforms/report/compare.hpp"
#include "platforms/report/report.hpp"

namespace tw::report {

std::string to_html(const Report& report);
/// `json`: the same report with members that a Report does not hold ("study"), which the page shows too.
std::string to_html(const Report& report, std::string_view json);
/// Of `a` and `b`, with rows that are the same: the page hides them until asked. Where both have events, with both
/// timelines.
std::string to_html(const Comparison& comparison, const Report& a, const Report& b);

}  // namespace tw::report
