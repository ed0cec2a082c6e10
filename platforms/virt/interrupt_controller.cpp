#include "platforms/virt/interrupt_controller.hpp"

#include <bit>

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

bool InterruptController::list_virtual_interrupt(unsigned cpu, u32 intid, u8 priority) {
  if (!virtualization_) return false;
  constexpr u64 kPending = 1;
  if (v3_) {  // ICH_ELRSR_EL2, ICH_LR<n>_EL2 (IHI 0069, 12.4)
    const u64 empty = v3_->core().read(cpu, arm::GicRegister::IchElrsr, {.debug = true});
    if (empty == 0) return false;
    const auto lr = static_cast<arm::GicRegister>(static_cast<unsigned>(arm::GicRegister::IchLr0) +
                                                  static_cast<unsigned>(std::countr_zero(empty)));
    v3_->core().write(cpu, lr, kPending << 62 | u64{1} << 60 | u64{priority} << 48 | intid);
    return true;
  }
  // GICH_ELRSR0, GICH_LR<n> (IHI 0048, 5.3)
  MmioTarget& frame = v2_->core().hypervisor_interface();
  const u64 empty = frame.access({.offset = 0x30, .size = 4, .cpu = static_cast<u8>(cpu), .debug = true}).value;
  if (empty == 0) return false;
  frame.access({.offset = 0x100 + 4 * static_cast<u64>(std::countr_zero(empty)),
                .size = 4,
                .write = true,
                .value = kPending << 28 | u64{1} << 30 | u64{priority} >> 3 << 23 | intid,
                .cpu = static_cast<u8>(cpu)});
  return true;
}

}  // namespace tw::virt
