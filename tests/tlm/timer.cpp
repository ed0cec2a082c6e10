// The shell of the timers, whose core may be ahead of simulated time.
#include <gtest/gtest.h>

#include "tlm/bench.hpp"

namespace tw::test {
namespace {

using arm::TimerRegister;

constexpr u64 kCountPs = 16'000;  // 62.5 MHz
constexpr u64 kEnable = 1;
constexpr u64 kStreamOf32 = 1 << 2 | 4 << 4;  // CNTKCTL_EL1: EVNTEN, EVNTI = 4: bit 4 rises every 32 counts

/// A core that ran past the compare value before the event stream's event: Linux on one core lost its tick for ever.
TEST(TimerShell, AnEventOfTheStreamLosesNoOutput) {
  Bench& b = bench();
  const u64 now = tlm::to_picoseconds(sc_core::sc_time_stamp());
  b.core_time_ps = now;
  const u64 event = (now / kCountPs / 32 + 2) * 32 + 16;
  b.timers.write(TimerRegister::CntkCtl, kStreamOf32);
  b.timers.write(TimerRegister::CntpCval, event + 3);
  b.timers.write(TimerRegister::CntpCtl, kEnable);
  const unsigned events = b.stream_events;
  b.core_time_ps = (event - 1) * kCountPs;
  sc_core::sc_start(tlm::picoseconds((event - 1) * kCountPs - now));
  EXPECT_FALSE(b.timer_level);
  b.core_time_ps = (event + 5) * kCountPs;
  sc_core::sc_start(tlm::picoseconds(10 * kCountPs));
  EXPECT_GT(b.stream_events, events);
  EXPECT_TRUE(b.timer_level);
  b.timers.write(TimerRegister::CntkCtl, 0);
  b.timers.write(TimerRegister::CntpCtl, 0);
}

}  // namespace
}  // namespace tw::test
