// A generic PCIe host bridge with ECAM (PCI Express Base, 7.2.2), as QEMU's virt has: one root bus, functions at
// device N function 0, three windows into the bus's address spaces, four interrupt wires.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "base/mmio.hpp"
#include "devices/pci/function.hpp"

namespace tw::devices::pci {

/// Bus, device and function as they are in a transaction.
constexpr u16 requester_id(u8 bus, u8 device, u8 function = 0) {
  return static_cast<u16>(bus << 8 | device << 3 | function);
}

class HostBridge final {
 public:
  static constexpr unsigned kDevices = 32;
  static constexpr unsigned kWires = 4;
  static constexpr u64 kEcamBytes = u64{256} << 20;  ///< 256 buses

  /// `wire(n, level)`: interrupt wire n. Pin p (0 is INTA#) of device d is on wire (d + p) mod 4.
  explicit HostBridge(std::function<void(unsigned wire, bool level)> wire);
  HostBridge(const HostBridge&) = delete;
  HostBridge& operator=(const HostBridge&) = delete;

  /// `function` outlives the bridge's use. Device 0 is the bridge itself. Throws std::logic_error when it is taken.
  void attach(unsigned device, Function& function);

  MmioTarget& ecam() { return ecam_; }
  /// A window whose first byte is `base` of the bus's memory or I/O space. Lives as long as the bridge.
  MmioTarget& add_window(bool io, u64 base);
  void reset();

 private:
  struct Ecam final : MmioTarget {
    explicit Ecam(HostBridge& owner) : bridge(owner) {}
    MmioResult access(const MmioAccess& access) override { return bridge.access_config(access); }
    HostBridge& bridge;
  };
  struct Window final : MmioTarget {
    Window(HostBridge& owner, bool is_io, u64 first) : bridge(owner), io(is_io), base(first) {}
    MmioResult access(const MmioAccess& access) override { return bridge.access_window(*this, access); }
    HostBridge& bridge;
    bool io;
    u64 base;
  };
  /// The bridge's own function: identity only.
  struct Root final : Function {
    explicit Root(BusMaster& bus);
    MmioResult access_device(unsigned, const MmioAccess&) override { return {}; }
  };
  struct NoBus final : DmaPort {
    bool read(Iova, std::span<u8>) override { return false; }
    bool write(Iova, std::span<const u8>) override { return false; }
  };
  struct Decoded {
    Function* function;
    BarWindow window;
  };

  MmioResult access_config(const MmioAccess& access);
  MmioResult access_window(const Window& window, const MmioAccess& access);
  void decode();
  void drive(unsigned device, bool level);

  std::function<void(unsigned, bool)> wire_;
  Ecam ecam_{*this};
  NoBus no_bus_;
  BusMaster root_master_{no_bus_};
  Root root_{root_master_};
  std::array<Function*, kDevices> functions_{};
  std::array<bool, kDevices> asserted_{};
  std::array<bool, kWires> levels_{};
  std::vector<std::unique_ptr<Window>> windows_;
  std::vector<Decoded> decoded_;  ///< in the order of devices and BARs; the first that matches answers
};

}  // namespace tw::devices::pci
