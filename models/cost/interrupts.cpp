#include "cost/interrupts.hpp"

namespace tw::cost {
namespace {

void add_span(Histogram& histogram, u64& skewed, u64 from, u64 to) {
  if (to < from) ++skewed;
  histogram.add(to < from ? 0 : to - from);
}

}  // namespace

void InterruptLedger::at(const InterruptKey& key, InterruptStation station, u64 time_ps) {
  Open& open = open_[key];
  InterruptSummary& summary = interrupts_[key];
  switch (station) {
    case InterruptStation::Asserted:
      // A line that is already pending waits since its first edge.
      if (!open.asserted) {
        open.asserted = time_ps;
        open.signalled = false;
      }
      return;
    case InterruptStation::Signalled:
      if (open.asserted && !open.signalled) {
        add_span(summary.asserted_to_signalled_ps, summary.skewed, *open.asserted, time_ps);
        open.signalled = true;
      }
      return;
    case InterruptStation::Acknowledged:
      ++summary.count;
      if (open.asserted) add_span(summary.asserted_to_ack_ps, summary.skewed, *open.asserted, time_ps);
      open.asserted.reset();
      open.acknowledged = time_ps;
      return;
    case InterruptStation::PriorityDrop:
      if (open.acknowledged) add_span(summary.ack_to_drop_ps, summary.skewed, *open.acknowledged, time_ps);
      return;
    case InterruptStation::Deactivated:
      if (open.acknowledged) add_span(summary.ack_to_deactivate_ps, summary.skewed, *open.acknowledged, time_ps);
      open.acknowledged.reset();
      return;
    case InterruptStation::Withdrawn:
      if (open.asserted) ++summary.withdrawn;
      open.asserted.reset();
      return;
  }
}

void InterruptLedger::restart() {
  open_.clear();
  interrupts_.clear();
}

}  // namespace tw::cost
