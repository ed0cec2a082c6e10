// What a finished run says: a few lines for the user, and the report.
#pragma once

#include "platforms/report/report.hpp"
#include "platforms/virt/platform.hpp"
#include "sc_main/run_options.hpp"

namespace tw::command {

/// On standard error: why it stopped, how fast it was, encodings that are not there.
void print_summary(virt::Platform& platform, double host_seconds);

/// The ledger's promise, held at the end of every run: for each core, the sum over causes is the elapsed time. Throws
/// std::logic_error, a bug of the simulator, when it is broken.
void check_conservation(virt::Platform& platform);

report::Report make_report(virt::Platform& platform, const virt::Settings& settings, const RunOptions& options,
                           const std::vector<std::string>& images, std::vector<config::Parameter> configuration,
                           int exit_status);

}  // namespace tw::command
