#include "platforms/virt/device_tree/device_tree.hpp"

#include <fmt/format.h>
#include <libfdt.h>

#include "base/error.hpp"
#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

namespace {

/// A memory node must be expressible at the root of the user's tree.
void check_cells(const std::string& path, const images::Bytes& tree, const DeviceTreeSpec& spec) {
  const int address = fdt_address_cells(tree.data(), 0), size = fdt_size_cells(tree.data(), 0);
  if (address < 1 || size < 1) {
    throw UserError(Complaint{path, "has #address-cells or #size-cells of 0 at its root: no place for memory"});
  }
  if (size < 2 && spec.ram_bytes >> 32 != 0) {
    throw UserError(Complaint{path, "has #size-cells of 1 at its root: --memory must be less than 4G"});
  }
}

}  // namespace

images::Bytes make_device_tree(const DeviceTreeSpec& spec) {
  Tree tree;
  tree.text("/", "compatible", "linux,dummy-virt");
  tree.cells("/", "#address-cells", {2});
  tree.cells("/", "#size-cells", {2});
  tree.text("/", "model", "linux,dummy-virt");
  tree.cells("/", "interrupt-parent", {kGicHandle});
  add_chosen(tree, spec);
  tree.text("/chosen", "stdout-path", fmt::format("/pl011@{:x}", kUart.base.value));
  add_clock(tree);
  add_timer(tree, spec);
  add_cpus(tree, spec);
  add_flash(tree, spec);
  add_gic(tree, spec);
  add_performance_monitors(tree, spec);
  add_uart(tree, kUart, kUartSpi);
  add_rtc(tree);
  add_gpio(tree, kGpio, kGpioSpi, kGpioHandle);
  add_power_key(tree);
  add_fw_cfg(tree);
  add_virtio(tree, spec);
  if (spec.pl330) add_pl330(tree, spec);
  add_pci(tree, spec);
  if (spec.smmu.present) add_smmu(tree, spec);
  add_memory(tree, spec);
  if (spec.secure) add_secure(tree);  // behind add_memory(), which takes all other memory away
  add_psci(tree, spec);
  return tree.take();
}

images::Bytes adopt_device_tree(const std::string& path, const DeviceTreeSpec& spec) {
  const images::Bytes source = images::read_file(path);
  const int result =
      source.size() < sizeof(fdt_header) ? -FDT_ERR_TRUNCATED : fdt_check_full(source.data(), source.size());
  if (result != 0) throw UserError(Complaint{path, fmt::format("is no device tree: {}", fdt_strerror(result))});
  check_cells(path, source, spec);
  Tree tree(source);
  add_chosen(tree, spec);
  add_memory(tree, spec);
  add_psci(tree, spec);
  return tree.take();
}

}  // namespace tw::virt
