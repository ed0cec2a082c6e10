// Ctrl-C and SIGTERM.
#pragma once

#include "platforms/virt/run_control.hpp"

namespace tw::command {

/// While it lives, a first one ends the run in order; a second one kills the process as usual.
class InterruptGuard final {
 public:
  explicit InterruptGuard(virt::RunControl& control);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

}  // namespace tw::command
