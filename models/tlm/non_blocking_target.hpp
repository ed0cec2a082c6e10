// The non-blocking side of a target that has a blocking one: four phases around b_transport.
#pragma once

#include <deque>
#include <functional>

#include <tlm_utils/peq_with_get.h>
#include <systemc>
#include <tlm>

#include "base/types.hpp"

namespace tw::tlm {

/// A request is served when it is accepted (END_REQ); BEGIN_RESP follows after the latency that the blocking side
/// annotates. While `limit` requests are inside, END_REQ of the next one is withheld: back-pressure. Responses keep
/// the exclusion rule.
class NonBlockingTarget final : public sc_core::sc_module {
 public:
  using Payload = ::tlm::tlm_generic_payload;
  struct Surroundings {
    std::function<void(Payload& payload, sc_core::sc_time& delay)> serve;  ///< b_transport
    std::function<::tlm::tlm_sync_enum(Payload& payload, ::tlm::tlm_phase& phase, sc_core::sc_time& delay)> backward;
    u64 limit = 0;  ///< requests inside at once; 0: no limit
  };
  NonBlockingTarget(sc_core::sc_module_name name, Surroundings around);

  ::tlm::tlm_sync_enum nb_transport_fw(Payload& payload, ::tlm::tlm_phase& phase, sc_core::sc_time& delay);

 private:
  void requests_come();
  void responses_come();
  void accept_waiting();
  void respond();
  void response_is_over();

  Surroundings around_;
  tlm_utils::peq_with_get<Payload> requests_, responses_;
  std::deque<Payload*> waiting_;   ///< BEGIN_REQ without END_REQ
  std::deque<Payload*> answered_;  ///< in the order of their BEGIN_RESP; the first may be sent
  bool response_open_ = false;
  u64 inside_ = 0;
  sc_core::sc_event response_over_;
};

}  // namespace tw::tlm
