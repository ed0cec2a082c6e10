// Parameters of the small peripherals.
#pragma once

#include "base/parameters.hpp"

namespace tw::devices {

struct Config {
  u64 read_latency = 100;
  u64 write_latency = 60;
  u64 rtc_base = 1767225600;
  u64 rng_seed = 1;
  u64 virtio_request_latency = 4000;
  u64 virtio_bytes_per_cycle = 1;
  u64 endpoint_latency = 1000;
  u64 endpoint_bytes_per_cycle = 8;
  u64 endpoint_max_payload = 256;
  u64 endpoint_atc_entries = 64;
};

inline constexpr std::string_view kApbGuess = "core clock cycles at an APB peripheral behind a bridge; a plausible SoC";

inline constexpr std::string_view kVirtioGuess =
    "core clock cycles from the start of a request to its completion, beside the time of its data; 2 us at 2 GHz";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"device.read_latency", &Config::read_latency, "cycles", 0, 100000, Provenance::Placeholder, kApbGuess},
    {"device.write_latency", &Config::write_latency, "cycles", 0, 100000, Provenance::Placeholder, kApbGuess},
    {"device.rtc_base", &Config::rtc_base, "s", 0, 0xFFFF'FFFF, Provenance::Choice,
     "what the PL031 shows at the start of the run, seconds since 1970; default 2026-01-01 00:00 UTC"},
    {"device.rng_seed", &Config::rng_seed, "", 0, ~u64{0}, Provenance::Choice,
     "seed of virtio-rng: equal runs get equal bytes"},
    {"device.virtio.request_latency", &Config::virtio_request_latency, "cycles", 1, 1'000'000'000,
     Provenance::Placeholder, kVirtioGuess},
    {"device.virtio.bytes_per_cycle", &Config::virtio_bytes_per_cycle, "bytes", 1, 1024, Provenance::Placeholder,
     "what a virtio device's medium (disk, line) moves in a core clock cycle, beside the time of its DMA"},
    {"device.endpoint.latency", &Config::endpoint_latency, "cycles", 1, 1'000'000'000, Provenance::Placeholder,
     "core clock cycles from the command of a PCIe endpoint to its first request; 0.5 us at 2 GHz"},
    {"device.endpoint.bytes_per_cycle", &Config::endpoint_bytes_per_cycle, "bytes", 1, 1024, Provenance::Placeholder,
     "what an endpoint's link moves in a core clock cycle; 16 lanes of 8 GT/s at 2 GHz"},
    {"device.endpoint.max_payload", &Config::endpoint_max_payload, "bytes", 128, 4096, Provenance::Choice,
     "bytes of one memory request of an endpoint (Max_Payload_Size), a power of two"},
    {"device.endpoint.atc_entries", &Config::endpoint_atc_entries, "entries", 0, 65536, Provenance::Placeholder,
     "address translation cache of an endpoint with ATS, fully associative; 0: none"},
};

}  // namespace tw::devices
