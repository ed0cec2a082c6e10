// The progress line of a long run, and the host's time.
#pragma once

#include <array>
#include <chrono>

#include <systemc>

#include "platforms/console/console.hpp"
#include "platforms/virt/platform.hpp"

namespace tw::command {

/// A module only to be told when the simulation starts, so that its speed is without the elaboration.
class Progress final : public sc_core::sc_module {
 public:
  Progress(sc_core::sc_module_name name, virt::Platform& platform, console::Console& console, bool visible);
  /// After a slice of `cpu`; prints at most twice a second, and only where the guest's output does not suffer.
  void update(const cpu::Cpu& cpu);
  void finish();
  /// No more lines: standard error is a file now.
  void hide();
  double seconds() const { return seconds_; }
  /// A phase of the run begins.
  void phase(region::Phase which, u64 instructions);
  /// What all phases of a kind took together.
  struct Share {
    u64 instructions = 0;
    double seconds = 0;
  };
  const Share& share(region::Phase which) const { return shares_[static_cast<unsigned>(which)]; }

 private:
  using HostClock = std::chrono::steady_clock;
  void start_of_simulation() override { started_ = last_ = phase_began_ = HostClock::now(); }
  void close_phase(u64 instructions);
  void erase();

  virt::Platform& platform_;
  console::Console& console_;
  bool visible_;
  bool printed_ = false;  ///< the line is on the terminal now
  unsigned slices_ = 0;
  HostClock::time_point started_, last_;
  double seconds_ = 0;
  region::Phase phase_ = region::Phase::Functional;
  HostClock::time_point phase_began_ = HostClock::now();
  u64 phase_first_ = 0;
  std::array<Share, region::kPhaseCount> shares_;
};

}  // namespace tw::command
