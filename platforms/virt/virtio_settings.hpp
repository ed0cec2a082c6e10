// The virtio devices of a machine, as the user asks for them.
#pragma once

#include <string>
#include <vector>

#include "platforms/network/network.hpp"
#include "platforms/storage/disk_image.hpp"

namespace tw::virt {

enum class VirtioBus : u8 { Mmio, Pci };

struct DriveSettings {
  std::string file;
  storage::Access access = storage::Access::Snapshot;
  VirtioBus bus = VirtioBus::Mmio;
};

struct NetdevSettings {
  enum class Kind : u8 { User, Hub, None };
  Kind kind = Kind::User;
  network::UserSettings user;
  VirtioBus bus = VirtioBus::Mmio;
};

/// In this order the devices take their places; virtio-console comes before the entropy device.
struct VirtioSettings {
  std::vector<DriveSettings> drives;
  std::vector<NetdevSettings> netdevs;
  bool rng = false;
};

}  // namespace tw::virt
