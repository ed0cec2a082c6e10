#include "tlm/non_blocking_target.hpp"

namespace tw::tlm {

using sc_core::sc_time;
using ::tlm::tlm_phase;
using ::tlm::tlm_sync_enum;

NonBlockingTarget::NonBlockingTarget(sc_core::sc_module_name name, Surroundings around)
    : sc_module(name), around_(std::move(around)), requests_("requests"), responses_("responses") {
  SC_HAS_PROCESS(NonBlockingTarget);
  SC_METHOD(requests_come);
  sensitive << requests_.get_event();
  dont_initialize();
  SC_METHOD(responses_come);
  sensitive << responses_.get_event();
  dont_initialize();
  SC_METHOD(response_is_over);
  sensitive << response_over_;
  dont_initialize();
}

tlm_sync_enum NonBlockingTarget::nb_transport_fw(Payload& payload, tlm_phase& phase, sc_time& delay) {
  if (phase == ::tlm::BEGIN_REQ) {
    payload.acquire();
    requests_.notify(payload, delay);
    return ::tlm::TLM_ACCEPTED;
  }
  if (phase == ::tlm::END_RESP) {
    response_over_.notify(delay);
    return ::tlm::TLM_COMPLETED;
  }
  return ::tlm::TLM_ACCEPTED;  // an ignorable phase
}

void NonBlockingTarget::requests_come() {
  while (Payload* payload = requests_.get_next_transaction()) waiting_.push_back(payload);
  accept_waiting();
}

void NonBlockingTarget::accept_waiting() {
  while (!waiting_.empty() && (around_.limit == 0 || inside_ < around_.limit)) {
    Payload& payload = *waiting_.front();
    waiting_.pop_front();
    ++inside_;
    sc_time latency;
    around_.serve(payload, latency);
    responses_.notify(payload, latency);
    tlm_phase phase = ::tlm::END_REQ;
    sc_time now;
    around_.backward(payload, phase, now);
  }
}

void NonBlockingTarget::responses_come() {
  while (Payload* payload = responses_.get_next_transaction()) answered_.push_back(payload);
  respond();
}

void NonBlockingTarget::respond() {
  while (!answered_.empty() && !response_open_) {
    response_open_ = true;
    tlm_phase phase = ::tlm::BEGIN_RESP;
    sc_time delay;
    const tlm_sync_enum status = around_.backward(*answered_.front(), phase, delay);
    if (status == ::tlm::TLM_ACCEPTED) return;
    if (delay != sc_core::SC_ZERO_TIME) {
      response_over_.notify(delay);
      return;
    }
    answered_.front()->release();
    answered_.pop_front();
    response_open_ = false;
    --inside_;
    accept_waiting();
  }
}

void NonBlockingTarget::response_is_over() {
  answered_.front()->release();
  answered_.pop_front();
  response_open_ = false;
  --inside_;
  accept_waiting();
  respond();
}

}  // namespace tw::tlm
