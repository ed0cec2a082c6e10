// Register traffic and wires of a GICv2: no access goes astray, outputs change when they are said to, and a debugger's
// look tells what the read after it gives.
#include <array>

#include "fuzz/input.hpp"
#include "gic/v2/gic_v2.hpp"

using namespace tw;

namespace {

struct Wires final : gic::CpuSignals {
  std::array<std::array<bool, gic::kSignals>, 8> level{};
  void set(unsigned cpu, gic::Signal which, bool value) override {
    bool& present = level.at(cpu).at(static_cast<unsigned>(which));
    fuzz::require(present != value);
    present = value;
  }
};

struct Watcher final : gic::InterruptObserver {
  u64 events = 0;
  void at(u32 intid, unsigned cpu, bool, cost::InterruptStation) override {
    fuzz::require(intid < 1024 && cpu < 8);
    ++events;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  gic::Config config;
  config.cpus = 1 + input.below(8);
  config.spis = input.take<u16>() % 989;
  config.list_registers = 1 + input.below(64);
  config.security_extensions = input.flag();
  config.priority_bits = (config.security_extensions ? 5 : 4) + input.below(config.security_extensions ? 4 : 5);
  Wires wires;
  Watcher watcher;
  gic::GicV2 gic(config, wires, &watcher);
  MmioTarget* const frames[] = {&gic.distributor(), &gic.cpu_interface(), &gic.hypervisor_interface(),
                                &gic.virtual_cpu_interface()};
  while (!input.empty()) {
    const u8 what = input.take<u8>();
    if (what >= 0xE0) {
      const bool level = what & 1;
      if (what & 2) {
        gic.set_spi(input.take<u16>(), level);
      } else {
        gic.set_ppi(input.below(9), input.below(40), level);
      }
      if (what == 0xFF) gic.reset();
      continue;
    }
    constexpr u8 kSizes[] = {4, 4, 1, 2, 8, 4, 4, 3};
    MmioTarget& frame = *frames[what & 3];
    MmioAccess access;
    access.offset = input.take<u16>() & 0x1FFF;
    access.size = kSizes[(what >> 2) & 7];
    if (access.size == 4) access.offset &= ~3u;
    access.cpu = static_cast<u8>(input.below(9));
    access.security = input.flag() ? Security::Secure : Security::NonSecure;
    access.write = what & 0x80;
    if (access.write) {
      access.value = input.take<u32>();
      frame.access(access);
      continue;
    }
    access.debug = true;
    const u64 events = watcher.events;
    const u64 peeked = frame.access(access).value;
    fuzz::require(watcher.events == events);
    access.debug = false;
    fuzz::require(frame.access(access).value == peeked);
  }
  return 0;
}
