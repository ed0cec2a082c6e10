// The PCIe of the machine: the host bridge at its addresses, its interrupt wires at their SPIs, virtio devices on its
// bus.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <systemc>

#include "devices/tlm/pci_module.hpp"
#include "devices/virtio/pci_transport.hpp"
#include "interconnect/tlm/interconnect_module.hpp"
#include "platforms/config/all_parameters.hpp"

namespace tw::virt {

class PciExpress final : public sc_core::sc_module {
 public:
  struct Context {
    const config::PlatformConfig& config;
    tlm::Clock clock;
    /// The wire of SPI `spi` to the interrupt controller.
    std::function<void(u32 spi, bool level)> interrupt;
  };
  PciExpress(sc_core::sc_module_name name, const Context& context);

  /// On device number `number`. `master` is what the device's DMA goes through.
  void add(unsigned number, devices::virtio::Device& device, devices::pci::BusMaster& master);
  void add(unsigned number, devices::pci::Function& function) { bridge_.bridge().attach(number, function); }
  /// Puts configuration space and windows at their addresses.
  void connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link);

 private:
  devices::PciModule bridge_;
  std::vector<std::unique_ptr<devices::virtio::PciTransport>> functions_;
};

}  // namespace tw::virt
