// What a PL330 counted, as the report has it.
#pragma once

#include "devices/pl330/pl330.hpp"
#include "platforms/report/report.hpp"

namespace tw::statistics {

/// Its channels, then its manager.
report::Pl330 take_pl330(const devices::pl330::Pl330& dmac);

}  // namespace tw::statistics
