// The SMMU and who is behind it (Devicetree bindings: iommu/arm,smmu-v3.yaml, iommu/iommu.txt, pci/pci-iommu.txt).
#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

void add_smmu(Tree& tree, const DeviceTreeSpec& spec) {
  const std::string path = fmt::format("/smmuv3@{:x}", kSmmu.base.value);
  tree.node(path);
  tree.text(path, "compatible", "arm,smmu-v3");
  tree.reg(path, {kSmmu});
  tree.cells(path, "interrupts",
             {kSpi, kSmmuEventSpi, kEdgeRising, kSpi, kSmmuPriSpi, kEdgeRising, kSpi, kSmmuSyncSpi, kEdgeRising, kSpi,
              kSmmuErrorSpi, kEdgeRising});
  tree.text(path, "interrupt-names", std::string_view("eventq\0priq\0cmdq-sync\0gerror", 28));
  // A GICv2m frame knows no DeviceIDs.
  if (spec.smmu.messages && spec.gic_version == 3) tree.cells(path, "msi-parent", {kMsiHandle, kSmmuStream});
  if (spec.smmu.messages && spec.gic_version == 2) tree.cells(path, "msi-parent", {kMsiHandle});
  tree.flag(path, "dma-coherent");
  tree.cells(path, "#iommu-cells", {1});
  tree.cells(path, "phandle", {kSmmuHandle});
}

void add_stream(Tree& tree, const std::string& path, u32 stream) { tree.cells(path, "iommus", {kSmmuHandle, stream}); }

}  // namespace tw::virt
