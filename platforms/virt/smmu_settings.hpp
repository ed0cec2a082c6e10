// Whether the machine has an SMMU, and whose DMA passes it.
#pragma once

#include <string>

namespace tw::virt {

struct SmmuSettings {
  bool present = false;
  bool pci_only = false;  ///< as on QEMU's virt
  bool messages = false;  ///< the device tree has its interrupts as messages, too
  std::string model;      ///< a set of platforms/smmu; empty: the parameters' defaults

  bool translates_pci() const { return present; }
  bool translates_platform_devices() const { return present && !pci_only; }
};

}  // namespace tw::virt
