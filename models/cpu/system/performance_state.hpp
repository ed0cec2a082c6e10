// What the performance monitors keep beside their registers.
#pragma once

#include <array>

#include "cpu/system/performance_events.hpp"

namespace tw::cpu {

/// Event counters 0 to 5 and, in the slot behind them, the cycle counter.
inline constexpr unsigned kEventCounters = 6;
inline constexpr unsigned kCycleSlot = kEventCounters;
inline constexpr unsigned kCounterSlots = kEventCounters + 1;

struct PerformanceMonitors {
  std::array<u64, kPmuEvents> happened{};       ///< totals of the events of EventSource::Op and Core
  std::array<PmuEvent, kCounterSlots> event{};  ///< what a slot counts
  std::array<u64, kCounterSlots> seen{};        ///< that event's total when the counter was brought up to date
  u8 enabled = 0;                               ///< slots that are switched on
  u8 running = 0;                               ///< of them, those that count at the present EL
  bool by_op = false;                           ///< some running slot counts an EventSource::Op
  bool interrupt = false;                       ///< the level that the registers mean
  bool driven = false;                          ///< the level that the platform was told

  /// The run loop must look here between instructions.
  bool busy() const { return enabled != 0 || interrupt != driven; }
};

}  // namespace tw::cpu
