#include "gic/tlm/gic_v2_module.hpp"

#include "gic/tlm/frame_timing.hpp"

namespace tw::gic {

GicV2Module::GicV2Module(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, CpuSignals& signals,
                         InterruptObserver* observer, bool virtualization, Messages messages)
    : sc_module(name),
      core_(config, signals, observer),
      message_frame_(core_, messages.first_intid, messages.count),
      distributor_("distributor", core_.distributor(), kFrameBytes, frame_timing(config, clock)),
      cpu_interface_("cpu_interface", core_.cpu_interface(), kFrameBytes, frame_timing(config, clock)),
      messages_("messages", message_frame_, kMessageBytes, frame_timing(config, clock)) {
  if (!virtualization) return;
  const auto frame = [&](const char* which, MmioTarget& target) {
    return std::make_unique<tlm::MmioModule>(which, target, kFrameBytes, frame_timing(config, clock));
  };
  hypervisor_interface_ = frame("hypervisor_interface", core_.hypervisor_interface());
  virtual_cpu_interface_ = frame("virtual_cpu_interface", core_.virtual_cpu_interface());
}

}  // namespace tw::gic
