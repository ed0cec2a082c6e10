#include "sc_main/machine.hpp"

#include <fmt/format.h>

#include "platforms/config/all_parameters.hpp"
#include "sc_main/region_options.hpp"

namespace tw::command {

namespace {

virt::Settings settings_of(const RunOptions& options) {
  // What throws is not in the aggregate's initializer: g++ 12 would destroy members of it twice.
  const region::Options region = region_of(options);
  virt::Settings settings{
      .cpus = options.smp,
      .config = {},
      .virtio = options.virtio,
      .smmu = options.smmu,
      .endpoints = options.devices.endpoints,
      .pl330 = options.devices.pl330,
      .semihosting = options.semihosting,
      .command_line = options.append.empty() ? options.kernel : options.kernel + " " + options.append,
      .secure = options.secure,
      .limits = {.region = region},
      .ledger = options.ledger,
      .events = options.events,
      .firmware = {}};
  if (options.max_instructions) settings.limits.max_instructions = *options.max_instructions;
  return settings;
}

}  // namespace

void configure(const RunOptions& options, config::ParameterTable& table, const config::PlatformConfig& config) {
  table.load_builtin(options.cpu);
  if (!options.smmu.model.empty()) table.load_smmu_builtin(options.smmu.model);
  for (const std::string& file : options.configs) table.load_file(file, "--config");
  for (const std::string& assignment : options.sets) table.set(assignment);
  if (options.memory) table.set(fmt::format("memory.size={}", *options.memory));
  if (options.gic) table.set(fmt::format("gic.version={}", *options.gic));
  table.set(fmt::format("gic.cpus={}", options.smp));
  if (options.secure) {
    table.set("core.el3=true");
    table.set("gic.security_extensions=true");
  }
  config::require_valid(table, config);
}

Machine::Machine(const RunOptions& options) : settings(settings_of(options)) {
  config::add_all(table, settings.config);
  configure(options, table, settings.config);
  boot = prepare_boot(options, settings);
  settings.psci = boot.psci;
  settings.firmware = std::move(boot.firmware);
}

}  // namespace tw::command
