// What the generic timers of a core need: the system count, and somewhere to send their outputs.
#pragma once

#include "base/types.hpp"

namespace tw::timer {

enum class Timer : u8 { Physical, Virtual, Hypervisor, SecurePhysical };
inline constexpr unsigned kTimers = 4;

/// INTID of the PPI that the timer drives: Arm's recommendation (Base System Architecture), and QEMU's virt.
constexpr u32 ppi_of(Timer timer) {
  constexpr u32 kPpis[kTimers] = {30, 27, 26, 29};
  return kPpis[static_cast<unsigned>(timer)];
}

class CounterSource {
 public:
  virtual ~CounterSource() = default;
  /// The system count at the core's present time.
  virtual u64 count() const = 0;
};

class TimerOutputs {
 public:
  virtual ~TimerOutputs() = default;
  virtual void set(Timer which, bool level) = 0;
};

}  // namespace tw::timer
