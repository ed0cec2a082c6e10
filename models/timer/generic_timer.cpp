#include "timer/generic_timer.hpp"

#include <algorithm>

#include "base/bits.hpp"

namespace tw::timer {

namespace {

using arm::TimerRegister;

constexpr u64 kEnable = 1;
constexpr u64 kImask = 2;
constexpr u64 kIstatus = 4;
constexpr unsigned kEvntEn = 2;
constexpr unsigned kEvntDir = 3;

enum Field : unsigned { kControl, kValue, kView };

constexpr unsigned slot(Timer which) { return static_cast<unsigned>(which); }

/// The compare timers' registers stand in the enumeration as (CTL, CVAL, TVAL) for each timer.
struct CompareRegister {
  Timer timer;
  unsigned field;
};
std::optional<CompareRegister> compare_register(TimerRegister reg) {
  switch (reg) {
    case TimerRegister::CntpCtl:
      return CompareRegister{Timer::Physical, kControl};
    case TimerRegister::CntpCval:
      return CompareRegister{Timer::Physical, kValue};
    case TimerRegister::CntpTval:
      return CompareRegister{Timer::Physical, kView};
    case TimerRegister::CntvCtl:
      return CompareRegister{Timer::Virtual, kControl};
    case TimerRegister::CntvCval:
      return CompareRegister{Timer::Virtual, kValue};
    case TimerRegister::CntvTval:
      return CompareRegister{Timer::Virtual, kView};
    case TimerRegister::CnthpCtl:
      return CompareRegister{Timer::Hypervisor, kControl};
    case TimerRegister::CnthpCval:
      return CompareRegister{Timer::Hypervisor, kValue};
    case TimerRegister::CnthpTval:
      return CompareRegister{Timer::Hypervisor, kView};
    case TimerRegister::CntpsCtl:
      return CompareRegister{Timer::SecurePhysical, kControl};
    case TimerRegister::CntpsCval:
      return CompareRegister{Timer::SecurePhysical, kValue};
    case TimerRegister::CntpsTval:
      return CompareRegister{Timer::SecurePhysical, kView};
    default:
      return std::nullopt;
  }
}

/// Counts from `view` until bit EVNTI next makes the transition that EVNTDIR names (0: rises, 1: falls); at least 1.
std::optional<u64> until_stream_event(u64 control, u64 view) {
  if (!bit_at(control, kEvntEn)) return std::nullopt;
  const unsigned trigger = static_cast<unsigned>(bits<7, 4>(control));
  const u64 period = u64{2} << trigger;
  const u64 target = bit_at(control, kEvntDir) ? 0 : period / 2;
  const u64 distance = (target - view) & (period - 1);
  return distance == 0 ? period : distance;
}

}  // namespace

GenericTimer::GenericTimer(const Config& config, CounterSource& counter, TimerOutputs& outputs)
    : counter_(counter), outputs_(outputs), reset_frequency_(config.frequency_hz), frequency_(config.frequency_hz) {}

void GenericTimer::reset() {
  frequency_ = reset_frequency_;
  virtual_offset_ = kernel_control_ = hypervisor_control_ = 0;
  timers_.fill({});
  update();
}

u64 GenericTimer::count_of(Timer which) const {
  return which == Timer::Virtual ? counter_.count() - virtual_offset_ : counter_.count();
}

bool GenericTimer::condition(Timer which) const { return count_of(which) >= timers_[slot(which)].value; }

bool GenericTimer::output(Timer which) const {
  return (timers_[slot(which)].control & (kEnable | kImask)) == kEnable && condition(which);
}

void GenericTimer::update() {
  for (unsigned i = 0; i < kTimers; ++i) {
    const bool level = output(static_cast<Timer>(i));
    if (level == levels_[i]) continue;
    levels_[i] = level;
    outputs_.set(static_cast<Timer>(i), level);
  }
}

u64 GenericTimer::read_compare(Timer which, unsigned field) const {
  const Compare& timer = timers_[slot(which)];
  switch (field) {
    case kControl:
      // ISTATUS is UNKNOWN while disabled: it reads as zero.
      return timer.control | ((timer.control & kEnable) && condition(which) ? kIstatus : 0);
    case kValue:
      return timer.value;
    default:
      return (timer.value - count_of(which)) & low_mask(32);
  }
}

void GenericTimer::write_compare(Timer which, unsigned field, u64 value) {
  Compare& timer = timers_[slot(which)];
  switch (field) {
    case kControl:
      timer.control = value & (kEnable | kImask);
      break;
    case kValue:
      timer.value = value;
      break;
    default:
      timer.value = count_of(which) + static_cast<u64>(sign_extend(value, 32));
      break;
  }
}

u64 GenericTimer::read(TimerRegister reg) const {
  if (const auto compare = compare_register(reg)) return read_compare(compare->timer, compare->field);
  switch (reg) {
    case TimerRegister::CntFrq:
      return frequency_;
    case TimerRegister::CntPct:
      return counter_.count();
    case TimerRegister::CntVct:
      return counter_.count() - virtual_offset_;
    case TimerRegister::CntVoff:
      return virtual_offset_;
    case TimerRegister::CntkCtl:
      return kernel_control_;
    case TimerRegister::CnthCtl:
      return hypervisor_control_;
    default:
      return 0;
  }
}

void GenericTimer::write(TimerRegister reg, u64 value) {
  if (const auto compare = compare_register(reg)) write_compare(compare->timer, compare->field, value);
  switch (reg) {
    case TimerRegister::CntFrq:
      frequency_ = value & low_mask(32);
      break;
    case TimerRegister::CntVoff:
      virtual_offset_ = value;
      break;
    case TimerRegister::CntkCtl:
      kernel_control_ = value;
      break;
    case TimerRegister::CnthCtl:
      hypervisor_control_ = value;
      break;
    default:
      break;
  }
  update();
}

std::optional<u64> GenericTimer::next_output_change() const {
  const u64 now = counter_.count();
  std::optional<u64> earliest;
  for (unsigned i = 0; i < kTimers; ++i) {
    const Timer which = static_cast<Timer>(i);
    const Compare& timer = timers_[i];
    if ((timer.control & (kEnable | kImask)) != kEnable) continue;
    const u64 view = count_of(which);
    // Once met, the condition ends only when the 64-bit view wraps to zero; it never ends for a compare value of zero.
    if (condition(which) && timer.value == 0) continue;
    const u64 distance = condition(which) ? u64{0} - view : timer.value - view;
    const u64 when = now + distance;
    if (distance == 0 || when < now) continue;
    earliest = std::min(earliest.value_or(when), when);
  }
  return earliest;
}

std::optional<u64> GenericTimer::next_stream_event() const {
  const u64 now = counter_.count();
  const auto kernel = until_stream_event(kernel_control_, now - virtual_offset_);
  const auto hypervisor = until_stream_event(hypervisor_control_, now);
  if (!kernel && !hypervisor) return std::nullopt;
  return now + std::min(kernel.value_or(~u64{0}), hypervisor.value_or(~u64{0}));
}

}  // namespace tw::timer
