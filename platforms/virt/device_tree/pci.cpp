// The PCIe host bridge (the binding pci-host-ecam-generic, and IEEE 1275's PCI binding for the cells).
#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

namespace {

// The code of an address space in the first cell of a PCI address.
constexpr u32 kIoSpace = 0x0100'0000, kMemory32 = 0x0200'0000, kMemory64 = 0x0300'0000;

constexpr u32 high(u64 value) { return static_cast<u32>(value >> 32); }
constexpr u32 low(u64 value) { return static_cast<u32>(value); }

void append_window(std::vector<u32>& cells, u32 space, u64 bus_address, const Range& range) {
  const u64 base = range.base.value;
  cells.insert(cells.end(),
               {space, high(bus_address), low(bus_address), high(base), low(base), high(range.size), low(range.size)});
}

/// Pin p (1 is INTA#) of device d is on wire (d + p - 1) mod 4; four devices show the whole pattern.
std::vector<u32> interrupt_map() {
  std::vector<u32> cells;
  for (u32 device = 0; device < kPciWires; ++device) {
    for (u32 pin = 1; pin <= kPciWires; ++pin) {
      const u32 spi = kFirstPciSpi + (device + pin - 1) % kPciWires;
      // Device, pin; then the interrupt controller, its unit address, the specifier.
      cells.insert(cells.end(), {device << 11, 0, 0, pin, kGicHandle, 0, 0, kSpi, spi, kLevelHigh});
    }
  }
  return cells;
}

}  // namespace

void add_pci(Tree& tree, const DeviceTreeSpec& spec) {
  const std::string path = fmt::format("/pcie@{:x}", kPciMemory.base.value);
  tree.node(path);
  tree.text(path, "compatible", "pci-host-ecam-generic");
  tree.text(path, "device_type", "pci");
  tree.cells(path, "#address-cells", {3});
  tree.cells(path, "#size-cells", {2});
  tree.cells(path, "linux,pci-domain", {0});
  tree.cells(path, "bus-range", {0, 0xFF});
  tree.flag(path, "dma-coherent");
  // Requester IDs are the DeviceIDs of messages.
  tree.cells(path, "msi-map", {0, kMsiHandle, 0, kPciStreams});
  if (spec.smmu.translates_pci()) {
    tree.cells(path, "iommu-map", {0, kSmmuHandle, 0, kPciStreams});
    if (spec.smmu_ats) tree.flag(path, "ats-supported");
  }
  tree.reg(path, {kPciEcam});
  std::vector<u32> windows;
  append_window(windows, kIoSpace, 0, kPciIo);
  append_window(windows, kMemory32, kPciMemory.base.value, kPciMemory);
  append_window(windows, kMemory64, kPciHighMemory.base.value, kPciHighMemory);
  tree.cells(path, "ranges", std::move(windows));
  tree.cells(path, "#interrupt-cells", {1});
  tree.cells(path, "interrupt-map", interrupt_map());
  tree.cells(path, "interrupt-map-mask", {(kPciWires - 1) << 11, 0, 0, 7});
}

}  // namespace tw::virt
