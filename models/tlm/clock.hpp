// Cycles to SystemC time and back. The period is a whole number of picoseconds, so that cycles x period is exact: the
// sum of a ledger and the kernel's time stay equal however long a run is.
#pragma once

#include <systemc>

#include "base/types.hpp"

namespace tw::tlm {

inline constexpr u64 kPicosecondsPerSecond = 1'000'000'000'000;

/// sc_time in whole picoseconds; the kernel's resolution is left at its default of 1 ps (IEEE 1666, 5.11.3).
inline sc_core::sc_time picoseconds(u64 ps) { return sc_core::sc_time::from_value(ps); }
inline u64 to_picoseconds(const sc_core::sc_time& time) { return time.value(); }

class Clock final {
 public:
  /// The period is 1 THz / frequency, rounded to the nearest picosecond.
  static Clock from_mhz(u64 mhz) { return Clock((1'000'000 + mhz / 2) / mhz); }
  explicit Clock(u64 period_ps) : period_ps_(period_ps == 0 ? 1 : period_ps) {}

  u64 period_ps() const { return period_ps_; }
  sc_core::sc_time time(u64 cycles) const { return picoseconds(cycles * period_ps_); }
  /// Whole cycles in `time`; a begun cycle counts (a core sees an answer at its next clock edge).
  u64 cycles_up(const sc_core::sc_time& time) const { return (to_picoseconds(time) + period_ps_ - 1) / period_ps_; }
  u64 cycles_down(const sc_core::sc_time& time) const { return to_picoseconds(time) / period_ps_; }
  /// How far `cycles` since the start are ahead of sc_time: what a decoupled initiator comes with as delay.
  sc_core::sc_time lead(u64 cycles) const {
    const sc_core::sc_time then = time(cycles);
    return then > sc_core::sc_time_stamp() ? then - sc_core::sc_time_stamp() : sc_core::SC_ZERO_TIME;
  }

 private:
  u64 period_ps_;
};

/// Time from now to the next timed notification of the kernel, or `limit` if that comes first. Activity at the present
/// time (a delta cycle) does not count: let it happen first, with wait(SC_ZERO_TIME).
inline sc_core::sc_time time_to_next_event(const sc_core::sc_time& limit) {
  sc_core::sc_time next;
  if (!sc_core::sc_get_curr_simcontext()->next_time(next)) return limit;
  const sc_core::sc_time distance = next - sc_core::sc_time_stamp();
  return distance < limit ? distance : limit;
}

}  // namespace tw::tlm
