// What merging and folding rows of a report, and naming them, have in common.
#pragma once

#include "platforms/report/report.hpp"

namespace tw::report {

/// Adds a row of the same key, or of the same kind.
void merge(Trap& to, const Trap& from);
void merge(Interrupt& to, const Interrupt& from);

/// "SGI", "PPI", "SPI".
std::string_view kind_of(u64 intid);

}  // namespace tw::report
