// Register traffic, system registers, wires, messages and guest memory of a GICv3 with an ITS: tables and commands are
// whatever the input says. No access goes astray, outputs change when they are said to, a debugger's look has no effect
// and tells what the read after it gives, and the command queue comes to an end.
#include <vector>

#include "fuzz/gic.hpp"
#include "gic/v3/gic_v3.hpp"

using namespace tw;

namespace {

/// 64 KB, read-only in its last page.
class Memory final : public gic::MemoryPort {
 public:
  static constexpr u64 kBase = 0x40000000, kBytes = 0x10000, kReadOnly = kBytes - 0x1000;

  std::optional<u64> read(Pa at, unsigned bytes) override {
    fuzz::require((bytes == 1 || bytes == 8) && at.value % bytes == 0);
    const u64 offset = at.value - kBase;
    if (offset >= kBytes) return std::nullopt;
    u64 value = 0;
    std::memcpy(&value, &bytes_[offset], bytes);
    return value;
  }
  bool write(Pa at, unsigned bytes, u64 value) override {
    fuzz::require((bytes == 1 || bytes == 8) && at.value % bytes == 0);
    const u64 offset = at.value - kBase;
    if (offset >= kReadOnly) return false;
    std::memcpy(&bytes_[offset], &value, bytes);
    return true;
  }
  void put(u64 offset, u64 value) { std::memcpy(&bytes_[offset % kBytes & ~u64{7}], &value, sizeof value); }

 private:
  std::vector<u8> bytes_ = std::vector<u8>(kBytes);
};

/// Values that a table, a base or a command may hold: small numbers, addresses inside memory, all else.
u64 some_value(fuzz::Input& input) {
  switch (input.below(4)) {
    case 0:
      return input.take<u64>();
    case 1:
      return u64{1} << 63 | Memory::kBase | input.take<u16>();
    case 2:
      return u64{input.take<u8>()} << 32 | input.below(16);
    default:
      return u64{1} << 63 | u64{input.below(3)} << 16 | input.below(4);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  gic::Config config;
  config.cpus = 1 + input.below(fuzz::kCores);
  config.spis = input.take<u16>() % 989;
  config.list_registers = 1 + input.below(16);
  config.priority_bits = 5 + input.below(4);
  config.security_extensions = input.flag();
  fuzz::Wires wires;
  fuzz::Watcher watcher(0x10000);
  Memory memory;
  gic::GicV3 gic(config, wires, &watcher, {}, &memory);
  MmioTarget* const frames[] = {&gic.distributor(), &gic.redistributors(), &gic.its(), &gic.its()};
  while (!input.empty()) {
    const u8 what = input.take<u8>();
    if (what >= 0xE0) {
      fuzz::move_a_wire(gic, what, input);
      continue;
    }
    if (what >= 0xC0) {
      memory.put(input.take<u16>(), some_value(input));
      continue;
    }
    const unsigned cpu = input.below(fuzz::kCores + 1);
    if (what >= 0x80) {
      const auto reg = static_cast<arm::GicRegister>(input.below(static_cast<unsigned>(arm::GicRegister::IchLr15) + 1));
      const u8 from = input.take<u8>();
      arm::GicAccess how{.guest = (what & 1) != 0,
                         .secure = (from & 1) != 0,
                         .el3 = (from & 2) != 0,
                         .fiq_to_el3 = (from & 4) != 0,
                         .irq_to_el3 = (from & 8) != 0};
      gic.set_world(cpu, static_cast<arm::GicWorld>(from >> 4 & 1 ? 2 : from & 1));
      if (what & 2) {
        gic.write(cpu, reg, input.take<u64>(), how);
        continue;
      }
      how.debug = true;
      const u64 peeked = gic.read(cpu, reg, how);
      how.debug = false;
      fuzz::require(gic.read(cpu, reg, how) == peeked);
      continue;
    }
    constexpr u8 kSizes[] = {4, 8, 4, 8, 1, 2, 4, 3};
    constexpr u16 kPages[] = {0, 1, 0, 15, 2, 3, 6, 7};  // of 4 KB, and the redistributors behind
    MmioTarget& frame = *frames[what & 3];
    MmioAccess access;
    access.size = kSizes[(what >> 2) & 7];
    access.offset = (u64{kPages[input.below(8)]} << 12 | (input.take<u16>() & 0xFFF)) + u64{input.below(3)} * 0x10000;
    if (access.size != 3) access.offset -= access.offset % access.size;
    access.cpu = static_cast<u8>(cpu);
    access.stream = StreamId{input.below(4)};
    access.security = input.flag() ? Security::Secure : Security::NonSecure;
    access.write = what & 0x40;
    if (access.write) {
      access.value = some_value(input);
      frame.access(access);
      continue;
    }
    fuzz::look_and_read(frame, access, watcher);
  }
  return 0;
}
