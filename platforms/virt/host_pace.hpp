// While every core sleeps and the host may have something for the guest, simulated time passes no faster than the
// host's: nothing spins, and no timeout of the guest expires because the simulation rushed ahead of a server.
#pragma once

#include <chrono>

#include "base/types.hpp"

namespace tw::virt {

class HostPace final {
 public:
  using HostClock = std::chrono::steady_clock;

  /// How long the host must still sleep, `simulated_ps` being the present time; at most `most`. Zero when a core is
  /// awake: then simulated time costs host time anyway.
  std::chrono::milliseconds due(u64 simulated_ps, bool asleep, std::chrono::milliseconds most) {
    const HostClock::time_point host = HostClock::now();
    const auto ahead = std::chrono::nanoseconds((simulated_ps - simulated_ps_) / 1000) - (host - host_);
    if (asleep && ahead > ahead.zero() && ahead <= most) return std::chrono::ceil<std::chrono::milliseconds>(ahead);
    // Behind, or ahead by what nobody had to wait for: the two clocks run together from here on.
    host_ = host;
    simulated_ps_ = simulated_ps;
    if (!asleep || ahead <= ahead.zero()) return std::chrono::milliseconds(0);
    host_ += most;
    return most;
  }

 private:
  HostClock::time_point host_ = HostClock::now();
  u64 simulated_ps_ = 0;
};

}  // namespace tw::virt
