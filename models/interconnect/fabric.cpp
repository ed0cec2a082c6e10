#include "interconnect/fabric.hpp"

#include <algorithm>

namespace tw::interconnect {

u64 Fabric::latency(const Request& request) const {
  return initiators_[request.initiator].link.latency + targets_[request.target].link.latency;
}

/// Data stream through both ports at the pace of the slower one.
u64 Fabric::further(const Request& request) const {
  return std::max(further_beats(initiators_[request.initiator].link, request.bytes),
                  further_beats(targets_[request.target].link, request.bytes));
}

u64 Fabric::idle_cycles(const Request& request) const { return latency(request) + further(request); }

u64 Fabric::channels_free(const Request& request, u64 from) const {
  const Port& near = initiators_[request.initiator];
  const Port& far = targets_[request.target];
  const u64 near_length = occupancy(near.link, request.bytes);
  const u64 far_length = occupancy(far.link, request.bytes);
  u64 start = from;
  for (;;) {
    u64 both = start;
    if (near_length != 0) both = (request.write ? near.writes : near.reads).first_free(both, near_length);
    if (far_length != 0) both = (request.write ? far.writes : far.reads).first_free(both, far_length);
    if (both == start) return start;
    start = both;
  }
}

void Fabric::occupy_channels(const Request& request, u64 start) {
  for (Port* port : {&initiators_[request.initiator], &targets_[request.target]}) {
    (request.write ? port->writes : port->reads).occupy(start, start + occupancy(port->link, request.bytes));
  }
}

u64 Fabric::ready(const Request& request, u64 arrival) const {
  if (!contention_) return arrival;
  u64 start = arrival;
  for (;;) {
    u64 all = initiators_[request.initiator].outstanding.first_free(start);
    all = targets_[request.target].outstanding.first_free(all);
    if (request.write) all = channels_free(request, all);
    if (all == start) return start;
    start = all;
  }
}

Fabric::Passage Fabric::enter(const Request& request, u64 arrival) {
  Passage passage{.request = request, .start = ready(request, arrival)};
  passage.at_target = passage.start + latency(request);
  if (request.write) {
    passage.at_target += further(request);
    if (contention_) occupy_channels(request, passage.start);
  }
  Statistics& statistics = targets_[request.target].statistics;
  ++statistics.transactions;
  statistics.bytes += request.bytes;
  statistics.waited_to_enter += passage.start - arrival;
  return passage;
}

u64 Fabric::leave(const Passage& passage, u64 answered) {
  const Request& request = passage.request;
  u64 end = answered;
  if (!request.write) {
    const u64 start = contention_ ? channels_free(request, answered) : answered;
    if (contention_) occupy_channels(request, start);
    targets_[request.target].statistics.waited_for_data += start - answered;
    end = start + further(request);
  }
  hold(passage, passage.start, end);
  return end;
}

void Fabric::hold(const Passage& passage, u64 from, u64 end) {
  if (!contention_) return;
  initiators_[passage.request.initiator].outstanding.occupy(from, end);
  targets_[passage.request.target].outstanding.occupy(from, end);
}

void Fabric::clear_statistics() {
  for (Port& port : targets_) port.statistics = {};
}

}  // namespace tw::interconnect
