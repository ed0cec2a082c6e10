// All parameters of a replay, and those of the machines whose sets of parameters it takes.
#pragma once

#include <vector>

#include "platforms/config/all_parameters.hpp"
#include "platforms/replay/config.hpp"

namespace tw::replay {

/// Of `platform` only the MMU, the SMMU, the core's frequency and, with replay.caches, the caches matter; the rest is
/// there so that a set of parameters (cortex-a72.toml) and a user's file for a whole platform can be read.
struct Settings {
  config::PlatformConfig platform;
  Config replay;
};

/// Joins all rows with `settings`, which must outlive `table`: those of a platform, and replay.*.
void add_all(config::ParameterTable& table, Settings& settings);
/// Throws a UserError with all complaints.
void require_valid(const config::ParameterTable& table, const Settings& settings);
/// What is wrong about the replay's own parameters together, and about the caches, where it has them.
std::vector<Complaint> validate(const Settings& settings);
/// What can change the result of a replay: for lists and reports.
bool is_of_replay(const config::Parameter& parameter);

}  // namespace tw::replay
