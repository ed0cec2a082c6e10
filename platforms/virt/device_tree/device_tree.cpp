#include "platforms/virt/device_tree/device_tree.hpp"

#include <fmt/format.h>
#include <libfdt.h>

#include "base/error.hpp"
#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

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
  add_flash(tree);
  add_gic(tree, spec);
  add_uart(tree);
  add_rtc(tree);
  add_memory(tree, spec);
  add_psci(tree, spec);
  return tree.take();
}

images::Bytes adopt_device_tree(const std::string& path, const DeviceTreeSpec& spec) {
  const images::Bytes source = images::read_file(path);
  const int result =
      source.size() < sizeof(fdt_header) ? -FDT_ERR_TRUNCATED : fdt_check_full(source.data(), source.size());
  if (result != 0) throw UserError(Complaint{path, fmt::format("is no device tree: {}", fdt_strerror(result))});
  Tree tree(source);
  add_chosen(tree, spec);
  add_memory(tree, spec);
  return tree.take();
}

}  // namespace tw::virt
