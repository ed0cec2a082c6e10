// What firmware finds in fw_cfg, as QEMU's virt puts it there.
#pragma once

#include <string>

#include "devices/fw_cfg.hpp"
#include "platforms/images/images.hpp"

namespace tw::virt {

/// A kernel that firmware is to start by itself (--bios with --kernel). Empty: firmware boots what it finds.
struct FirmwareItems {
  images::Bytes kernel, initrd;
  std::string command_line;
};

void add_items(devices::FwCfg& device, const FirmwareItems& items, unsigned cpus);

}  // namespace tw::virt
