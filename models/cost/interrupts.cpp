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
  if (events_ != nullptr) note(key, open, station, time_ps);
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

/// One that is pending may wait behind one that is active: each is an event.
void InterruptLedger::note(const InterruptKey& key, Open& open, InterruptStation station, u64 time_ps) {
  switch (station) {
    case InterruptStation::Asserted:
      if (open.asserted) return;
      open.pending = {.key = key, .asserted_ps = time_ps};
      return;
    case InterruptStation::Signalled:
      if (open.asserted && !open.signalled) open.pending.signalled_ps = time_ps;
      return;
    case InterruptStation::Acknowledged:
      tell(open.active);  // an LPI is never deactivated
      open.active = open.asserted ? open.pending : InterruptEvent{};
      open.active.key = key;
      open.active.acknowledged_ps = time_ps;
      open.pending = {};
      return;
    case InterruptStation::PriorityDrop:
      if (open.acknowledged && open.active.dropped_ps == 0) open.active.dropped_ps = time_ps;
      return;
    case InterruptStation::Deactivated:
      open.active.deactivated_ps = open.acknowledged ? time_ps : 0;
      tell(open.active);
      return;
    case InterruptStation::Withdrawn:
      open.pending.withdrawn_ps = time_ps;
      if (open.asserted) tell(open.pending);
      return;
  }
}

void InterruptLedger::tell(InterruptEvent& event) {
  if (event.asserted_ps != 0 || event.acknowledged_ps != 0) events_->add(event);
  event = {};
}

void InterruptLedger::record(EventRing<InterruptEvent>* events) {
  for (auto& [key, open] : open_) {
    if (events_ == nullptr) break;
    tell(open.active);
    tell(open.pending);
  }
  events_ = events;
}

void InterruptLedger::restart() {
  open_.clear();
  interrupts_.clear();
}

}  // namespace tw::cost
