// Parameters of the PL330: how it was synthesised (DDI 0424, chapter 1), and its time.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "base/parameters.hpp"

namespace tw::devices::pl330 {

/// What the registers and the encodings have room for.
inline constexpr u64 kMostChannels = 8, kMostEvents = 32, kMostPeripherals = 32;

struct Config {
  u64 frequency_mhz = 500;
  u64 channels = 8;
  u64 events = 8;
  u64 peripherals = 0;
  u64 data_width = 64;
  u64 mfifo_depth = 512;
  u64 read_capacity = 8;
  u64 write_capacity = 8;
  u64 read_queue = 16;
  u64 write_queue = 16;
  u64 cache_lines = 16;
  u64 cache_line_bytes = 32;
  u64 revision = 3;
  bool manager_nonsecure = true;
  u64 events_nonsecure = 0xFFFF'FFFF;
  u64 peripherals_nonsecure = 0xFFFF'FFFF;
  bool boot_from_pc = false;
  u64 boot_address = 0;
  u64 instruction_interval = 1;
  u64 request_interval = 1;
  u64 beat_interval = 1;
  u64 watchdog = 1024;
  u64 run_ahead = 64;
  bool stream_per_channel = false;
};

inline constexpr std::string_view kHps = "Cyclone V HPS Technical Reference Manual, chapter 16: its DMA-330";
inline constexpr std::string_view kAxi = "one a clock at the AXI master port";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"device.pl330.frequency", &Config::frequency_mhz, "MHz", 1, 10'000, Provenance::Placeholder,
     "the DMAC's clock; a plausible SoC"},
    {"device.pl330.channels", &Config::channels, "channels", 1, kMostChannels, Provenance::Trm, kHps},
    {"device.pl330.events", &Config::events, "events", 1, kMostEvents, Provenance::Trm,
     "events and interrupts; as the Cyclone V HPS has them"},
    {"device.pl330.peripherals", &Config::peripherals, "interfaces", 0, kMostPeripherals, Provenance::Choice,
     "peripheral request interfaces; the platform has no peripheral that makes requests"},
    {"device.pl330.data_width", &Config::data_width, "bits", 32, 128, Provenance::Trm, kHps},
    {"device.pl330.mfifo_depth", &Config::mfifo_depth, "entries", 1, 1024, Provenance::Trm, kHps},
    {"device.pl330.read_capacity", &Config::read_capacity, "reads", 1, 8, Provenance::Trm,
     "outstanding on the bus; as the Cyclone V HPS has it"},
    {"device.pl330.write_capacity", &Config::write_capacity, "writes", 1, 8, Provenance::Trm,
     "outstanding on the bus; as the Cyclone V HPS has it"},
    {"device.pl330.read_queue", &Config::read_queue, "instructions", 1, 16, Provenance::Trm, kHps},
    {"device.pl330.write_queue", &Config::write_queue, "instructions", 1, 16, Provenance::Trm, kHps},
    {"device.pl330.cache_lines", &Config::cache_lines, "lines", 1, 16, Provenance::Trm, kHps},
    {"device.pl330.cache_line_bytes", &Config::cache_line_bytes, "bytes", 4, 32, Provenance::Trm, kHps},
    {"device.pl330.revision", &Config::revision, "", 0, 3, Provenance::Choice,
     "periph_id_2.revision: 0 r0p0, 1 r1p0, 2 r1p1, 3 r1p2"},
    {"device.pl330.manager_nonsecure", &Config::manager_nonsecure, "", 0, 1, Provenance::Choice,
     "boot_manager_ns: the manager thread is Non-secure"},
    {"device.pl330.events_nonsecure", &Config::events_nonsecure, "", 0, 0xFFFF'FFFF, Provenance::Choice,
     "boot_irq_ns (CR3): bit n, event n is Non-secure"},
    {"device.pl330.peripherals_nonsecure", &Config::peripherals_nonsecure, "", 0, 0xFFFF'FFFF, Provenance::Choice,
     "boot_periph_ns (CR4): bit n, request interface n is Non-secure"},
    {"device.pl330.boot_from_pc", &Config::boot_from_pc, "", 0, 1, Provenance::Choice,
     "the manager begins to execute at reset"},
    {"device.pl330.boot_address", &Config::boot_address, "", 0, 0xFFFF'FFFF, Provenance::Choice,
     "boot_addr (CR2): where it does"},
    {"device.pl330.instruction_interval", &Config::instruction_interval, "cycles", 1, 1000, Provenance::Trm,
     "DDI 0424, chapter 2: the DMAC executes up to one instruction a clock"},
    {"device.pl330.request_interval", &Config::request_interval, "cycles", 1, 1000, Provenance::Choice, kAxi},
    {"device.pl330.beat_interval", &Config::beat_interval, "cycles", 1, 1000, Provenance::Choice, kAxi},
    {"device.pl330.watchdog", &Config::watchdog, "cycles", 1, 1'000'000, Provenance::Placeholder,
     "for how long all running channels wait for the MFIFO before that is a lock-up; DDI 0424 gives no number"},
    {"device.pl330.run_ahead", &Config::run_ahead, "cycles", 0, 100'000, Provenance::Choice,
     "how far a thread whose instructions touch its own registers alone is executed ahead of time, for speed"},
    {"device.pl330.stream_per_channel", &Config::stream_per_channel, "", 0, 1, Provenance::Choice,
     "a StreamID each: the first is the manager's, the next ones are the channels'; off: one for all"},
};

/// What rows cannot say: widths and line lengths are powers of two.
std::vector<Complaint> validate(const Config& config);

}  // namespace tw::devices::pl330
