// The device tree of the platform, as QEMU's `virt` describes the devices that exist here.
#pragma once

#include <optional>
#include <string>

#include "platforms/images/images.hpp"
#include "platforms/virt/smmu_settings.hpp"

namespace tw::virt {

/// Who serves PSCI calls: the platform behind HVC or SMC, or nobody (EL3 firmware has to).
enum class PsciConduit : u8 { None, Hvc, Smc };

struct InitrdRange {
  u64 first = 0;
  u64 end = 0;  ///< exclusive
};

/// A file that a hypervisor finds in memory (multiboot module).
struct BootModule {
  enum class Kind : u8 { Kernel, Ramdisk };
  Kind kind = Kind::Kernel;
  u64 first = 0;
  u64 size = 0;
  std::string bootargs;
};

/// A domain that Xen starts itself, beside dom0 or without one.
struct DomainSpec {
  std::string name;  ///< of its node below /chosen
  u64 memory_bytes = 0;
  unsigned cpus = 1;
  bool vpl011 = false;  ///< an emulated PL011 as console
  std::vector<BootModule> modules;
};

/// xen/docs/misc/arm/device-tree/booting.txt
struct HypervisorSpec {
  std::string bootargs;
  std::string dom0_bootargs;
  std::vector<BootModule> dom0_modules;
  std::vector<DomainSpec> domains;
};

/// The DMA controller.
struct Pl330Spec {
  unsigned events = 0;   ///< each with an interrupt
  unsigned streams = 1;  ///< StreamIDs, kFirstPl330Stream and the next ones
};

struct DeviceTreeSpec {
  unsigned cpus = 1;
  u64 ram_bytes = 0;
  bool el2 = true;
  bool secure = false;  ///< the secure machine
  unsigned gic_version = 2;
  PsciConduit psci = PsciConduit::Smc;
  SmmuSettings smmu = {};
  bool smmu_ats = false;
  std::optional<Pl330Spec> pl330 = {};
  std::string cpu_compatible;
  std::string bootargs;
  std::optional<InitrdRange> initrd;
  std::optional<HypervisorSpec> hypervisor;
};

/// A flattened tree with room for firmware to grow it in place.
images::Bytes make_device_tree(const DeviceTreeSpec& spec);
/// A tree from the user's file, kept but for what depends on this run, as QEMU does: memory nodes are replaced,
/// bootargs, initrd and modules are written to /chosen when there are any, /psci is added when it is missing. Throws
/// UserError when the file does not parse or cannot hold that.
images::Bytes adopt_device_tree(const std::string& path, const DeviceTreeSpec& spec);

}  // namespace tw::virt
