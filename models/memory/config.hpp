// Parameters of the main memory.
#pragma once

#include "base/parameters.hpp"

namespace tw::memory {

struct Config {
  u64 size = u64{1} << 30;
  std::string model = "fixed";
  u64 latency = 120;
};

inline constexpr ParameterRow<Config> kParameters[] = {
    {"memory.size", &Config::size, "bytes", 1 << 20, u64{255} << 30, Provenance::Choice,
     "the size of guest RAM; QEMU virt maps up to 255 GB at 1 GB"},
    {"memory.model", &Config::model, "", 0, 0, Provenance::Choice,
     "fixed: memory.latency for each access, whoever else is there; dram: banks, rows, refresh and buses of "
     "memory.dram.*",
     "fixed|dram"},
    {"memory.latency", &Config::latency, "cycles", 0, 100000, Provenance::Placeholder,
     "core clock cycles of one access at the memory controller, a plausible DRAM; with memory.model = fixed"},
};

}  // namespace tw::memory
