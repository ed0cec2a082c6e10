// A PCI function with a type 0 header: configuration, base address registers, INTx, MSI and MSI-X. A device derives
// from it and serves its BARs.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/mmio.hpp"
#include "devices/pci/bus_master.hpp"
#include "devices/pci/config_space.hpp"
#include "devices/pci/msi.hpp"
#include "devices/pci/msix.hpp"
#include "devices/ports.hpp"

namespace tw::devices::pci {

inline constexpr unsigned kBars = 6;

enum class BarKind : u8 { Io, Memory32, Memory64, Prefetchable64 };

struct BarRow {
  unsigned index;
  BarKind kind;
  u64 bytes;  ///< a power of two; at least 16 of memory, 4 of I/O
};

struct Identity {
  u16 vendor, device;
  u16 subsystem_vendor, subsystem;
  u32 class_code;  ///< base class, sub-class, programming interface
  u8 revision = 0;
  u8 interrupt_pin = 0;  ///< 0: none, 1: INTA#
};

struct FunctionSpec {
  Identity identity;
  std::span<const BarRow> bars;
  std::optional<unsigned> msix_bar;  ///< the BAR of the table, not in `bars`
  u16 msix_vectors = 0;
  bool msi = false;  ///< one vector
};

/// Where a BAR is on the bus at present.
struct BarWindow {
  unsigned index;
  bool io;
  u64 base, bytes;
};

class Function {
 public:
  /// `bus` is the function's own, with its requester ID as StreamId.
  Function(const FunctionSpec& spec, BusMaster& bus);
  virtual ~Function() = default;
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  /// 1, 2 or 4 bytes, naturally aligned.
  virtual u32 read_config(u16 offset, unsigned bytes, bool debug);
  virtual void write_config(u16 offset, unsigned bytes, u32 value);
  /// The BARs that decode accesses now: Command enables their kind, and they hold an address.
  std::vector<BarWindow> windows() const;
  /// `access.offset` is from the start of the BAR.
  MmioResult access_bar(unsigned bar, const MmioAccess& access);
  /// Called when INTx changes.
  void on_interrupt(InterruptOutput output) { intx_ = std::move(output); }
  void reset();
  const ConfigSpace& config() const { return config_; }
  u8 interrupt_pin() const { return pin_; }

 protected:
  virtual MmioResult access_device(unsigned bar, const MmioAccess& access) = 0;
  virtual void reset_device() {}

  ConfigSpace& space() { return config_; }
  bool msix_enabled() const { return msix_ && msix_->enabled(); }
  u16 msix_vectors() const { return msix_ ? msix_->vectors() : u16{0}; }
  void notify(u16 vector);
  bool msi_enabled() const { return msi_ && msi_->enabled(); }
  void notify_msi();
  /// The device's interrupt condition, for INTx.
  void set_interrupt(bool asserted);

 private:
  void add_bar(const BarRow& row);
  void drive();

  BusMaster& bus_;
  ConfigSpace config_;
  std::vector<BarRow> bars_;
  std::optional<Msi> msi_;
  std::optional<Msix> msix_;
  InterruptOutput intx_;
  u8 pin_;
  bool asserted_ = false;
  bool level_ = false;
};

}  // namespace tw::devices::pci
