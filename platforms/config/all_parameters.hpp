// The configuration of a whole platform: every block's typed struct, and the one list of who takes part.
#pragma once

#include "cache/config.hpp"
#include "cpu/config.hpp"
#include "devices/config.hpp"
#include "devices/pl330/config.hpp"
#include "gic/config.hpp"
#include "interconnect/config.hpp"
#include "memory/config.hpp"
#include "memory/dram_config.hpp"
#include "mmu/config.hpp"
#include "platforms/config/parameter_table.hpp"
#include "platforms/virt/config.hpp"
#include "smmu/config.hpp"
#include "timer/config.hpp"

namespace tw::config {

struct PlatformConfig {
  cpu::Config core;
  mmu::Config mmu;
  smmu::Config smmu;
  cache::Config cache;
  gic::Config gic;
  timer::Config timer;
  interconnect::Config interconnect;
  memory::Config memory;
  memory::DramConfig dram;
  devices::Config devices;
  devices::pl330::Config pl330;
  virt::Config platform;
};

/// Joins all rows with `config`, which must outlive `table`. A new block is one line here.
inline void add_all(ParameterTable& table, PlatformConfig& config) {
  table.add(cpu::kParameters, config.core);
  table.add(cpu::kPipelineParameters, config.core.pipeline);
  table.add(cpu::kBranchParameters, config.core.prediction);
  table.add(cpu::kPipeRows, config.core.pipes, "core.pipes.");
  table.add(cpu::kLatencyRows, config.core.latency, "core.latency.");
  table.add(cpu::kIntervalRows, config.core.interval, "core.interval.");
  table.add(mmu::kParameters, config.mmu);
  table.add(smmu::kParameters, config.smmu);
  table.add(cache::kParameters, config.cache);
  table.add(gic::kParameters, config.gic);
  table.add(timer::kParameters, config.timer);
  table.add(interconnect::kParameters, config.interconnect);
  table.add(memory::kParameters, config.memory);
  table.add(memory::kDramParameters, config.dram);
  table.add(devices::kParameters, config.devices);
  table.add(devices::pl330::kParameters, config.pl330);
  table.add(virt::kParameters, config.platform);
}

/// Throws a UserError with all complaints: those of single parameters, and what blocks say about several together.
inline void require_valid(const ParameterTable& table, const PlatformConfig& config) {
  std::vector<Complaint> complaints = table.complaints();
  for (Complaint& complaint : mmu::validate(config.mmu)) complaints.push_back(std::move(complaint));
  for (Complaint& complaint : smmu::validate(config.smmu)) complaints.push_back(std::move(complaint));
  for (Complaint& complaint : cpu::validate(config.core.prediction)) complaints.push_back(std::move(complaint));
  for (Complaint& complaint : cache::validate(config.cache)) complaints.push_back(std::move(complaint));
  for (Complaint& complaint : devices::pl330::validate(config.pl330)) complaints.push_back(std::move(complaint));
  for (Complaint& complaint : memory::validate(config.dram)) complaints.push_back(std::move(complaint));
  if (!complaints.empty()) throw UserError(std::move(complaints));
}

}  // namespace tw::config
