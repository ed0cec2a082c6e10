#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

namespace {

/// Where PCI devices send their messages: the GICv2m frame or the ITS.
void add_messages(Tree& tree, const std::string& gic, const DeviceTreeSpec& spec) {
  const bool its = spec.gic_version == 3;
  const Range& frame = its ? kGicIts : kGicMessages;
  const std::string path = fmt::format("{}/{}@{:x}", gic, its ? "its" : "v2m", frame.base.value);
  tree.node(path);
  tree.text(path, "compatible", its ? "arm,gic-v3-its" : "arm,gic-v2m-frame");
  tree.flag(path, "msi-controller");
  if (its) tree.cells(path, "#msi-cells", {1});
  tree.reg(path, {frame});
  tree.cells(path, "phandle", {kMsiHandle});
}

}  // namespace

void add_gic(Tree& tree, const DeviceTreeSpec& spec) {
  const std::string path = fmt::format("/intc@{:x}", kGicDistributor.base.value);
  tree.node(path);
  tree.cells(path, "#interrupt-cells", {3});
  tree.flag(path, "interrupt-controller");
  tree.cells(path, "#address-cells", {2});
  tree.cells(path, "#size-cells", {2});
  tree.flag(path, "ranges");
  if (spec.gic_version == 3) {
    tree.text(path, "compatible", "arm,gic-v3");
    tree.cells(path, "#redistributor-regions", {1});
    tree.reg(path, {kGicDistributor, kGicRedistributors});
  } else {
    tree.text(path, "compatible", "arm,cortex-a15-gic");
    if (spec.el2) {
      tree.reg(path, {kGicDistributor, kGicCpuInterface, kGicHypervisor, kGicVirtualCpu});
    } else {
      tree.reg(path, {kGicDistributor, kGicCpuInterface});
    }
  }
  if (spec.el2) tree.cells(path, "interrupts", {kPpi, kMaintenancePpi, kLevelHigh});
  tree.cells(path, "phandle", {kGicHandle});
  add_messages(tree, path, spec);
}

}  // namespace tw::virt
