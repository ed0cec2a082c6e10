#include "tlm/bench.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace tw::test {

namespace {
std::unique_ptr<Bench> the_bench;
}

Bench::Bench()
    : flash_bytes(devices::CfiFlash::kSectorBytes, 0xFF),
      fabric("fabric", clock),
      ram_module("ram", ram, {.size = kRamBytes, .latency = kRamLatency}, clock),
      device_module("device", device, kDeviceBytes,
                    {.read_latency = kReadLatency, .write_latency = kWriteLatency, .clock = clock}),
      flash("flash", flash_bytes, {.read_latency = 1, .write_latency = 1, .clock = clock}),
      first("first"),
      second("second"),
      cache_memory("cache_memory", clock),
      virtio_config{.virtio_request_latency = kVirtioLatency, .virtio_bytes_per_cycle = kVirtioBytesPerCycle},
      virtio("virtio", virtio_config, clock, StreamId{1}),
      entropy(1, virtio.surroundings({})),
      timers("timers", timer_config,
             {.outputs = *this,
              .core_time_ps = [this] { return core_time_ps; },
              .stream_event = [this] { ++stream_events; }}) {
  virtio.serve(entropy);
  entropy.attach(*this);
  fabric.map("ram", kRam, kRamBytes, kRamLink, ram_module.socket);
  fabric.map("device", kDevice, kDeviceBytes, kDeviceLink, device_module.socket);
  fabric.map("flash", kFlash, flash_bytes.size(), kDeviceLink, flash.socket());
  first.socket.bind(fabric.initiators);
  second.socket.bind(fabric.initiators);
  cache_memory.bus.socket.bind(fabric.initiators);
  virtio.bus.socket.bind(fabric.initiators);
}

Bench& bench() { return *the_bench; }

}  // namespace tw::test

int sc_main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  tw::test::the_bench = std::make_unique<tw::test::Bench>();
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaboration binds the sockets
  const int result = RUN_ALL_TESTS();
  tw::test::the_bench.reset();
  return result;
}
