// All parameters of a DMA study.
#pragma once

#include "devices/traffic/config.hpp"
#include "devices/traffic/link.hpp"
#include "interconnect/config.hpp"
#include "memory/config.hpp"
#include "memory/dram_config.hpp"
#include "platforms/config/parameter_table.hpp"
#include "platforms/dma_study/config.hpp"
#include "smmu/config.hpp"

namespace tw::study {

struct Settings {
  Config study;
  devices::traffic::Config traffic;
  devices::traffic::LinkConfig link;
  smmu::Config smmu;
  interconnect::Config interconnect;
  memory::Config memory;
  memory::DramConfig dram;
};

/// As config::add_all().
void add_all(config::ParameterTable& table, Settings& settings);
/// As config::require_valid().
void require_valid(const config::ParameterTable& table, const Settings& settings);

}  // namespace tw::study
