// Between the SMMU and memory: software that waits for a message looks into memory when something was written there.
#pragma once

#include <functional>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <systemc>

#include "tlm/clock.hpp"

namespace tw::study {

class WriteWatch final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<WriteWatch> target;
  tlm_utils::simple_initiator_socket<WriteWatch> initiator;

  /// `written` is called with address and time of completion (ps).
  WriteWatch(sc_core::sc_module_name name, std::function<void(Pa at, u64 when)> written)
      : sc_module(name), target("target"), initiator("initiator"), written_(std::move(written)) {
    target.register_b_transport(this, &WriteWatch::b_transport);
    target.register_transport_dbg(this, &WriteWatch::transport_dbg);
    target.register_get_direct_mem_ptr(this, &WriteWatch::get_direct_mem_ptr);
  }

 private:
  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    initiator->b_transport(payload, delay);
    if (payload.is_write() && payload.is_response_ok()) {
      written_(Pa{payload.get_address()}, tlm::to_picoseconds(sc_core::sc_time_stamp() + delay));
    }
  }
  unsigned transport_dbg(::tlm::tlm_generic_payload& payload) { return initiator->transport_dbg(payload); }
  bool get_direct_mem_ptr(::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi) {
    return initiator->get_direct_mem_ptr(payload, dmi);
  }
  std::function<void(Pa, u64)> written_;
};

}  // namespace tw::study
