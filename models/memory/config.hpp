// Parameters of the main memory.
#pragma once

#include "base/parameters.hpp"

namespace tw::memory {

struct Config {
  u64 size = u64{1} << 30;
  u64 latency = 120;
};

inline constexpr ParameterRow<Config> kParameters[] = {
    {"memory.size", &Config::size, "bytes", 1 << 20, u64{255} << 30, Provenance::Choice,
     "the size of guest RAM; QEMU virt maps up to 255 GB at 1 GB"},
    {"memory.latency", &Config::latency, "cycles", 0, 100000, Provenance::Placeholder,
     "core clock cycles of one access at the memory controller, a plausible DRAM; to be replaced by DRAM timing"},
};

}  // namespace tw::memory
