#include "interconnect/tlm/non_blocking.hpp"

#include <algorithm>
#include <limits>

namespace tw::interconnect {

using sc_core::sc_time;
using ::tlm::tlm_phase;
using ::tlm::tlm_sync_enum;

NonBlocking::NonBlocking(sc_core::sc_module_name name, const Surroundings& around)
    : sc_module(name),
      fabric_(around.fabric),
      clock_(around.clock),
      arbitration_(around.arbitration),
      forward_(around.forward),
      backward_(around.backward),
      peq_("peq") {
  SC_HAS_PROCESS(NonBlocking);
  SC_METHOD(step);
  sensitive << peq_.get_event() << look_again_;
  dont_initialize();
}

NonBlocking::Target& NonBlocking::target(unsigned number) {
  while (targets_.size() <= number) targets_.emplace_back(arbitration_);
  return targets_[number];
}

tlm_sync_enum NonBlocking::begin_request(int initiator, const Region& region, const Fabric::Request& request,
                                         Payload& payload, const sc_time& delay) {
  payload.acquire();
  auto transit = std::make_unique<Transit>();
  transit->payload = &payload;
  transit->socket = initiator;
  transit->base = region.base.value;
  transit->request = request;
  peq_.notify(*transit, delay);
  transits_[&payload] = std::move(transit);
  return ::tlm::TLM_ACCEPTED;
}

tlm_sync_enum NonBlocking::end_response(Payload& payload, const sc_time& delay) {
  const auto found = transits_.find(&payload);
  if (found == transits_.end() || found->second->stage != Stage::Responding) return ::tlm::TLM_COMPLETED;
  found->second->stage = Stage::Ending;
  peq_.notify(*found->second, delay);
  return ::tlm::TLM_COMPLETED;
}

/// Arbitrates when all that happens at this time has happened.
void NonBlocking::step() {
  while (Transit* transit = peq_.get_next_transaction()) step(*transit);
  schedule();
}

void NonBlocking::step(Transit& transit) {
  switch (transit.stage) {
    case Stage::Arriving:
      transit.stage = Stage::Waiting;
      transit.since = now();
      target(transit.request.target).waiting.push_back(&transit);
      break;
    case Stage::Crossing:
      transit.stage = Stage::AtDoor;
      target(transit.request.target).door.push_back(&transit);
      knock(target(transit.request.target));
      break;
    case Stage::AtTarget:  // an annotated END_REQ has come
      accepted(transit);
      break;
    case Stage::Returning: {
      transit.stage = Stage::Responding;
      Initiator& initiator = initiators_[transit.socket];
      initiator.responses.push_back(&transit);
      respond(initiator);
      break;
    }
    case Stage::Ending:
      finish(transit);
      break;
    case Stage::Waiting:
    case Stage::AtDoor:
    case Stage::AtTargetOpen:
    case Stage::Responding:
      break;
  }
}

void NonBlocking::schedule() {
  for (Target& target : targets_) {
    while (schedule(target)) {
    }
  }
}

bool NonBlocking::has_room(const Transit& transit) {
  if (!fabric_.contention()) return true;
  const unsigned port = transit.request.initiator;
  if (outstanding_.size() <= port) outstanding_.resize(port + 1);
  const u64 near = fabric_.initiator(port).outstanding;
  const u64 far = fabric_.target(transit.request.target).outstanding;
  return (near == 0 || outstanding_[port] < near) && (far == 0 || target(transit.request.target).outstanding < far);
}

bool NonBlocking::schedule(Target& target) {
  if (target.waiting.empty() || !target.door.empty()) return false;
  std::vector<Transit*> ready;
  std::vector<Candidate> candidates;
  u64 next = std::numeric_limits<u64>::max();
  for (Transit* transit : target.waiting) {
    if (!has_room(*transit)) continue;
    const u64 from = fabric_.ready(transit->request, now());
    next = std::min(next, from);
    if (from != now()) continue;
    ready.push_back(transit);
    candidates.push_back({.initiator = transit->request.initiator,
                          .qos = fabric_.initiator(transit->request.initiator).qos,
                          .since = transit->since});
  }
  if (ready.empty()) {
    if (next != std::numeric_limits<u64>::max()) look_again_.notify(clock_.time(next) - sc_core::sc_time_stamp());
    return false;
  }
  go(target, *ready[target.arbiter.pick(candidates)]);
  return true;
}

void NonBlocking::go(Target& target, Transit& transit) {
  std::erase(target.waiting, &transit);
  ++target.outstanding;
  if (outstanding_.size() <= transit.request.initiator) outstanding_.resize(transit.request.initiator + 1);
  ++outstanding_[transit.request.initiator];
  transit.passage = fabric_.enter(transit.request, now());
  fabric_.waited(transit.request, now() - transit.since);
  transit.stage = Stage::Crossing;
  peq_.notify(transit, clock_.time(transit.passage.at_target - now()));
  tlm_phase phase = ::tlm::END_REQ;
  sc_time delay;
  backward_(transit.socket, *transit.payload, phase, delay);
}

/// The first one at the door, if it has not yet knocked.
void NonBlocking::knock(Target& target) {
  while (!target.door.empty() && target.door.front()->stage == Stage::AtDoor) {
    Transit& transit = *target.door.front();
    transit.stage = Stage::AtTarget;
    Payload& payload = *transit.payload;
    payload.set_address(payload.get_address() - transit.base);
    tlm_phase phase = ::tlm::BEGIN_REQ;
    sc_time delay;
    const tlm_sync_enum status = forward_(static_cast<int>(transit.request.target), payload, phase, delay);
    if (status == ::tlm::TLM_ACCEPTED) continue;  // or it has been called back already
    if (status == ::tlm::TLM_UPDATED && phase == ::tlm::END_REQ) {
      from_target(payload, phase, delay);
      continue;
    }
    accepted(transit);
    if (status == ::tlm::TLM_UPDATED) {  // BEGIN_RESP, which wants an END_RESP
      tlm_phase end = ::tlm::END_RESP;
      sc_time at = delay;
      forward_(static_cast<int>(transit.request.target), payload, end, at);
    }
    answered(transit, delay);
  }
}

/// END_REQ, said or meant.
void NonBlocking::accepted(Transit& transit) {
  if (transit.stage != Stage::AtTarget) return;
  transit.stage = Stage::AtTargetOpen;
  Target& at = target(transit.request.target);
  at.door.pop_front();
  if (!at.door.empty()) {
    knock(at);
  } else if (!at.waiting.empty()) {
    look_again_.notify(sc_core::SC_ZERO_TIME);
  }
}

tlm_sync_enum NonBlocking::from_target(Payload& payload, tlm_phase& phase, const sc_time& delay) {
  const auto found = transits_.find(&payload);
  if (found == transits_.end()) return ::tlm::TLM_ACCEPTED;
  Transit& transit = *found->second;
  if (phase == ::tlm::END_REQ) {
    if (delay == sc_core::SC_ZERO_TIME) {
      accepted(transit);
    } else {
      peq_.notify(transit, delay);
    }
    return ::tlm::TLM_ACCEPTED;
  }
  if (phase != ::tlm::BEGIN_RESP) return ::tlm::TLM_ACCEPTED;
  accepted(transit);
  answered(transit, delay);
  return ::tlm::TLM_COMPLETED;
}

void NonBlocking::answered(Transit& transit, const sc_time& delay) {
  Payload& payload = *transit.payload;
  payload.set_address(payload.get_address() + transit.base);
  const u64 answered = clock_.cycles_up(sc_core::sc_time_stamp() + delay);
  transit.end = fabric_.leave(transit.passage, answered);
  transit.stage = Stage::Returning;
  peq_.notify(transit, delay + clock_.time(transit.end - answered));
}

void NonBlocking::respond(Initiator& initiator) {
  if (initiator.open || initiator.responses.empty()) return;
  initiator.open = true;
  Transit& transit = *initiator.responses.front();
  tlm_phase phase = ::tlm::BEGIN_RESP;
  sc_time delay;
  const tlm_sync_enum status = backward_(transit.socket, *transit.payload, phase, delay);
  if (status == ::tlm::TLM_COMPLETED || (status == ::tlm::TLM_UPDATED && phase == ::tlm::END_RESP)) {
    transit.stage = Stage::Ending;
    peq_.notify(transit, delay);
  }
}

void NonBlocking::finish(Transit& transit) {
  if (const u64 ended = now(); ended > transit.end) fabric_.hold(transit.passage, transit.end, ended);
  --target(transit.request.target).outstanding;
  --outstanding_[transit.request.initiator];
  Initiator& initiator = initiators_[transit.socket];
  initiator.responses.pop_front();
  initiator.open = false;
  Payload* const payload = transit.payload;
  transits_.erase(payload);
  payload->release();
  respond(initiator);
}

}  // namespace tw::interconnect
