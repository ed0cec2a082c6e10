// The generic timers of one core (Arm ARM D12): a view of the system count, four compare timers, the event streams.
// No clock inside: the shell asks for the count at which something happens next and calls update() then.
#pragma once

#include <array>
#include <optional>

#include "arm/timer_registers.hpp"
#include "base/types.hpp"
#include "timer/config.hpp"
#include "timer/ports.hpp"

namespace tw::timer {

class GenericTimer final {
 public:
  GenericTimer(const Config& config, CounterSource& counter, TimerOutputs& outputs);

  /// Registers as MRS and MSR see them; access rights and traps are the core's. TVAL is zero-extended.
  u64 read(arm::TimerRegister reg) const;
  /// Writes take effect on the outputs at once.
  void write(arm::TimerRegister reg, u64 value);

  /// Drives the outputs as the present count demands.
  void update();
  /// The next count, later than the present one, at which an output changes by the passing of time alone.
  std::optional<u64> next_output_change() const;
  /// The next count, later than the present one, at which an event stream sets the event register (D12.2.4).
  std::optional<u64> next_stream_event() const;

  bool output(Timer which) const;
  void reset();

 private:
  struct Compare {
    u64 control = 0;  ///< ENABLE, IMASK
    u64 value = 0;    ///< CVAL
  };
  u64 count_of(Timer which) const;
  bool condition(Timer which) const;
  u64 read_compare(Timer which, unsigned field) const;
  void write_compare(Timer which, unsigned field, u64 value);

  CounterSource& counter_;
  TimerOutputs& outputs_;
  u64 reset_frequency_;
  u64 frequency_;
  u64 virtual_offset_ = 0;
  u64 kernel_control_ = 0;      ///< CNTKCTL_EL1: stream of the virtual count
  u64 hypervisor_control_ = 0;  ///< CNTHCTL_EL2: stream of the physical count
  std::array<Compare, kTimers> timers_{};
  std::array<bool, kTimers> levels_{};
};

}  // namespace tw::timer
