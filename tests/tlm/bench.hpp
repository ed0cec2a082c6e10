// A small system: two initiators, the memory side of caches, a virtio device with DMA, timers, a RAM at 0x1000, a
// counting device at 0x8000, a flash at 0x1000'0000.
#pragma once

#include <vector>

#include "cache/tlm/memory_module.hpp"
#include "devices/tlm/flash_module.hpp"
#include "devices/tlm/virtio_module.hpp"
#include "devices/virtio/entropy.hpp"
#include "interconnect/tlm/interconnect_module.hpp"
#include "memory/tlm/ram_module.hpp"
#include "timer/tlm/timer_module.hpp"
#include "tlm/initiator.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::test {

/// A register at 0 that counts its reads; one at 8 that refuses; all else reads as its offset.
class CountingDevice final : public MmioTarget {
 public:
  MmioResult access(const MmioAccess& access) override {
    last = access;
    if (access.offset == 8) return {.ok = false};
    if (access.offset != 0) return {.value = access.offset};
    return {.value = access.debug ? reads : reads++};
  }
  u64 reads = 0;
  MmioAccess last;
};

struct Bench final : private devices::virtio::Transport, private timer::TimerOutputs {
  static constexpr Pa kRam{0x1000};
  static constexpr u64 kRamBytes = 0x3000;
  static constexpr Pa kDevice{0x8000};
  static constexpr u64 kDeviceBytes = 0x100;
  static constexpr Pa kFlash{0x1000'0000};
  static constexpr u64 kPeriodPs = 500;
  static constexpr u64 kRamLatency = 7, kReadLatency = 3, kWriteLatency = 5;
  static constexpr interconnect::Link kRamLink{.latency = 10, .width = 4, .beat = 2};
  static constexpr interconnect::Link kDeviceLink{.latency = 20, .width = 8, .beat = 1};
  static constexpr u64 kVirtioLatency = 1000, kVirtioBytesPerCycle = 2;

  Bench();
  tlm::Clock clock{kPeriodPs};
  memory::Ram ram{kRamBytes};
  std::vector<u8> flash_bytes;
  CountingDevice device;
  interconnect::InterconnectModule fabric;
  memory::RamModule ram_module;
  tlm::MmioModule device_module;
  devices::FlashModule flash;
  tlm::Initiator first, second;
  cache::MemoryModule cache_memory;
  devices::Config virtio_config;
  devices::VirtioModule virtio;
  devices::virtio::Entropy entropy;
  unsigned used_buffers = 0;  ///< notifications of `entropy`
  timer::Config timer_config;
  u64 core_time_ps = 0;  ///< of the core that `timers` belong to
  bool timer_level = false;
  unsigned stream_events = 0;
  timer::TimerModule timers;

 private:
  void used_buffer(unsigned) override { ++used_buffers; }
  void configuration_changed() override {}
  void set(timer::Timer, bool level) override { timer_level = level; }
};

/// The only instance; sc_main makes it.
Bench& bench();

}  // namespace tw::test
