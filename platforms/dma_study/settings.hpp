// All parameters of a DMA study.
#pragma once

#include <array>
#include <vector>

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
  /// What traffic.* says, but for what masterN.traffic.* does; streams and seeds of their own. After inherit().
  std::array<devices::traffic::Config, kMostMasters> masters;
  devices::traffic::LinkConfig link;
  smmu::Config smmu;
  interconnect::Config interconnect;
  memory::Config memory;
  memory::DramConfig dram;
};

/// As config::add_all().
void add_all(config::ParameterTable& table, Settings& settings);
/// Once all values are in the table: masters take over what was not set for them.
void inherit(const config::ParameterTable& table, Settings& settings);
/// As config::require_valid(). After inherit().
void require_valid(const config::ParameterTable& table, const Settings& settings);

/// A master has an end.
bool ends(const Settings& settings);
/// For lists and reports: without masterN.* that nobody has set.
std::vector<config::Parameter> parameters_of(const config::ParameterTable& table);

}  // namespace tw::study
