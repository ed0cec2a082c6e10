// Device trees of the user: a UserError, or a tree that takes this run's memory, arguments and initrd.
#include <libfdt.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.hpp"
#include "fuzz/sample.hpp"
#include "platforms/virt/device_tree/device_tree.hpp"

using namespace tw;

namespace {

virt::DeviceTreeSpec spec() {
  virt::DeviceTreeSpec result;
  result.cpus = 2;
  result.ram_bytes = u64{128} << 20;
  result.cpu_compatible = "arm,cortex-a57";
  result.bootargs = "console=ttyAMA0";
  result.initrd = virt::InitrdRange{0x4800'0000, 0x4810'0000};
  return result;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(u8* data, std::size_t size, std::size_t max_size, unsigned seed) {
  // Without the room for firmware at its end, which would take most of the mutations.
  static const images::Bytes tree = [] {
    images::Bytes whole = virt::make_device_tree(spec());
    fdt_pack(whole.data());
    whole.resize(fdt_totalsize(whole.data()));
    return whole;
  }();
  return fuzz::mutate_from(tree, data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  const int file = memfd_create("fuzz.dtb", 0);
  if (file < 0 || write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  try {
    virt::adopt_device_tree("/proc/self/fd/" + std::to_string(file), spec());
  } catch (const UserError&) {
  }
  close(file);
  return 0;
}
