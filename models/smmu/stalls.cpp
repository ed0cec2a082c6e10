#include "smmu/stalls.hpp"

#include <algorithm>

#include "smmu/identification.hpp"

namespace tw::smmu {

Stalls::Stalls(const Config& config, EventLog& log, SignalPort& signals, Security security)
    : log_(log),
      signals_(signals),
      first_(security == Security::Secure ? static_cast<u16>(config.stall_max) : u16{0}),
      held_(stalls(config) ? config.stall_max : 0) {}

std::optional<u16> Stalls::hold(const Event& event, u64 now) {
  const auto free = std::find_if(held_.begin(), held_.end(), [](const Held& held) { return !held.taken; });
  if (free == held_.end()) return std::nullopt;
  const u16 stag = static_cast<u16>(first_ + (free - held_.begin()));
  const std::optional<u16> like = same_page(event);
  *free = {.taken = true, .recorded = false, .like = like, .event = event};
  free->event.stall = true;
  free->event.stag = stag;
  free->recorded = !like && log_.record(free->event, now);
  return stag;
}

/// One that software knows of, and that agrees in all that 3.12.2.1 names.
std::optional<u16> Stalls::same_page(const Event& event) const {
  for (const Held& held : held_) {
    if (held.taken && held.recorded && held.event.kind == event.kind && held.event.from == event.from &&
        held.event.address.align_down(4096) == event.address.align_down(4096) &&
        held.event.privileged == event.privileged && held.event.instruction == event.instruction &&
        held.event.read == event.read) {
      return held.event.stag;
    }
  }
  return std::nullopt;
}

/// Those whose record was another's come again when that one goes, whatever becomes of it. Tags are free before anybody
/// hears of it: who goes on may stall anew at once.
template <class Which>
void Stalls::release(StallVerdict verdict, Which which) {
  std::vector<std::pair<u16, StallVerdict>> going;
  for (Held& held : held_) {
    if (held.taken && which(held)) going.emplace_back(held.event.stag, verdict);
  }
  const std::size_t named = going.size();
  const auto goes = [&](u16 stag, std::size_t among) {
    return std::any_of(going.begin(), going.begin() + static_cast<std::ptrdiff_t>(among),
                       [&](const auto& one) { return one.first == stag; });
  };
  for (const Held& held : held_) {
    if (held.taken && held.like && goes(*held.like, named) && !goes(held.event.stag, named)) {
      going.emplace_back(held.event.stag, StallVerdict::Retry);
    }
  }
  for (const auto& [stag, what] : going) held_[stag - first_] = {};
  for (const auto& [stag, what] : going) signals_.resume(stag, what);
}

void Stalls::resume(StreamId stream, u16 stag, StallVerdict verdict) {
  release(verdict, [&](const Held& held) {
    return held.event.stag == stag && held.event.from.stream == stream && held.recorded;
  });
}

void Stalls::terminate(StreamId stream) {
  release(StallVerdict::Abort, [&](const Held& held) { return held.event.from.stream == stream; });
}

void Stalls::terminate_all() {
  release(StallVerdict::Abort, [](const Held&) { return true; });
}

void Stalls::retry_unrecorded() {
  release(StallVerdict::Retry, [](const Held& held) { return !held.recorded && !held.like; });
}

}  // namespace tw::smmu
