// The progress line of a long run, and the host's time.
#pragma once

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
  double seconds() const { return seconds_; }

 private:
  using HostClock = std::chrono::steady_clock;
  void start_of_simulation() override { started_ = last_ = HostClock::now(); }
  void erase();

  virt::Platform& platform_;
  console::Console& console_;
  bool visible_;
  bool printed_ = false;  ///< the line is on the terminal now
  unsigned slices_ = 0;
  HostClock::time_point started_, last_;
  double seconds_ = 0;
};

}  // namespace tw::command
