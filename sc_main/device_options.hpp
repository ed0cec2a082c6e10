// --drive and --netdev: the virtio devices. --device: the others. --smmu: what is between them and memory.
#pragma once

#include <string>
#include <vector>

#include "platforms/virt/endpoint_settings.hpp"
#include "platforms/virt/smmu_settings.hpp"
#include "platforms/virt/virtio_settings.hpp"

namespace tw::command {

/// "FILE,readonly,snapshot=on|off,bus=mmio|pci,format=raw", or file=FILE as QEMU has it; a comma in a value is written
/// twice. Throws UserError, as the next one does.
virt::DriveSettings parse_drive(const std::string& text);
/// "user,hostfwd=tcp:127.0.0.1:PORT-:PORT,restrict=on|off,bus=mmio|pci", "hub", "none".
virt::NetdevSettings parse_netdev(const std::string& text);
/// What --device asks for.
struct DeviceOptions {
  std::vector<virt::EndpointSettings> endpoints;
  bool pl330 = false;
};
/// "edu,dma_mask=MASK,addr=SLOT[.0],ats=on,pri=on,pasid=on": MASK and SLOT (hexadecimal) as QEMU has them. "pl330",
/// once.
void add_device(const std::string& text, DeviceOptions& devices);
/// "v3", "v3,only=pci,msi=on|off,model=mmu-600-like", "none".
virt::SmmuSettings parse_smmu(const std::string& text);

}  // namespace tw::command
