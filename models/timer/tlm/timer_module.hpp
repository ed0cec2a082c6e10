// The TLM shell of a core's generic timers: the count from simulated time, and events at exact count edges.
#pragma once

#include <functional>

#include <systemc>

#include "timer/generic_timer.hpp"

namespace tw::timer {

/// What the timers need of the core they belong to.
struct TimerSurroundings {
  TimerOutputs& outputs;
  std::function<u64()> core_time_ps;   ///< the core's local time
  std::function<void()> stream_event;  ///< the event stream sets the core's event register
};

class TimerModule final : public sc_core::sc_module, private CounterSource {
 public:
  TimerModule(sc_core::sc_module_name name, const Config& config, TimerSurroundings around);

  /// Reads see the count of the core's local time; writes need the core to be synchronised with sc_time.
  u64 read(arm::TimerRegister reg) const { return core_.read(reg); }
  void write(arm::TimerRegister reg, u64 value);

 private:
  u64 count() const override;
  void output_changes();
  void stream_fires();
  void arrange();
  void notify_at(sc_core::sc_event& event, u64 count);

  u64 frequency_hz_;
  TimerSurroundings around_;
  GenericTimer core_;
  sc_core::sc_event output_event_;
  sc_core::sc_event stream_event_;
};

}  // namespace tw::timer
