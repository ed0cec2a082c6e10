// Register traffic and wires of a GICv2: no access goes astray, outputs change when they are said to, and a debugger's
// look tells what the read after it gives.
#include "fuzz/gic.hpp"
#include "gic/v2/gic_v2.hpp"

using namespace tw;

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  gic::Config config;
  config.cpus = 1 + input.below(fuzz::kCores);
  config.spis = input.take<u16>() % 989;
  config.list_registers = 1 + input.below(64);
  config.security_extensions = input.flag();
  config.priority_bits = (config.security_extensions ? 5 : 4) + input.below(config.security_extensions ? 4 : 5);
  fuzz::Wires wires;
  fuzz::Watcher watcher(1024);
  gic::GicV2 gic(config, wires, &watcher);
  MmioTarget* const frames[] = {&gic.distributor(), &gic.cpu_interface(), &gic.hypervisor_interface(),
                                &gic.virtual_cpu_interface()};
  while (!input.empty()) {
    const u8 what = input.take<u8>();
    if (what >= 0xE0) {
      fuzz::move_a_wire(gic, what, input);
      continue;
    }
    constexpr u8 kSizes[] = {4, 4, 1, 2, 8, 4, 4, 3};
    MmioTarget& frame = *frames[what & 3];
    MmioAccess access;
    access.offset = input.take<u16>() & 0x1FFF;
    access.size = kSizes[(what >> 2) & 7];
    if (access.size == 4) access.offset &= ~3u;
    access.cpu = static_cast<u8>(input.below(fuzz::kCores + 1));
    access.security = input.flag() ? Security::Secure : Security::NonSecure;
    access.write = what & 0x80;
    if (access.write) {
      access.value = input.take<u32>();
      frame.access(access);
      continue;
    }
    fuzz::look_and_read(frame, access, watcher);
  }
  return 0;
}
