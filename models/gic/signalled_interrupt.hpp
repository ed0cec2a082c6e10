// Which interrupt an interface signals to its core: the observer hears of every one that becomes it.
#pragma once

#include <optional>
#include <utility>

#include "gic/observation.hpp"
#include "gic/signalling.hpp"

namespace tw::gic {

class SignalledInterrupt final {
 public:
  SignalledInterrupt(unsigned cpu, bool is_virtual, Observation observation)
      : cpu_(cpu), is_virtual_(is_virtual), observation_(observation) {}

  void is(const std::optional<Candidate>& candidate) {
    const u32 id = candidate ? candidate->id_register() : kSpurious;
    if (std::exchange(id_, id) == id || !candidate) return;
    observation_.at(candidate->intid, cpu_, is_virtual_, cost::InterruptStation::Signalled);
  }
  /// The next one is another interrupt, whatever its number.
  void acknowledged() { id_ = kSpurious; }

 private:
  unsigned cpu_;
  bool is_virtual_;
  Observation observation_;
  u32 id_ = kSpurious;
};

}  // namespace tw::gic
