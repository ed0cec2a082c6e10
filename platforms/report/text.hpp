// Reports as text: one page that a person wants to read.
#pragma once

#include <string>

#include "platforms/report/report.hpp"

namespace tw::report {

struct TextOptions {
  u64 max_traps = 40;  ///< rows of the trap table; the rest is summed up in one line
  bool fold = true;    ///< see folded()
};

std::string to_text(const Report& report, const TextOptions& options = {});

/// A parameter list as `trapwalk parameters` prints it.
std::string to_text(const std::vector<config::Parameter>& parameters);

}  // namespace tw::report
