// The progress line of a long run, and the host's time.
#pragma once

#include <chrono>

#include "platforms/virt/platform.hpp"

namespace tw::command {

class Progress final {
 public:
  Progress(virt::Platform& platform, bool visible) : platform_(platform), visible_(visible) {}
  void start();
  /// After a slice of `cpu`; prints at most twice a second.
  void update(const cpu::Cpu& cpu);
  void finish();
  double seconds() const { return seconds_; }

 private:
  using HostClock = std::chrono::steady_clock;
  virt::Platform& platform_;
  bool visible_;
  bool printed_ = false;
  unsigned slices_ = 0;
  HostClock::time_point started_, last_;
  double seconds_ = 0;
};

}  // namespace tw::command
