// Interrupt spans: from the device's wire to the guest's handler, and on to deactivation.
// Times are platform time in picoseconds, since several cores and devices take part; the report divides by a core's
// clock period.
#pragma once

#include <map>
#include <optional>

#include "base/types.hpp"
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

class InterruptLedger final {
 public:
  void at(const InterruptKey& key, InterruptStation station, u64 time_ps);
  const std::map<InterruptKey, InterruptSummary>& interrupts() const { return interrupts_; }
  /// Forgets what was measured; interrupts under way are forgotten too.
  void restart();

 private:
  struct Open {
    std::optional<u64> asserted, acknowledged;
    bool signalled = false;
  };
  std::map<InterruptKey, Open> open_;
  std::map<InterruptKey, InterruptSummary> interrupts_;
};

}  // namespace tw::cost
