// From what the user gave to what is in memory at reset.
#pragma once

#include "platforms/images/images.hpp"
#include "platforms/virt/platform.hpp"
#include "sc_main/run_options.hpp"

namespace tw::command {

struct Boot {
  images::LoadPlan plan;
  virt::Start start;
  images::Bytes device_tree;
  std::vector<std::string> files;  ///< as the user named them
};

/// Who serves PSCI, as QEMU's virt decides: nobody when EL3 firmware is loaded, SMC with EL2, else HVC.
virt::PsciConduit psci_conduit(const RunOptions& options, const config::PlatformConfig& config);

/// Reads all files and places them. Throws UserError.
Boot prepare_boot(const RunOptions& options, const virt::Settings& settings);

}  // namespace tw::command
