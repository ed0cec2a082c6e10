#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

namespace {

constexpr u32 kPeripheralClockHz = 24'000'000;
/// linux/input-event-codes.h, as the gpio-keys binding wants it.
constexpr u32 kKeyPower = 116;

std::string add_primecell(Tree& tree, std::string_view name, const Range& range, u32 spi, std::string_view clock_names,
                          std::initializer_list<u32> clocks) {
  const std::string path = fmt::format("/{}@{:x}", name, range.base.value);
  tree.node(path);
  tree.text(path, "compatible", fmt::format("arm,{}", name) + '\0' + "arm,primecell");
  tree.reg(path, {range});
  tree.cells(path, "interrupts", {kSpi, spi, kLevelHigh});
  tree.cells(path, "clocks", clocks);
  tree.text(path, "clock-names", clock_names);
  return path;
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

/// The first bank of a secure machine is not for everybody.
void add_flash(Tree& tree, const DeviceTreeSpec& spec) {
  const std::string path = fmt::format("/flash@{:x}", (spec.secure ? kFlash1 : kFlash0).base.value);
  tree.node(path);
  tree.text(path, "compatible", "cfi-flash");
  if (spec.secure) {
    tree.reg(path, {kFlash1});
  } else {
    tree.reg(path, {kFlash0, kFlash1});
  }
  tree.cells(path, "bank-width", {4});
}

std::string add_uart(Tree& tree, const Range& range, u32 spi) {
  return add_primecell(tree, "pl011", range, spi, std::string_view("uartclk\0apb_pclk", 16),
                       {kClockHandle, kClockHandle});
}

void add_rtc(Tree& tree) { add_primecell(tree, "pl031", kRtc, kRtcSpi, "apb_pclk", {kClockHandle}); }

std::string add_gpio(Tree& tree, const Range& range, u32 spi, u32 handle) {
  const std::string path = add_primecell(tree, "pl061", range, spi, "apb_pclk", {kClockHandle});
  tree.cells(path, "#gpio-cells", {2});
  tree.flag(path, "gpio-controller");
  tree.cells(path, "phandle", {handle});
  return path;
}

void add_power_key(Tree& tree) {
  tree.node("/gpio-keys");
  tree.text("/gpio-keys", "compatible", "gpio-keys");
  tree.node("/gpio-keys/poweroff");
  tree.text("/gpio-keys/poweroff", "label", "GPIO Key Poweroff");
  tree.cells("/gpio-keys/poweroff", "linux,code", {kKeyPower});
  tree.cells("/gpio-keys/poweroff", "gpios", {kGpioHandle, kPowerKeyPin, 0});
}

void add_fw_cfg(Tree& tree) {
  const std::string path = fmt::format("/fw-cfg@{:x}", kFwCfg.base.value);
  tree.node(path);
  tree.text(path, "compatible", "qemu,fw-cfg-mmio");
  tree.reg(path, {kFwCfg});
  tree.flag(path, "dma-coherent");
}

/// All transports, whether a device is in them or not; the lowest address comes first in the tree.
void add_virtio(Tree& tree, const DeviceTreeSpec& spec) {
  constexpr u64 kBytes = kVirtio.size / kVirtioTransports;
  for (u32 n = kVirtioTransports; n-- > 0;) {
    const Range frame{kVirtio.base + n * kBytes, kBytes};
    const std::string path = fmt::format("/virtio_mmio@{:x}", frame.base.value);
    tree.node(path);
    tree.text(path, "compatible", "virtio,mmio");
    tree.reg(path, {frame});
    tree.cells(path, "interrupts", {kSpi, kFirstVirtioSpi + n, kEdgeRising});
    tree.flag(path, "dma-coherent");
    if (spec.smmu.translates_platform_devices()) add_stream(tree, path, kFirstVirtioStream + n);
  }
}

/// irq_abort comes first: Linux's bus hands its driver the first nine.
void add_pl330(Tree& tree, const DeviceTreeSpec& spec) {
  const std::string path = add_primecell(tree, "pl330", kPl330, kPl330AbortSpi, "apb_pclk", {kClockHandle});
  std::vector<u32> interrupts{kSpi, kPl330AbortSpi, kLevelHigh};
  for (u32 n = 0; n < spec.pl330->events; ++n) {
    interrupts.insert(interrupts.end(), {kSpi, kFirstPl330Spi + n, kLevelHigh});
  }
  tree.cells(path, "interrupts", std::move(interrupts));
  tree.cells(path, "#dma-cells", {1});
  tree.flag(path, "dma-coherent");
  if (!spec.smmu.translates_platform_devices()) return;
  std::vector<u32> streams;
  for (u32 n = 0; n < spec.pl330->streams; ++n) streams.insert(streams.end(), {kSmmuHandle, kFirstPl330Stream + n});
  tree.cells(path, "iommus", std::move(streams));
}

}  // namespace tw::virt
