#include "gic/tlm/gic_module.hpp"

namespace tw::gic {

namespace {

tlm::MmioTiming timing_of(const Config& config, tlm::Clock clock) {
  return {.read_latency = config.read_latency,
          .write_latency = config.write_latency,
          .clock = clock,
          .served_by = cost::ServedBy::Gic};
}

}  // namespace

GicModule::GicModule(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, CpuSignals& signals,
                     InterruptObserver* observer, bool virtualization)
    : sc_module(name),
      core_(config, signals, observer),
      distributor_("distributor", core_.distributor(), kFrameBytes, timing_of(config, clock)),
      cpu_interface_("cpu_interface", core_.cpu_interface(), kFrameBytes, timing_of(config, clock)) {
  if (!virtualization) return;
  const auto frame = [&](const char* which, MmioTarget& target) {
    return std::make_unique<tlm::MmioModule>(which, target, kFrameBytes, timing_of(config, clock));
  };
  hypervisor_interface_ = frame("hypervisor_interface", core_.hypervisor_interface());
  virtual_cpu_interface_ = frame("virtual_cpu_interface", core_.virtual_cpu_interface());
}

}  // namespace tw::gic
