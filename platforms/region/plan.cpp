#include "platforms/region/plan.hpp"

#include <algorithm>
#include <limits>

namespace tw::region {

namespace {

bool is_count(const std::optional<Mark>& mark) { return mark && mark->kind == MarkKind::Instructions; }

/// So many instructions from here on: never, when that is more than can be counted.
u64 after(const Position& now, u64 instructions) {
  constexpr u64 kNever = std::numeric_limits<u64>::max();
  return instructions < kNever - now.instructions ? now.instructions + instructions : kNever;
}

}  // namespace

std::string_view name_of(Phase phase) {
  static constexpr std::string_view kNames[] = {"functional", "warm-up", "measured"};
  static_assert(std::size(kNames) == kPhaseCount);
  return kNames[static_cast<unsigned>(phase)];
}

Plan::Plan(Options options) : options_(std::move(options)) {
  if (options_.from) {
    if (is_count(options_.from)) mark_at_ = options_.from->number;
    return;
  }
  enter({});
}

const Mark* Plan::awaited() const {
  if (over_) return nullptr;
  const std::optional<Mark>& mark = inside_ ? options_.until : options_.from;
  return mark ? &*mark : nullptr;
}

u64 Plan::left(u64 instructions) const {
  const u64 next = std::min(phase_end_, mark_at_);
  return next == kNever ? kNever : next - std::min(next, instructions);
}

bool Plan::advance(const Position& now) {
  if (now.instructions >= mark_at_) {
    reached(now);
    return true;
  }
  if (now.instructions < phase_end_) return false;
  if (phase_ == Phase::Functional && options_.sampling->warm != 0) {
    begin(Phase::WarmUp, now, options_.sampling->warm);
  } else if (phase_ != Phase::Measured) {
    measure(now);
  } else {
    begin_period(now);
  }
  return true;
}

void Plan::reached(const Position& now) {
  if (awaited() == nullptr) return;
  if (inside_) {
    leave(now);
  } else {
    enter(now);
  }
}

void Plan::finish(const Position& now) {
  if (options_.sampling && phase_ == Phase::Measured && now.instructions < phase_end_) cut_ = intervals_;
  if (open_) spans_.back().end = now;
  open_ = false;
}

void Plan::enter(const Position& now) {
  inside_ = true;
  mark_at_ = kNever;
  if (options_.sampling) {
    open(now);
    if (is_count(options_.until)) mark_at_ = after(now, options_.until->number);
    begin_period(now);
  } else if (options_.warm_up != 0) {
    begin(Phase::WarmUp, now, options_.warm_up);
  } else {
    measure(now);
  }
}

void Plan::leave(const Position& now) {
  finish(now);
  inside_ = false;
  over_ = !options_.repeat || !options_.from;
  mark_at_ = !over_ && is_count(options_.from) ? after(now, options_.from->number) : kNever;
  begin(Phase::Functional, now, kNever);
}

void Plan::begin(Phase phase, const Position& now, u64 instructions) {
  phase_ = phase;
  phase_end_ = after(now, instructions);
  ++number_;
}

void Plan::begin_period(const Position& now) {
  const Sampling& s = *options_.sampling;
  const u64 functional = s.period - s.warm - s.measure;
  if (functional != 0) {
    begin(Phase::Functional, now, functional);
  } else if (s.warm != 0) {
    begin(Phase::WarmUp, now, s.warm);
  } else {
    measure(now);
  }
}

void Plan::measure(const Position& now) {
  ++intervals_;
  begin(Phase::Measured, now, options_.sampling ? options_.sampling->measure : kNever);
  if (options_.sampling) return;
  open(now);
  if (is_count(options_.until)) mark_at_ = after(now, options_.until->number);
}

}  // namespace tw::region
