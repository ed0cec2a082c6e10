// MSI (PCI Local Bus 3.0, 6.8.1): the capability with a 64-bit address and one vector, without a mask.
#pragma once

#include "devices/pci/bus_master.hpp"
#include "devices/pci/config_space.hpp"

namespace tw::devices::pci {

class Msi final {
 public:
  explicit Msi(ConfigSpace& config);

  bool enabled() const;
  /// The message is sent now, or lost: without a mask nothing stays pending.
  void notify(BusMaster& bus);
  /// Sent messages that the bus refused.
  u64 refused() const { return refused_; }

 private:
  ConfigSpace& config_;
  u16 capability_;
  u64 refused_ = 0;
};

}  // namespace tw::devices::pci
