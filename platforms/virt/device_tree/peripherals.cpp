#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

namespace {

constexpr u32 kPeripheralClockHz = 24'000'000;

void add_primecell(Tree& tree, std::string_view name, const Range& range, u32 spi, std::string_view clock_names,
                   std::initializer_list<u32> clocks) {
  const std::string path = fmt::format("/{}@{:x}", name, range.base.value);
  tree.node(path);
  tree.text(path, "compatible", fmt::format("arm,{}", name) + '\0' + "arm,primecell");
  tree.reg(path, {range});
  tree.cells(path, "interrupts", {kSpi, spi, kLevelHigh});
  tree.cells(path, "clocks", clocks);
  tree.text(path, "clock-names", clock_names);
}

}  // namespace

void add_clock(Tree& tree) {
  tree.node("/apb-pclk");
  tree.text("/apb-pclk", "compatible", "fixed-clock");
  tree.cells("/apb-pclk", "#clock-cells", {0});
  tree.cells("/apb-pclk", "clock-frequency", {kPeripheralClockHz});
  tree.text("/apb-pclk", "clock-output-names", "clk24mhz");
  tree.cells("/apb-pclk", "phandle", {kClockHandle});
}

void add_flash(Tree& tree) {
  tree.node("/flash@0");
  tree.text("/flash@0", "compatible", "cfi-flash");
  tree.reg("/flash@0", {kFlash0, kFlash1});
  tree.cells("/flash@0", "bank-width", {4});
}

void add_uart(Tree& tree) {
  add_primecell(tree, "pl011", kUart, kUartSpi, std::string_view("uartclk\0apb_pclk", 16),
                {kClockHandle, kClockHandle});
}

void add_rtc(Tree& tree) { add_primecell(tree, "pl031", kRtc, kRtcSpi, "apb_pclk", {kClockHandle}); }

/// All transports, whether a device is in them or not; the lowest address comes first in the tree.
void add_virtio(Tree& tree) {
  constexpr u64 kBytes = kVirtio.size / kVirtioTransports;
  for (u32 n = kVirtioTransports; n-- > 0;) {
    const Range frame{kVirtio.base + n * kBytes, kBytes};
    const std::string path = fmt::format("/virtio_mmio@{:x}", frame.base.value);
    tree.node(path);
    tree.text(path, "compatible", "virtio,mmio");
    tree.reg(path, {frame});
    tree.cells(path, "interrupts", {kSpi, kFirstVirtioSpi + n, kEdgeRising});
    tree.flag(path, "dma-coherent");
  }
}

}  // namespace tw::virt
