// Configuration writes, BARs on top of each other, MSI-X tables and virtio registers as a guest may write them, with a
// bus that leads back into the bridge: no access goes astray, and a debugger's look tells what the read after it gives.
#include "devices/pci/host_bridge.hpp"
#include "devices/virtio/entropy.hpp"
#include "devices/virtio/pci_transport.hpp"
#include "fuzz/input.hpp"

using namespace tw;
using namespace tw::devices;

namespace {

constexpr u64 kLow = 0x1000'0000, kHigh = 0x80'0000'0000;
constexpr u64 kMemoryBytes = 0x4000;

/// Low addresses are memory, the windows lead to the bridge, all else is nothing.
struct Bus final : DmaPort {
  std::array<u8, kMemoryBytes> memory{};
  MmioTarget *low = nullptr, *high = nullptr;

  bool transfer(Iova address, u64 bytes, bool write, const u8* from, u8* into) {
    for (u64 n = 0; n < bytes; ++n) {
      const u64 at = address.value + n;
      MmioTarget* const window = at >= kHigh ? high : at >= kLow ? low : nullptr;
      if (window != nullptr) {
        const u64 value = write ? from[n] : 0;
        const MmioResult result =
            window->access({.offset = at - (at >= kHigh ? kHigh : kLow), .size = 1, .write = write, .value = value});
        if (!result.ok) return false;
        if (!write) into[n] = static_cast<u8>(result.value);
      } else if (at >= kMemoryBytes) {
        return false;
      } else if (write) {
        memory[at] = from[n];
      } else {
        into[n] = memory[at];
      }
    }
    return true;
  }
  bool read(Iova address, std::span<u8> into) override {
    return transfer(address, into.size(), false, nullptr, into.data());
  }
  bool write(Iova address, std::span<const u8> from) override {
    // A message is one write of a word.
    MmioTarget* const window = address.value >= kHigh ? high : address.value >= kLow ? low : nullptr;
    if (window == nullptr || from.size() != 4) return transfer(address, from.size(), true, from.data(), nullptr);
    u64 value = 0;
    for (unsigned n = 0; n < 4; ++n) value |= u64{from[n]} << (8 * n);
    return window
        ->access({.offset = address.value - (address.value >= kHigh ? kHigh : kLow),
                  .size = 4,
                  .write = true,
                  .value = value})
        .ok;
  }
};

struct Time final : virtio::WorkPort {
  bool arrived = false;
  void work_arrived() override { arrived = true; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  Bus bus;
  Time time[2];
  pci::BusMaster masters[2] = {pci::BusMaster(bus), pci::BusMaster(bus)};
  virtio::Entropy first(1, {.dma = masters[0], .time = time[0], .warn = {}});
  virtio::Entropy second(2, {.dma = masters[1], .time = time[1], .warn = {}});
  virtio::PciTransport functions[2] = {{first, masters[0]}, {second, masters[1]}};
  std::array<bool, 4> wires{};
  pci::HostBridge bridge([&](unsigned wire, bool level) {
    fuzz::require(wires.at(wire) != level);
    wires.at(wire) = level;
  });
  bridge.attach(1, functions[0]);
  bridge.attach(2, functions[1]);
  MmioTarget& low = bridge.add_window(false, kLow);
  MmioTarget& high = bridge.add_window(false, kHigh);
  MmioTarget& io = bridge.add_window(true, 0);
  bus.low = &low;
  bus.high = &high;
  MmioTarget* const targets[] = {&bridge.ecam(), &low, &high, &io};

  while (!input.empty()) {
    const u8 what = input.take<u8>();
    if (what == 0xFF) {
      bridge.reset();
      continue;
    }
    if (what == 0xFE) {
      bus.memory[input.take<u16>() % kMemoryBytes] = input.take<u8>();
      continue;
    }
    MmioTarget& target = *targets[what & 3];
    MmioAccess access{.size = static_cast<u8>(1u << ((what >> 2) & 3)), .write = (what & 0x10) != 0};
    access.offset = input.take<u16>();
    if ((what & 3) == 0) access.offset = (1u + (what >> 5 & 1)) << 15 | (access.offset & 0xFF);
    access.offset &= ~u64{access.size - 1u};
    if (access.write) {
      access.value = (what & 0x40) != 0 ? kLow | input.take<u16>() : input.take<u32>();
      target.access(access);
    } else {
      access.debug = true;
      const u64 peeked = target.access(access).value;
      fuzz::require(target.access(access).value == peeked);
      access.debug = false;
      target.access(access);
    }
    for (unsigned n = 0; n < 2; ++n) {
      if (!time[n].arrived) continue;
      time[n].arrived = false;
      (n == 0 ? first : second).work();
    }
  }
  return 0;
}
