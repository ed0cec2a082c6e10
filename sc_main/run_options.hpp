// The command line of `trapwalk run`.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types.hpp"
#include "cost/events.hpp"
#include "cost/ledger.hpp"
#include "platforms/region/plan.hpp"
#include "platforms/virt/endpoint_settings.hpp"
#include "platforms/virt/smmu_settings.hpp"
#include "platforms/virt/virtio_settings.hpp"
#include "sc_main/device_options.hpp"
#include "sc_main/domain_option.hpp"
#include "sc_main/flash_option.hpp"
#include "sc_main/gdb_option.hpp"
#include "sc_main/ghost_option.hpp"

namespace tw::command {

struct RunOptions {
  std::string cpu = "cortex-a57";
  unsigned smp = 1;
  std::optional<u64> memory;
  std::optional<u64> gic;
  std::string bios, kernel, initrd, append, dtb, dump_dtb;
  std::vector<FlashOption> pflash;  ///< by bank
  std::string hypervisor, hypervisor_args;
  std::vector<DomainOption> domains;
  std::vector<std::string> loads;  ///< FILE@ADDRESS
  bool semihosting = false;
  bool secure = false;
  std::string secure_serial = "none";
  std::string until;
  std::vector<std::pair<std::string, std::string>> replies;  ///< (prompt, text to type)
  std::optional<u64> max_instructions;
  std::optional<u64> max_time_ps;
  std::string press_power_after;  ///< text on the console
  std::optional<u64> press_power_at_ps;
  region::Options region;            ///< symbols as they were written (region_options.hpp)
  std::vector<std::string> symbols;  ///< files
  cost::LedgerLimits ledger;
  std::optional<cost::EventOptions> events;
  std::vector<std::string> configs, sets;
  std::vector<std::string> reports;
  std::string perfetto;  ///< a file for the events; empty: none
  GhostOptions ghosts;
  std::string record;       ///< as it was written (record_option.hpp); empty: nothing is recorded
  std::string fork_points;  ///< a file; empty: one run, one point
  unsigned fork_jobs = 0;   ///< children at a time; 0: as many as the host has processors
  std::string serial = "stdio", virtio_console;
  virt::VirtioSettings virtio;
  virt::SmmuSettings smmu;
  DeviceOptions devices;
  std::optional<int> control_descriptor;  ///< another process controls the run
  std::optional<GdbOption> gdb;
  std::optional<int> status_descriptor;  ///< progress for another process
  bool help = false;
};

/// Throws UserError with what is wrong.
RunOptions parse_run_options(const std::vector<std::string>& arguments);
std::string run_usage();

}  // namespace tw::command
