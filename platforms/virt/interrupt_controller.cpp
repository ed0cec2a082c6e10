#include "platforms/virt/interrupt_controller.hpp"

#include "platforms/virt/memory_map.hpp"

namespace tw::virt {

InterruptController::InterruptController(sc_core::sc_module_name name, const Context& context)
    : sc_module(name), virtualization_(context.config.core.has_el2) {
  gic::Config config = context.config.gic;
  config.cpus = context.cpus;
  if (config.version == 3) {
    v3_ = std::make_unique<gic::GicV3Module>("v3", config, context.clock, context.signals, &context.observer,
                                             context.memory_written);
  } else {
    v2_ = std::make_unique<gic::GicV2Module>("v2", config, context.clock, context.signals, &context.observer,
                                             virtualization_,
                                             gic::GicV2Module::Messages{spi_intid(kFirstMessageSpi), kMessageSpis});
  }
}

void InterruptController::connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link,
                                  const interconnect::Link& master) {
  const auto map = [&](const char* name, const Range& range, auto& socket) {
    fabric.map(name, range.base, range.size, link, socket);
  };
  if (v3_) {
    map("GICD", kGicDistributor, v3_->distributor());
    map("GICR", kGicRedistributors.first(v3_->redistributor_bytes()), v3_->redistributors());
    map("GITS", kGicIts, v3_->its());
    fabric.connect(v3_->memory(), fabric.add_port(master));
    return;
  }
  map("GICD", kGicDistributor, v2_->distributor());
  map("GICC", kGicCpuInterface, v2_->cpu_interface());
  map("v2m", kGicMessages, v2_->messages());
  if (!virtualization_) return;
  map("GICH", kGicHypervisor, v2_->hypervisor_interface());
  map("GICV", kGicVirtualCpu, v2_->virtual_cpu_interface());
}

gic::Controller& InterruptController::wires() {
  if (v3_) return v3_->core();
  return v2_->core();
}

}  // namespace tw::virt
