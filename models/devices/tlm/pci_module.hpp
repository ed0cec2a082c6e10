// The TLM shell of the PCIe host bridge: configuration space and windows as frames.
#pragma once

#include <memory>
#include <vector>

#include <systemc>

#include "devices/pci/host_bridge.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::devices {

/// A window of the bridge: which addresses of the bus it shows.
struct PciWindow {
  const char* name;
  bool io;
  u64 first;
  u64 bytes;
};

class PciModule final : public sc_core::sc_module {
 public:
  PciModule(sc_core::sc_module_name name, const tlm::MmioTiming& timing, std::span<const PciWindow> windows,
            std::function<void(unsigned wire, bool level)> wire)
      : sc_module(name), bridge_(std::move(wire)), ecam_("ecam", bridge_.ecam(), pci::HostBridge::kEcamBytes, timing) {
    for (const PciWindow& window : windows) {
      windows_.push_back(std::make_unique<tlm::MmioModule>(window.name, bridge_.add_window(window.io, window.first),
                                                           window.bytes, timing));
    }
  }

  pci::HostBridge& bridge() { return bridge_; }
  auto& ecam() { return ecam_.socket; }
  /// In the order of the constructor's.
  auto& window(unsigned n) { return windows_.at(n)->socket; }

 private:
  pci::HostBridge bridge_;
  tlm::MmioModule ecam_;
  std::vector<std::unique_ptr<tlm::MmioModule>> windows_;
};

}  // namespace tw::devices
