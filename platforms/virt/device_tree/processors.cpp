// Cores, their timers, and who switches them on.
#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

namespace {

// PSCI function identifiers (Arm DEN 0022, 5.1).
constexpr u32 kPsciCpuSuspend = 0xC400'0001, kPsciCpuOff = 0x8400'0002, kPsciCpuOn = 0xC400'0003,
              kPsciMigrate = 0xC400'0005;

/// GICv2 PPI specifiers carry a mask of the CPUs in bits 15:8.
u32 private_interrupt_flags(const DeviceTreeSpec& spec) {
  return kLevelHigh | (spec.gic_version == 2 ? ((1u << spec.cpus) - 1) << 8 : 0);
}

}  // namespace

void add_cpus(Tree& tree, const DeviceTreeSpec& spec) {
  tree.node("/cpus");
  tree.cells("/cpus", "#address-cells", {1});
  tree.cells("/cpus", "#size-cells", {0});
  for (unsigned n = spec.cpus; n-- > 0;) {
    const std::string path = fmt::format("/cpus/cpu@{}", n);
    tree.node(path);
    tree.text(path, "device_type", "cpu");
    tree.text(path, "compatible", spec.cpu_compatible);
    if (spec.psci != PsciConduit::None && spec.cpus > 1) tree.text(path, "enable-method", "psci");
    tree.cells(path, "reg", {n});
    tree.cells(path, "phandle", {kFirstCpuHandle + n});
  }
  tree.node("/cpus/cpu-map");
  tree.node("/cpus/cpu-map/socket0");
  tree.node("/cpus/cpu-map/socket0/cluster0");
  for (unsigned n = spec.cpus; n-- > 0;) {
    const std::string path = fmt::format("/cpus/cpu-map/socket0/cluster0/core{}", n);
    tree.node(path);
    tree.cells(path, "cpu", {kFirstCpuHandle + n});
  }
}

void add_timer(Tree& tree, const DeviceTreeSpec& spec) {
  const u32 flags = private_interrupt_flags(spec);
  tree.node("/timer");
  tree.text("/timer", "compatible", std::string_view("arm,armv8-timer\0arm,armv7-timer", 31));
  tree.flag("/timer", "always-on");
  tree.cells("/timer", "interrupts",
             {kPpi, kTimerSecurePpi, flags, kPpi, kTimerPhysicalPpi, flags, kPpi, kTimerVirtualPpi, flags, kPpi,
              kTimerHypervisorPpi, flags});
}

void add_performance_monitors(Tree& tree, const DeviceTreeSpec& spec) {
  tree.node("/pmu");
  tree.text("/pmu", "compatible", "arm,armv8-pmuv3");
  tree.cells("/pmu", "interrupts", {kPpi, kPmuPpi, private_interrupt_flags(spec)});
}

void add_psci(Tree& tree, const DeviceTreeSpec& spec) {
  if (spec.psci == PsciConduit::None || tree.has("/psci")) return;  // the user's tree says it in its own way
  tree.node("/psci");
  tree.text("/psci", "compatible", std::string_view("arm,psci-1.0\0arm,psci-0.2\0arm,psci", 34));
  tree.text("/psci", "method", spec.psci == PsciConduit::Smc ? "smc" : "hvc");
  tree.cells("/psci", "cpu_suspend", {kPsciCpuSuspend});
  tree.cells("/psci", "cpu_off", {kPsciCpuOff});
  tree.cells("/psci", "cpu_on", {kPsciCpuOn});
  tree.cells("/psci", "migrate", {kPsciMigrate});
}

}  // namespace tw::virt
