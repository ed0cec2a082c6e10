// Two reports side by side: what differs in the configuration first, then what it did.
#pragma once

#include <string>

#include "platforms/report/report.hpp"

namespace tw::report {

/// `name_a` and `name_b` head the columns.
std::string compare(const Report& a, const Report& b, const std::string& name_a, const std::string& name_b);

}  // namespace tw::report
