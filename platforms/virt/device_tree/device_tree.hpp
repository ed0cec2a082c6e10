// The device tree of the platform, as QEMU's `virt` describes the devices that exist here.
#pragma once

#include <optional>
#include <string>

#include "platforms/images/images.hpp"

namespace tw::virt {

/// Who serves PSCI calls: the platform behind HVC or SMC, or nobody (EL3 firmware has to).
enum class PsciConduit : u8 { None, Hvc, Smc };

struct InitrdRange {
  u64 first = 0;
  u64 end = 0;  ///< exclusive
};

struct DeviceTreeSpec {
  unsigned cpus = 1;
  u64 ram_bytes = 0;
  bool el2 = true;
  unsigned gic_version = 2;
  PsciConduit psci = PsciConduit::Smc;
  std::string cpu_compatible;
  std::string bootargs;
  std::optional<InitrdRange> initrd;
};

/// A flattened tree with room for firmware to grow it in place.
images::Bytes make_device_tree(const DeviceTreeSpec& spec);
/// A tree from the user's file, with this run's memory, bootargs and initrd. Throws UserError when it does not parse.
images::Bytes adopt_device_tree(const std::string& path, const DeviceTreeSpec& spec);

}  // namespace tw::virt
