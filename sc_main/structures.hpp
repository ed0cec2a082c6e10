// What the structures of a platform have counted, as rows of a report.
#pragma once

#include "platforms/report/report.hpp"
#include "platforms/virt/platform.hpp"

namespace tw::command {

/// One core with all that is its own. Settles its ledger.
report::Core take_core(virt::Platform& platform, unsigned cpu, const config::PlatformConfig& config);
/// What cores share: shared caches, interrupts, links, DRAM, SMMU, ghosts; the rest of the report is empty.
report::Report take_shared(virt::Platform& platform, const config::PlatformConfig& config);

}  // namespace tw::command
