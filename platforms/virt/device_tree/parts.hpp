// The parts of the tree, each written once; device_tree.cpp says in which order they come.
#pragma once

#include "platforms/virt/device_tree/device_tree.hpp"
#include "platforms/virt/device_tree/tree.hpp"

namespace tw::virt {

enum Phandle : u32 {
  kClockHandle = 0x8000,
  kGicHandle = 0x8001,
  kFirstCpuHandle = 0x8002,
  kMsiHandle = 0x8010,
  kGpioHandle = 0x8020,
  kSecureGpioHandle = 0x8021,
  kSmmuHandle = 0x8030,
};

// Interrupt specifiers of the GIC's binding: type, number, flags.
inline constexpr u32 kSpi = 0, kPpi = 1, kEdgeRising = 1, kLevelHigh = 4;

// system.cpp: what every tree has, the user's own included
void add_chosen(Tree& tree, const DeviceTreeSpec& spec);
void add_memory(Tree& tree, const DeviceTreeSpec& spec);
// hypervisor.cpp: what Xen starts
void add_hypervisor(Tree& tree, const HypervisorSpec& spec);
// processors.cpp
void add_cpus(Tree& tree, const DeviceTreeSpec& spec);
void add_timer(Tree& tree, const DeviceTreeSpec& spec);
void add_performance_monitors(Tree& tree, const DeviceTreeSpec& spec);
void add_psci(Tree& tree, const DeviceTreeSpec& spec);
// interrupts.cpp
void add_gic(Tree& tree, const DeviceTreeSpec& spec);
// peripherals.cpp
void add_clock(Tree& tree);
void add_flash(Tree& tree, const DeviceTreeSpec& spec);
void add_rtc(Tree& tree);
void add_power_key(Tree& tree);
/// These return the path of the node.
std::string add_uart(Tree& tree, const Range& range, u32 spi);
std::string add_gpio(Tree& tree, const Range& range, u32 spi, u32 handle);
void add_fw_cfg(Tree& tree);
void add_virtio(Tree& tree, const DeviceTreeSpec& spec);
/// With spec.pl330.
void add_pl330(Tree& tree, const DeviceTreeSpec& spec);
// pci.cpp
void add_pci(Tree& tree, const DeviceTreeSpec& spec);
// smmu.cpp
void add_smmu(Tree& tree, const DeviceTreeSpec& spec);
/// The node's device is a master behind the SMMU.
void add_stream(Tree& tree, const std::string& path, u32 stream);
// secure.cpp
void add_secure(Tree& tree);

}  // namespace tw::virt
