#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

void add_chosen(Tree& tree, const DeviceTreeSpec& spec) {
  if (!tree.has("/chosen")) tree.node("/chosen");
  if (!spec.bootargs.empty()) tree.text("/chosen", "bootargs", spec.bootargs);
  if (spec.hypervisor) add_hypervisor(tree, *spec.hypervisor);
  if (spec.initrd) {
    tree.wide("/chosen", "linux,initrd-start", spec.initrd->first);
    tree.wide("/chosen", "linux,initrd-end", spec.initrd->end);
  }
}

void add_memory(Tree& tree, const DeviceTreeSpec& spec) {
  const std::string path = fmt::format("/memory@{:x}", kRam.value);
  tree.remove_type("memory");
  if (!tree.has(path)) tree.node(path);
  tree.text(path, "device_type", "memory");
  tree.root_reg(path, Range{kRam, spec.ram_bytes});
}

}  // namespace tw::virt
