// The virtio devices that the user asked for, with what they need of the host, and the virtio-mmio transports.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include <systemc>

#include "devices/pci/bus_master.hpp"
#include "devices/tlm/network_module.hpp"
#include "devices/tlm/virtio_console_module.hpp"
#include "devices/tlm/virtio_module.hpp"
#include "devices/virtio/block.hpp"
#include "devices/virtio/entropy.hpp"
#include "devices/virtio/mmio_bank.hpp"
#include "platforms/config/all_parameters.hpp"
#include "platforms/console/console.hpp"
#include "platforms/virt/smmu_settings.hpp"
#include "platforms/virt/virtio_settings.hpp"

namespace tw::virt {

class VirtioDevices final : public sc_core::sc_module {
 public:
  struct Context {
    const config::PlatformConfig& config;
    const VirtioSettings& settings;
    SmmuSettings smmu;
    tlm::Clock clock;
    console::Console* console;  ///< nullptr: no virtio-console
    /// The wire of virtio-mmio transport n.
    std::function<void(unsigned n, bool level)> interrupt;
    /// Calls `wait` with how long the host may sleep, if it may (HostPace).
    std::function<void(const std::function<void(std::chrono::milliseconds)>& wait)> keep_pace;
    devices::Warn warn;
  };
  /// Throws UserError when a disk or a port of the host cannot be used, or when there are more devices than places.
  VirtioDevices(sc_core::sc_module_name name, const Context& context);

  auto& transports() { return transports_->socket; }
  /// A device for PCI, and what its DMA goes through.
  struct PciDevice {
    devices::virtio::Device* device;
    devices::pci::BusMaster* master;
  };
  /// In their order; the first is PCI device kFirstVirtioPciDevice.
  const std::vector<PciDevice>& pci_devices() const { return pci_; }

  /// Those of virtio-mmio and those of PCI.
  std::size_t platform_masters() const { return shells_.size() - masters_.size(); }
  template <class AddMaster>
  void bind_masters(const AddMaster& add_master) {
    for (std::size_t n = 0; n < shells_.size(); ++n) add_master(shells_[n]->bus.socket, buses_[n]);
  }

 private:
  devices::VirtioModule& make_shell(const std::string& name, VirtioBus bus);
  void place(devices::virtio::Device& device, VirtioBus bus);
  void add_drive(const DriveSettings& drive, unsigned n);
  void add_netdev(const NetdevSettings& netdev, unsigned n);
  network::Line& line_of(const NetdevSettings& netdev);
  void add_console(console::Console& console);
  void add_rng();

  const Context context_;
  network::Hub hub_;
  std::vector<std::unique_ptr<network::Line>> lines_;
  std::vector<std::unique_ptr<storage::DiskImage>> images_;
  std::vector<std::unique_ptr<devices::VirtioModule>> shells_;
  std::vector<VirtioBus> buses_;                                   ///< of the shells
  std::vector<std::unique_ptr<devices::virtio::Device>> devices_;  ///< those without a module of their own
  std::vector<std::unique_ptr<devices::NetworkModule>> networks_;
  std::unique_ptr<devices::VirtioConsoleModule> console_;
  std::vector<std::unique_ptr<devices::pci::BusMaster>> masters_;
  std::vector<devices::virtio::Device*> mmio_;
  std::vector<PciDevice> pci_;
  std::unique_ptr<devices::virtio::MmioBank> bank_;
  std::unique_ptr<tlm::MmioModule> transports_;
};

}  // namespace tw::virt
