// What Xen starts: modules in memory and domains, below /chosen (xen/docs/misc/arm/device-tree/booting.txt).
#include <fmt/format.h>

#include "platforms/virt/device_tree/parts.hpp"

namespace tw::virt {

namespace {

void add_modules(Tree& tree, const std::string& parent, const std::vector<BootModule>& modules) {
  for (auto at = modules.rbegin(); at != modules.rend(); ++at) {
    const BootModule& module = *at;
    const std::string path = fmt::format("{}/module@{:x}", parent, module.first);
    const bool kernel = module.kind == BootModule::Kind::Kernel;
    tree.node(path);
    tree.text(path, "compatible",
              fmt::format("multiboot,{}", kernel ? "kernel" : "ramdisk") + '\0' + "multiboot,module");
    tree.reg(path, {Range{Pa{module.first}, module.size}});
    if (!module.bootargs.empty()) tree.text(path, "bootargs", module.bootargs);
  }
}

void add_domain(Tree& tree, const DomainSpec& domain) {
  const std::string path = "/chosen/" + domain.name;
  tree.node(path);
  tree.text(path, "compatible", "xen,domain");
  tree.cells(path, "#address-cells", {2});
  tree.cells(path, "#size-cells", {2});
  tree.wide(path, "memory", domain.memory_bytes / 1024);
  tree.cells(path, "cpus", {domain.cpus});
  if (domain.vpl011) tree.flag(path, "vpl011");
  add_modules(tree, path, domain.modules);
}

}  // namespace

void add_hypervisor(Tree& tree, const HypervisorSpec& spec) {
  tree.cells("/chosen", "#address-cells", {2});
  tree.cells("/chosen", "#size-cells", {2});
  if (!spec.bootargs.empty()) tree.text("/chosen", "xen,xen-bootargs", spec.bootargs);
  if (!spec.dom0_bootargs.empty()) tree.text("/chosen", "xen,dom0-bootargs", spec.dom0_bootargs);
  // New nodes go first: backwards, so that Xen meets them, and numbers the domains, in the user's order.
  for (auto domain = spec.domains.rbegin(); domain != spec.domains.rend(); ++domain) add_domain(tree, *domain);
  add_modules(tree, "/chosen", spec.dom0_modules);
}

}  // namespace tw::virt
