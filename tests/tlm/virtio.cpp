// The shell of virtio devices: DMA through the fabric, and when the driver hears of a request.
#include <gtest/gtest.h>

#include "tlm/bench.hpp"

namespace tw::test {
namespace {

using devices::virtio::feature::kVersion1;

constexpr u64 kDescriptors = 0x1000, kAvailable = 0x1100, kUsed = 0x1200, kBuffer = 0x2000;
constexpr u32 kBytes = 64;

template <class T>
void set(u64 address, T value) {
  ASSERT_TRUE(bench().ram.write(address - Bench::kRam.value, sizeof value, value));
}
u64 used_index() {
  u64 value = 0;
  EXPECT_TRUE(bench().ram.read(kUsed + 2 - Bench::kRam.value, 2, value));
  return value;
}

/// A queue of one buffer at `buffer`, and the notification.
void begin(u64 buffer) {
  devices::virtio::Device& device = bench().entropy;
  bench().ram.clear();
  device.write_status(0);
  device.write_status(3);
  device.set_driver_features(kVersion1);
  device.write_status(11);
  devices::virtio::Virtqueue& queue = device.queue(0);
  queue.set_descriptors(Iova{kDescriptors});
  queue.set_driver_area(Iova{kAvailable});
  queue.set_device_area(Iova{kUsed});
  device.enable_queue(0);
  set<u64>(kDescriptors, buffer);
  set<u32>(kDescriptors + 8, kBytes);
  set<u16>(kDescriptors + 12, 2);
  set<u16>(kAvailable + 2, 1);
  device.write_status(15);
}

/// All that happens in so many cycles, and at their end (IEEE 1666, 4.3.4.2: sc_start(time) leaves that out).
void pass(u64 cycles) {
  sc_core::sc_start(bench().clock.time(cycles));
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

TEST(Virtio, ARequestTakesItsTime) {
  // One transfer of `bytes`: the first beat of 4 bytes, further beats, the memory.
  const auto transfer = [](u64 bytes) {
    return Bench::kRamLink.latency + (std::max<u64>(bytes, 4) / 4 - 1) * Bench::kRamLink.beat + Bench::kRamLatency;
  };
  // The available index, its entry, the descriptor, the data; from the clock edge after the notification.
  const u64 dma = transfer(2) + transfer(2) + transfer(16) + transfer(kBytes);
  const u64 cycles = 1 + Bench::kVirtioLatency + kBytes / Bench::kVirtioBytesPerCycle + dma;
  begin(kBuffer);
  pass(cycles - 1);
  EXPECT_EQ(used_index(), 0u);
  EXPECT_EQ(bench().used_buffers, 0u);
  u64 data = 0;
  ASSERT_TRUE(bench().ram.read(kBuffer - Bench::kRam.value, 8, data));
  EXPECT_NE(data, 0u) << "the data move at the begin of the request";
  pass(1);
  EXPECT_EQ(used_index(), 1u);
  EXPECT_EQ(bench().used_buffers, 1u);
  // A notification about nothing.
  bench().entropy.notify(0);
  pass(10 * cycles);
  EXPECT_EQ(bench().used_buffers, 1u);
}

TEST(Virtio, DmaWhereNothingIsBreaksTheDevice) {
  for (const u64 buffer : {u64{0x5000'0000}, Bench::kRam.value + Bench::kRamBytes - 8, Bench::kDevice.value}) {
    begin(buffer);
    pass(10);
    EXPECT_TRUE(bench().entropy.status() & 64) << buffer;
  }
}

TEST(Virtio, DmaReachesDevicesToo) {
  begin(Bench::kDevice.value + 16);
  set<u32>(kDescriptors + 8, 4);
  pass(10);
  EXPECT_TRUE(bench().device.last.write) << "a small enough write reaches a device";
  EXPECT_FALSE(bench().entropy.status() & 64);
}

}  // namespace
}  // namespace tw::test
