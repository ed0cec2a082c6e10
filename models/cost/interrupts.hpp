// Interrupt spans: from the device's wire to the guest's handler, and on to deactivation.
// Times are platform time in picoseconds, since several cores and devices take part; the report divides by a core's
// clock period.
#pragma once

#include <map>
#include <optional>

#include "base/types.hpp"
#include "cost/event_ring.hpp"
#include "cost/histogram.hpp"
#include "cost/spans.hpp"

namespace tw::cost {

/// The stations of an interrupt, in order. A virtual interrupt's stations are those of the list register.
enum class InterruptStation : u8 {
  Asserted,      ///< the wire rose, or the SGI was generated, or the list register was written pending
  Signalled,     ///< the CPU interface signals it to the core
  Acknowledged,  ///< IAR read
  PriorityDrop,  ///< EOIR written
  Deactivated,   ///< no longer active
  Withdrawn,     ///< the wire fell, or the pending state was cleared, before the acknowledge
};

struct InterruptKey {
  u32 intid = 0;
  u8 cpu = 0;
  bool is_virtual = false;
  Vmid vmid{};  ///< of a virtual interrupt
  auto operator<=>(const InterruptKey&) const = default;
};

struct InterruptSummary {
  u64 count = 0;      ///< acknowledged
  u64 withdrawn = 0;  ///< gone before they were acknowledged
  u64 skewed = 0;  ///< a station's time lay before its predecessor's (cores run ahead within a quantum): counted as 0
  Histogram asserted_to_signalled_ps;
  Histogram asserted_to_ack_ps;  ///< wire to handler
  Histogram ack_to_drop_ps;
  Histogram ack_to_deactivate_ps;
};

/// One interrupt, in picoseconds of platform time; 0: that station was not reached, or lies before the measurement.
struct InterruptEvent {
  InterruptKey key;
  u64 asserted_ps = 0;
  u64 signalled_ps = 0;
  u64 acknowledged_ps = 0;
  u64 dropped_ps = 0;
  u64 deactivated_ps = 0;
  u64 withdrawn_ps = 0;
};

class InterruptLedger final {
 public:
  void at(const InterruptKey& key, InterruptStation station, u64 time_ps);
  const std::map<InterruptKey, InterruptSummary>& interrupts() const { return interrupts_; }
  /// Forgets what was measured; interrupts under way are forgotten too.
  void restart();
  /// From now on every interrupt is told to `events`, which the ledger does not own, when it is over; nullptr: to
  /// nobody. Those under way are told to whom they would have been, as far as they are.
  void record(EventRing<InterruptEvent>* events);

 private:
  struct Open {
    std::optional<u64> asserted, acknowledged;
    bool signalled = false;
    InterruptEvent pending, active;  ///< for events_ alone
  };
  void note(const InterruptKey& key, Open& open, InterruptStation station, u64 time_ps);
  void tell(InterruptEvent& event);
  std::map<InterruptKey, Open> open_;
  std::map<InterruptKey, InterruptSummary> interrupts_;
  EventRing<InterruptEvent>* events_ = nullptr;
};

}  // namespace tw::cost
