#include "timer/tlm/timer_module.hpp"

#include <algorithm>
#include <limits>

#include "tlm/clock.hpp"

namespace tw::timer {

namespace {

__extension__ using Wide = unsigned __int128;  // picoseconds times hertz

/// Edges of the count at or before a time.
u64 count_at(u64 ps, u64 hz) { return static_cast<u64>(Wide{ps} * hz / tlm::kPicosecondsPerSecond); }

/// The first picosecond at which the count is at least `count`; the end of time when that is beyond it.
u64 time_of(u64 count, u64 hz) {
  const Wide ps = (Wide{count} * tlm::kPicosecondsPerSecond + (hz - 1)) / hz;
  return static_cast<u64>(std::min<Wide>(ps, std::numeric_limits<u64>::max()));
}

}  // namespace

TimerModule::TimerModule(sc_core::sc_module_name name, const Config& config, TimerSurroundings around)
    : sc_module(name),
      frequency_hz_(config.frequency_hz),
      around_(std::move(around)),
      core_(config, *this, around_.outputs) {
  SC_HAS_PROCESS(TimerModule);
  SC_METHOD(output_changes);
  sensitive << output_event_;
  dont_initialize();
  SC_METHOD(stream_fires);
  sensitive << stream_event_;
  dont_initialize();
}

/// A running core is ahead of sc_time; one that sleeps is behind it.
u64 TimerModule::count() const {
  const u64 now = tlm::to_picoseconds(sc_core::sc_time_stamp());
  return count_at(std::max(now, around_.core_time_ps()), frequency_hz_);
}

void TimerModule::write(arm::TimerRegister reg, u64 value) {
  core_.write(reg, value);
  arrange();
}

void TimerModule::output_changes() {
  core_.update();
  arrange();
}

/// A core that is ahead of this event may have passed the compare value of a timer: its output changes now, for
/// arrange() takes the event back that was to change it.
void TimerModule::stream_fires() {
  core_.update();
  around_.stream_event();
  arrange();
}

void TimerModule::arrange() {
  output_event_.cancel();
  stream_event_.cancel();
  if (const auto next = core_.next_output_change()) notify_at(output_event_, *next);
  if (const auto next = core_.next_stream_event()) notify_at(stream_event_, *next);
}

void TimerModule::notify_at(sc_core::sc_event& event, u64 count) {
  const u64 at = time_of(count, frequency_hz_);
  const u64 now = tlm::to_picoseconds(sc_core::sc_time_stamp());
  if (at == std::numeric_limits<u64>::max()) return;  // compare values of all ones mean never
  event.notify(tlm::picoseconds(at > now ? at - now : 0));
}

}  // namespace tw::timer
