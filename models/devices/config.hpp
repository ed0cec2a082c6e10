// Parameters of the small peripherals.
#pragma once

#include "base/parameters.hpp"

namespace tw::devices {

struct Config {
  u64 read_latency = 100;
  u64 write_latency = 60;
  u64 rtc_base = 1767225600;
};

inline constexpr std::string_view kApbGuess = "core clock cycles at an APB peripheral behind a bridge; a plausible SoC";

inline constexpr ParameterRow<Config> kParameters[] = {
    {"device.read_latency", &Config::read_latency, "cycles", 0, 100000, Provenance::Placeholder, kApbGuess},
    {"device.write_latency", &Config::write_latency, "cycles", 0, 100000, Provenance::Placeholder, kApbGuess},
    {"device.rtc_base", &Config::rtc_base, "s", 0, 0xFFFF'FFFF, Provenance::Choice,
     "what the PL031 shows at the start of the run, seconds since 1970; default 2026-01-01 00:00 UTC"},
};

}  // namespace tw::devices
