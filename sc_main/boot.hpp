// From what the user gave to what is in memory at reset.
#pragma once

#include "platforms/images/images.hpp"
#include "platforms/virt/platform.hpp"
#include "sc_main/run_options.hpp"

namespace tw::command {

struct Boot {
  images::LoadPlan plan;
  virt::Start start;
  /// Who serves PSCI, as QEMU's virt decides: nobody when something starts at EL3, SMC with EL2, else HVC.
  virt::PsciConduit psci = virt::PsciConduit::None;
  images::Bytes device_tree;
  virt::FirmwareItems firmware;
  std::vector<std::string> files;  ///< as the user named them
};

/// Reads all files and places them. Throws UserError.
Boot prepare_boot(const RunOptions& options, const virt::Settings& settings);

}  // namespace tw::command
