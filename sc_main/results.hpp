// What a finished run says: a few lines for the user, and the report.
#pragma once

#include "platforms/report/report.hpp"
#include "platforms/virt/platform.hpp"
#include "sc_main/measurement.hpp"
#include "sc_main/progress.hpp"

namespace tw::command {

/// On standard error: why it stopped, how fast it was, encodings that are not there.
void print_summary(virt::Platform& platform, const Progress& progress);

/// `stopped`: one sentence.
report::Report make_report(virt::Platform& platform, const Measurement& measurement,
                           const std::vector<std::string>& images, std::vector<config::Parameter> configuration,
                           int exit_status, const std::string& stopped);

}  // namespace tw::command
