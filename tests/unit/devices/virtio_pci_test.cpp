// The virtio-pci transport against virtio 1.2, section 4.1, with the entropy device behind it.
#include "devices/virtio/pci_transport.hpp"

#include <gtest/gtest.h>

#include <random>

#include "devices/pci/host_bridge.hpp"
#include "devices/virtio/entropy.hpp"
#include "support/virtio_driver.hpp"

namespace tw::test {
namespace {

using pci::BusMaster;
using virtio::PciTransport;

/// Memory, and an MSI doorbell beside it.
struct MemoryAndDoorbell final : DmaPort {
  static constexpr u64 kDoorbell = 0x0802'0040;
  GuestMemory memory;
  std::vector<u32> messages;
  MmioTarget* window = nullptr;  ///< of the bridge, at 0x1000'0000
  bool read(Iova address, std::span<u8> into) override { return memory.read(address, into); }
  bool write(Iova address, std::span<const u8> from) override {
    u64 value = 0;
    for (std::size_t n = 0; n < from.size() && n < 4; ++n) value |= u64{from[n]} << (8 * n);
    if (address.value == kDoorbell && from.size() == 4) {
      messages.push_back(static_cast<u32>(value));
      return true;
    }
    if (window != nullptr && address.value >> 28 == 1 && from.size() == 4) {
      return window->access({.offset = address.value - 0x1000'0000, .size = 4, .write = true, .value = value}).ok;
    }
    return memory.write(address, from);
  }
};

enum Common : u64 {
  kDeviceFeatureSelect = 0x00,
  kDeviceFeature = 0x04,
  kDriverFeatureSelect = 0x08,
  kDriverFeature = 0x0C,
  kConfigVector = 0x10,
  kNumQueues = 0x12,
  kStatus = 0x14,
  kQueueSelect = 0x16,
  kQueueSize = 0x18,
  kQueueVector = 0x1A,
  kQueueEnable = 0x1C,
  kNotifyOff = 0x1E,
  kQueueDesc = 0x20,
  kQueueDriver = 0x28,
  kQueueDevice = 0x30,
};
constexpr u64 kIsrAt = 0x1000, kSpecificAt = 0x2000, kNotifyAt = 0x3000;
constexpr u64 kMsixBase = 0x1000'0000, kBase = 0x80'0000'0000;

struct VirtioPciTest : testing::Test, virtio::WorkPort {
  MemoryAndDoorbell bus;
  bool arrived = false;
  std::array<bool, 4> wires{};
  BusMaster master{bus};
  virtio::Entropy device{1, {.dma = master, .time = *this, .warn = {}}};
  PciTransport function{device, master};
  pci::HostBridge bridge{[this](unsigned wire, bool level) { wires.at(wire) = level; }};
  MmioTarget& low = bridge.add_window(false, kMsixBase);
  MmioTarget& high = bridge.add_window(false, kBase);

  void work_arrived() override { arrived = true; }
  void SetUp() override {
    bridge.attach(2, function);
    bus.window = &low;
  }
  u64 config(u64 offset, u8 size) { return bridge.ecam().access({.offset = 2 << 15 | offset, .size = size}).value; }
  void set_config(u64 offset, u8 size, u64 value) {
    bridge.ecam().access({.offset = 2 << 15 | offset, .size = size, .write = true, .value = value});
  }
  u64 get(u64 offset, u8 size) { return high.access({.offset = offset, .size = size}).value; }
  void put(u64 offset, u64 value, u8 size) {
    high.access({.offset = offset, .size = size, .write = true, .value = value});
  }
  /// BARs placed, memory decoded, bus mastering on.
  void place() {
    set_config(0x14, 4, kMsixBase);
    set_config(0x20, 4, 0);
    set_config(0x24, 4, kBase >> 32);
    set_config(0x04, 2, 0x6);
  }
  u64 capability(u8 id, u8 type = 0) {
    for (u64 at = config(0x34, 1); at != 0; at = config(at + 1, 1)) {
      if (config(at, 1) == id && (id != 9 || config(at + 3, 1) == type)) return at;
    }
    return 0;
  }
  void enable_msix() {
    set_config(capability(0x11) + 2, 2, 0x8000);
    for (const u64 vector : {0, 1}) {
      low.access({.offset = 16 * vector, .size = 4, .write = true, .value = MemoryAndDoorbell::kDoorbell});
      low.access({.offset = 16 * vector + 8, .size = 4, .write = true, .value = 80 + vector});
      low.access({.offset = 16 * vector + 12, .size = 4, .write = true, .value = 0});
    }
  }
  DriverQueue bring_up(u16 vector) {
    put(kStatus, 0, 1);
    put(kStatus, 1, 1);
    put(kStatus, 3, 1);
    put(kDriverFeatureSelect, 1, 4);
    put(kDriverFeature, 1, 4);
    put(kStatus, 11, 1);
    EXPECT_EQ(get(kStatus, 1), 11u);
    DriverQueue queue(bus.memory, GuestMemory::kBase, 8);
    put(kConfigVector, 0, 2);
    put(kQueueSelect, 0, 2);
    put(kQueueSize, 8, 2);
    put(kQueueVector, vector, 2);
    for (const auto& [at, address] : {std::pair{u64{kQueueDesc}, queue.descriptors()},
                                      {u64{kQueueDriver}, queue.driver_area()},
                                      {u64{kQueueDevice}, queue.device_area()}}) {
      put(at, address & 0xFFFF'FFFF, 4);
      put(at + 4, address >> 32, 4);
      EXPECT_EQ(get(at, 4), address & 0xFFFF'FFFF);
    }
    put(kQueueEnable, 1, 2);
    put(kStatus, 15, 1);
    return queue;
  }
  void run() {
    while (arrived) {
      arrived = false;
      while (device.work()) {
      }
    }
  }
};

TEST_F(VirtioPciTest, IdentityAndCapabilities) {
  EXPECT_EQ(config(0, 4), 0x1044'1AF4u) << "entropy: 0x1040 + 4";
  EXPECT_EQ(config(0x08, 1), 1u);
  EXPECT_EQ(config(0x2E, 2), 0x1100u);
  const struct {
    u8 type;
    u64 offset, bytes;
  } expected[] = {{1, 0, 16}, {2, kNotifyAt, 20}, {3, kIsrAt, 16}, {4, kSpecificAt, 16}};
  for (const auto& one : expected) {
    const u64 at = capability(9, one.type);
    ASSERT_NE(at, 0u) << unsigned{one.type};
    EXPECT_EQ(config(at + 2, 1), one.bytes);
    EXPECT_EQ(config(at + 4, 1), 4u) << "BAR 4";
    EXPECT_EQ(config(at + 8, 4), one.offset);
    EXPECT_EQ(config(at + 12, 4), 0x1000u);
  }
  EXPECT_EQ(config(capability(9, 2) + 16, 4), 4u) << "notify_off_multiplier";
  EXPECT_NE(capability(9, 5), 0u);
  EXPECT_EQ(config(capability(0x11) + 2, 2), 1u) << "two vectors";
}

TEST_F(VirtioPciTest, CommonConfiguration) {
  place();
  EXPECT_EQ(get(kNumQueues, 2), 1u);
  put(kDeviceFeatureSelect, 1, 4);
  EXPECT_EQ(get(kDeviceFeature, 4) & 1, 1u) << "VIRTIO_F_VERSION_1";
  put(kDeviceFeatureSelect, 2, 4);
  EXPECT_EQ(get(kDeviceFeature, 4), 0u);
  EXPECT_EQ(get(kConfigVector, 2), 0xFFFFu);
  put(kConfigVector, 1, 2);
  EXPECT_EQ(get(kConfigVector, 2), 1u);
  put(kConfigVector, 2, 2);
  EXPECT_EQ(get(kConfigVector, 2), 0xFFFFu) << "no such vector";
  EXPECT_NE(get(kQueueSize, 2), 0u);
  put(kQueueSelect, 1, 2);
  EXPECT_EQ(get(kQueueSize, 2), 0u) << "no such queue";
  EXPECT_EQ(get(kQueueVector, 2), 0xFFFFu);
  put(kQueueEnable, 1, 2);
  EXPECT_EQ(get(kQueueEnable, 2), 0u);
  EXPECT_EQ(get(kDeviceFeatureSelect, 1), 0u) << "fields are accessed with their width";
}

TEST_F(VirtioPciTest, UsedBuffersInterruptByWire) {
  place();
  DriverQueue queue = bring_up(0xFFFF);
  queue.add({{kData, 64, true}});
  put(kNotifyAt, 0, 2);
  run();
  EXPECT_EQ(queue.used_index(), 1u);
  EXPECT_EQ(queue.used_length(0), 64u);
  EXPECT_TRUE(wires[2]) << "INTA# of device 2";
  EXPECT_EQ(high.access({.offset = kIsrAt, .size = 1, .debug = true}).value, 1u);
  EXPECT_EQ(get(kIsrAt, 1), 1u);
  EXPECT_FALSE(wires[2]);
  EXPECT_EQ(get(kIsrAt, 1), 0u) << "reading clears";
}

TEST_F(VirtioPciTest, UsedBuffersInterruptByMessage) {
  place();
  enable_msix();
  DriverQueue queue = bring_up(1);
  queue.add({{kData, 64, true}});
  put(kNotifyAt, 0, 2);
  run();
  EXPECT_EQ(bus.messages, std::vector<u32>{81});
  EXPECT_FALSE(wires[2]);
  EXPECT_EQ(get(kIsrAt, 1), 0u);
  put(kQueueVector, 0xFFFF, 2);
  queue.add({{kData, 64, true}});
  put(kNotifyAt, 0, 2);
  run();
  EXPECT_EQ(queue.used_index(), 2u);
  EXPECT_EQ(bus.messages.size(), 1u) << "no vector, no message";
}

TEST_F(VirtioPciTest, ABrokenDriverHearsOfIt) {
  place();
  enable_msix();
  DriverQueue queue = bring_up(1);
  queue.set_available_index(100);
  put(kNotifyAt, 0, 2);
  run();
  EXPECT_EQ(get(kStatus, 1) & 64, 64u);
  EXPECT_EQ(bus.messages, std::vector<u32>{80}) << "configuration vector";
  EXPECT_EQ(get(kIsrAt, 1), 2u);
  put(kStatus, 0, 1);
  EXPECT_EQ(get(kStatus, 1), 0u);
  EXPECT_EQ(get(kConfigVector, 2), 0xFFFFu) << "forgotten by the reset";
}

TEST_F(VirtioPciTest, NoDmaWithoutBusMastering) {
  place();
  DriverQueue queue = bring_up(0xFFFF);
  queue.add({{kData, 64, true}});
  set_config(0x04, 2, 0x2);
  put(kNotifyAt, 0, 2);
  run();
  EXPECT_EQ(queue.used_index(), 0u);
  EXPECT_EQ(get(kStatus, 1) & 64, 64u) << "the device cannot read its rings";
}

TEST_F(VirtioPciTest, TheWindowInConfigurationSpace) {
  place();
  const u64 at = capability(9, 5);
  const auto choose = [&](u64 bar, u64 offset, u64 length) {
    set_config(at + 4, 1, bar);
    set_config(at + 8, 4, offset);
    set_config(at + 12, 4, length);
  };
  choose(4, kNumQueues, 2);
  EXPECT_EQ(config(at + 16, 2), 1u);
  choose(4, kStatus, 1);
  set_config(at + 16, 1, 1);
  EXPECT_EQ(get(kStatus, 1), 1u);
  EXPECT_EQ(config(at + 16, 1), 1u);
  choose(4, 0x4000, 4);
  set_config(at + 16, 4, 0xFFFF'FFFF);
  choose(4, 2, 4);
  set_config(at + 16, 4, 0xFFFF'FFFF);
  choose(1, 0, 4);
  set_config(at + 16, 4, 0xFFFF'FFFF);
  EXPECT_EQ(get(kStatus, 1), 1u) << "impossible accesses do nothing";
}

/// The message of a vector goes to the vector's own mask, or the device's buffer is the table: nothing goes round.
TEST_F(VirtioPciTest, ADeviceThatWritesToItself) {
  place();
  enable_msix();
  for (const u64 vector : {0, 1}) {
    low.access({.offset = 16 * vector, .size = 4, .write = true, .value = kMsixBase + 12});
    low.access({.offset = 16 * vector + 8, .size = 4, .write = true, .value = 0});
  }
  DriverQueue queue = bring_up(1);
  queue.add({{kMsixBase, 4, true}});
  queue.add({{kMsixBase + 16, 4, true}});
  put(kNotifyAt, 0, 2);
  run();
  EXPECT_TRUE(bus.messages.empty());
}

TEST_F(VirtioPciTest, GarbageNeverThrows) {
  std::mt19937_64 random(1);
  for (int n = 0; n < 100000; ++n) {
    if (n % 1000 == 0) {
      place();
      enable_msix();
      DriverQueue queue = bring_up(1);
      queue.add({{random() % 2 ? kData : kMsixBase + random() % 0x20, 4, true}});
    }
    const u8 size = static_cast<u8>(1u << random() % 4);
    MmioTarget* const targets[] = {&bridge.ecam(), &low, &high, &high};
    MmioTarget& target = *targets[random() % 4];
    u64 offset = random() % 0x3100;
    if (&target == &bridge.ecam()) offset = 2 << 15 | random() % 0x100;
    target.access({.offset = offset & ~u64{size - 1u},
                   .size = size,
                   .write = random() % 2 != 0,
                   .value = random() % 2 ? random() : random() % 16,
                   .debug = random() % 16 == 0});
    run();
  }
}

}  // namespace
}  // namespace tw::test
