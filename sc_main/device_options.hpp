// --drive and --netdev: the virtio devices.
#pragma once

#include <string>

#include "platforms/virt/virtio_settings.hpp"

namespace tw::command {

/// "FILE,readonly,snapshot=on|off,bus=mmio|pci,format=raw", or file=FILE as QEMU has it; a comma in a value is written
/// twice. Throws UserError, as the next one does.
virt::DriveSettings parse_drive(const std::string& text);
/// "user,hostfwd=tcp:127.0.0.1:PORT-:PORT,restrict=on|off,bus=mmio|pci", "hub", "none".
virt::NetdevSettings parse_netdev(const std::string& text);

}  // namespace tw::command
