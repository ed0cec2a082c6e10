#include "platforms/virt/system_mmu.hpp"

#include "platforms/virt/memory_map.hpp"
#include "platforms/virt/peripherals.hpp"

namespace tw::virt {

namespace {

u32 spi_of(smmu::Wire wire) {
  switch (wire) {
    case smmu::Wire::EventQueue:
      return kSmmuEventSpi;
    case smmu::Wire::PriQueue:
      return kSmmuPriSpi;
    case smmu::Wire::CommandSync:
      return kSmmuSyncSpi;
    case smmu::Wire::GlobalError:
      return kSmmuErrorSpi;
  }
  return kSmmuErrorSpi;
}

}  // namespace

/// The wires of the secure half are not connected: the machine has none.
SystemMmu::SystemMmu(sc_core::sc_module_name name, const Context& context)
    : sc_module(name),
      checkers_(context.checkers),
      agents_("agents"),
      module_("smmu", context.config.smmu,
              {.ports = context.masters,
               .stream = StreamId{kSmmuStream},
               .frame = device_timing(context.config.devices, context.clock),
               .pulse =
                   [interrupt = context.interrupt](smmu::Wire wire, Security security) {
                     if (security == Security::Secure) return;
                     interrupt(spi_of(wire), true);
                     interrupt(spi_of(wire), false);
                   },
               .send_event = context.send_event,
               .is_memory = context.is_memory,
               .endpoints = agents_}) {}

void SystemMmu::connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link, DmaBus& bus) {
  fabric.map("smmu", kSmmu.base, kSmmu.size, link, module_.frame());
  checkers_.bind(module_.translated, bus.masters, module_.translated.name());
  checkers_.bind(module_.memory(), bus.masters, module_.memory().name());
}

}  // namespace tw::virt
