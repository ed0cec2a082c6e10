// The PCIe endpoints of a machine, as the user asks for them.
#pragma once

#include <optional>

#include "devices/pci/edu.hpp"

namespace tw::virt {

struct EndpointSettings {
  u64 dma_mask = devices::pci::EduSettings{}.dma_mask;
  bool ats = false, pri = false, pasid = false;
  std::optional<unsigned> slot;  ///< device number; without it the next free one
};

}  // namespace tw::virt
