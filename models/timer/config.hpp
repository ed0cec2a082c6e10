// Parameters of the generic timers.
#pragma once

#include "base/parameters.hpp"

namespace tw::timer {

struct Config {
  u64 frequency_hz = 62'500'000;
};

inline constexpr ParameterRow<Config> kParameters[] = {
    {"timer.frequency", &Config::frequency_hz, "Hz", 1'000'000, 1'000'000'000, Provenance::Choice,
     "QEMU virt before version 9: 62.5 MHz; CNTFRQ_EL0 reads this"},
};

}  // namespace tw::timer
