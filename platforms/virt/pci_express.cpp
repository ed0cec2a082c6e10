#include "platforms/virt/pci_express.hpp"

#include "platforms/virt/memory_map.hpp"
#include "platforms/virt/peripherals.hpp"

namespace tw::virt {

namespace {

/// Addresses on the bus are those of the machine, but for I/O space, which begins at 0.
constexpr devices::PciWindow kWindows[] = {
    {.name = "memory", .io = false, .first = kPciMemory.base.value, .bytes = kPciMemory.size},
    {.name = "io", .io = true, .first = 0, .bytes = kPciIo.size},
    {.name = "high_memory", .io = false, .first = kPciHighMemory.base.value, .bytes = kPciHighMemory.size},
};
constexpr Range kWindowRanges[] = {kPciMemory, kPciIo, kPciHighMemory};

}  // namespace

PciExpress::PciExpress(sc_core::sc_module_name name, const Context& context)
    : sc_module(name),
      bridge_("bridge", device_timing(context.config.devices, context.clock), kWindows,
              [interrupt = context.interrupt](unsigned wire, bool level) { interrupt(kFirstPciSpi + wire, level); }) {}

void PciExpress::add(unsigned number, devices::virtio::Device& device, devices::pci::BusMaster& master) {
  functions_.push_back(std::make_unique<devices::virtio::PciTransport>(device, master));
  bridge_.bridge().attach(number, *functions_.back());
}

void PciExpress::connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link) {
  fabric.map("pci ecam", kPciEcam.base, kPciEcam.size, link, bridge_.ecam());
  for (unsigned n = 0; n < std::size(kWindows); ++n) {
    const Range& range = kWindowRanges[n];
    fabric.map(std::string("pci ") + kWindows[n].name, range.base, range.size, link, bridge_.window(n));
  }
}

}  // namespace tw::virt
