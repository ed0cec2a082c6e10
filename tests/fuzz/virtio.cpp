// A guest that writes garbage into virtqueues, requests and transports: every device comes to rest, touches no memory
// but the guest's, and works again after a reset.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "devices/virtio/block.hpp"
#include "devices/virtio/console.hpp"
#include "devices/virtio/entropy.hpp"
#include "devices/virtio/mmio_transport.hpp"
#include "devices/virtio/network.hpp"
#include "fuzz/input.hpp"

using namespace tw;
using namespace tw::devices;

namespace {

constexpr u64 kBase = 0x4000'0000, kBytes = 0x4000;
/// Where the queues' parts are when the set-up is a good one; all overlap with the data.
constexpr u64 kDescriptors = kBase, kAvailable = kBase + 0x100, kUsed = kBase + 0x200;
constexpr u16 kQueueSize = 8;

struct Memory final : DmaPort {
  std::vector<u8> bytes = std::vector<u8>(kBytes);
  bool read(Iova address, std::span<u8> into) override {
    if (!inside(address, into.size())) return false;
    std::copy_n(bytes.begin() + static_cast<long>(address.value - kBase), into.size(), into.begin());
    return true;
  }
  bool write(Iova address, std::span<const u8> from) override {
    if (!inside(address, from.size())) return false;
    std::copy(from.begin(), from.end(), bytes.begin() + static_cast<long>(address.value - kBase));
    return true;
  }
  static bool inside(Iova address, u64 size) {
    return address.value >= kBase && address.value - kBase <= kBytes && size <= kBytes - (address.value - kBase);
  }
};

struct Disk final : virtio::BlockPort {
  std::array<u8, 64 * 512> contents{};
  u64 bytes() const override { return contents.size(); }
  bool read_only() const override { return false; }
  bool read(u64 offset, std::span<u8> into) override {
    fuzz::require(offset <= bytes() && into.size() <= bytes() - offset);
    std::copy_n(contents.begin() + static_cast<long>(offset), into.size(), into.begin());
    return true;
  }
  bool write(u64 offset, std::span<const u8> from) override {
    fuzz::require(offset <= bytes() && from.size() <= bytes() - offset);
    std::copy(from.begin(), from.end(), contents.begin() + static_cast<long>(offset));
    return true;
  }
  bool write_zeroes(u64 offset, u64 size) override {
    fuzz::require(offset <= bytes() && size <= bytes() - offset);
    return true;
  }
  bool discard(u64 offset, u64 size) override { return write_zeroes(offset, size); }
  bool flush() override { return true; }
};

struct Ends final : virtio::WorkPort, virtio::NetworkPort, CharacterPort {
  bool arrived = false;
  virtio::Network* network = nullptr;
  void work_arrived() override { arrived = true; }
  void send(std::span<const u8> frame) override {
    fuzz::require(frame.size() <= virtio::Network::kMostFrameBytes);
    network->receive(frame);
  }
  void put(u8) override {}
};

std::unique_ptr<virtio::Device> make(unsigned kind, Disk& disk, Ends& ends, const virtio::Surroundings& around) {
  switch (kind) {
    case 0:
      return std::make_unique<virtio::Block>(disk, "fuzz", around);
    case 1: {
      auto network = std::make_unique<virtio::Network>(virtio::MacAddress{}, ends, around);
      ends.network = network.get();
      return network;
    }
    case 2:
      return std::make_unique<virtio::Console>(ends, around);
    default:
      return std::make_unique<virtio::Entropy>(1, around);
  }
}

struct Machine {
  Memory memory;
  Disk disk;
  Ends ends;
  std::unique_ptr<virtio::Device> device;
  bool level = false;
  virtio::MmioTransport transport;

  explicit Machine(unsigned kind)
      : device(make(kind, disk, ends, {.dma = memory, .time = ends, .warn = {}})),
        transport(device.get(), [this](bool value) {
          fuzz::require(value != level);
          level = value;
        }) {}

  void put(u64 offset, u64 value) { transport.access({.offset = offset, .write = true, .value = value}); }
  void bring_up(u64 features) {
    put(0x70, 0);
    put(0x70, 3);
    for (const unsigned word : {0u, 1u}) {
      put(0x24, word);
      put(0x20, static_cast<u32>(features >> (32 * word)));
    }
    put(0x70, 11);
    for (unsigned n = 0; n < device->queues(); ++n) {
      put(0x30, n);
      put(0x38, kQueueSize);
      put(0x80, kDescriptors + 0x300 * n);
      put(0x90, kAvailable + 0x300 * n);
      put(0xA0, kUsed + 0x300 * n);
      put(0x44, 1);
    }
    put(0x70, 15);
  }
  /// A guest that notifies forever is another matter: here it does once.
  void run() {
    unsigned rounds = 0;
    while (ends.arrived) {
      ends.arrived = false;
      while (device->work()) fuzz::require(++rounds < 100'000);
      fuzz::require(++rounds < 100'000);
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  Machine machine(input.below(4));
  machine.bring_up(machine.device->offered_features() & (u64{0xFFFF'FFFF} << 32 | input.take<u32>()));
  while (!input.empty()) {
    const u8 what = input.take<u8>();
    switch (what % 8) {
      case 0:  // any register
        machine.transport.access({.offset = input.take<u8>() * u64{2},
                                  .size = static_cast<u8>(1u << (what >> 3) % 4),
                                  .write = true,
                                  .value = input.take<u32>()});
        break;
      case 1:
        machine.transport.access({.offset = input.take<u8>() * u64{2}, .size = static_cast<u8>(1u << (what >> 3) % 4)});
        break;
      case 2:  // bytes somewhere
        machine.memory.bytes[input.take<u16>() % kBytes] = input.take<u8>();
        break;
      case 3:
      case 4: {  // a descriptor that is likely to be good
        const u64 at = 0x300 * (what >> 7) + 16u * input.below(kQueueSize);
        virtio::store_le<u64>(std::span(machine.memory.bytes).subspan(at), kBase + input.take<u16>() % kBytes);
        virtio::store_le<u32>(std::span(machine.memory.bytes).subspan(at + 8), input.take<u16>() % 2048);
        virtio::store_le<u16>(std::span(machine.memory.bytes).subspan(at + 12), input.take<u8>() % 8);
        virtio::store_le<u16>(std::span(machine.memory.bytes).subspan(at + 14), static_cast<u16>(input.below(9)));
        break;
      }
      case 5: {  // one more is available
        const u64 at = 0x100 + 0x300 * (what >> 7);
        const u16 index = virtio::load_le<u16>(std::span<const u8>(machine.memory.bytes).subspan(at + 2));
        virtio::store_le<u16>(std::span(machine.memory.bytes).subspan(at + 4 + 2u * (index % kQueueSize)),
                              static_cast<u16>(input.below(kQueueSize)));
        virtio::store_le<u16>(std::span(machine.memory.bytes).subspan(at + 2), static_cast<u16>(index + 1));
        machine.put(0x50, what >> 7);
        break;
      }
      case 6:
        machine.run();
        break;
      default:
        if (what >> 3 == 31) machine.bring_up(virtio::feature::kVersion1);
        machine.put(0x64, 3);
        break;
    }
  }
  machine.run();
  // However it was left, a good driver brings the device up.
  machine.memory.bytes.assign(kBytes, 0);
  machine.bring_up(virtio::feature::kVersion1);
  machine.run();
  fuzz::require(machine.device->status() == 15 && machine.device->trouble().empty());
  return 0;
}
