// Parameters of the interconnect: what one link to a target costs.
#pragma once

#include "base/parameters.hpp"

namespace tw::interconnect {

struct Config {
  u64 memory_latency = 20;
  u64 memory_width = 16;
  u64 peripheral_latency = 30;
  u64 peripheral_width = 8;
  u64 beat = 1;
};

inline constexpr std::string_view kFabric = "a plausible fabric; to be replaced by Memory system timing";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"interconnect.memory.latency", &Config::memory_latency, "cycles", 0, 100000, Provenance::Placeholder, kFabric},
    {"interconnect.memory.width", &Config::memory_width, "bytes", 1, 256, Provenance::Placeholder, kFabric},
    {"interconnect.peripheral.latency", &Config::peripheral_latency, "cycles", 0, 100000, Provenance::Placeholder,
     kFabric},
    {"interconnect.peripheral.width", &Config::peripheral_width, "bytes", 1, 256, Provenance::Placeholder, kFabric},
    {"interconnect.beat", &Config::beat, "cycles", 0, 1000, Provenance::Placeholder, kFabric},
};

}  // namespace tw::interconnect
