// Parameters of the platform as a whole: how it is simulated.
#pragma once

#include "base/parameters.hpp"

namespace tw::virt {

struct Config {
  u64 quantum_ns = 10'000;
  bool host_shortcuts = true;
  bool check_protocol = false;
};

inline constexpr ParameterRow<Config> kParameters[] = {
    {"platform.quantum", &Config::quantum_ns, "ns", 1, 1'000'000'000, Provenance::Choice,
     "how far a core may run ahead of the others; devices are always seen at the exact time"},
    {"host.shortcuts", &Config::host_shortcuts, "", 0, 1, Provenance::Choice,
     "host pointers to guest memory: faster, and no byte of a report differs; host.* is in no report"},
    {"host.check_protocol", &Config::check_protocol, "", 0, 1, Provenance::Choice,
     "a checker of the TLM-2.0 base protocol at every socket; the program ends where a rule is broken"},
};

}  // namespace tw::virt
