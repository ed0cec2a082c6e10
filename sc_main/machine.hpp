// What `trapwalk run` builds and what is in its memory, before anything of SystemC exists.
#pragma once

#include "platforms/config/parameter_table.hpp"
#include "platforms/virt/platform.hpp"
#include "sc_main/boot.hpp"
#include "sc_main/run_options.hpp"

namespace tw::command {

/// Built-in parameters, then files, then --set, then the options that are parameters. Throws UserError.
void configure(const RunOptions& options, config::ParameterTable& table, const config::PlatformConfig& config);

struct Machine {
  /// Throws UserError.
  explicit Machine(const RunOptions& options);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  virt::Settings settings;
  config::ParameterTable table;  ///< of settings.config
  Boot boot;
};

}  // namespace tw::command
