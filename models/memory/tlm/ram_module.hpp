// The TLM shell of plain memory: any length, direct pointers to all of it.
#pragma once

#include <tlm_utils/simple_target_socket.h>
#include <systemc>
#include <tlm>

#include "memory/config.hpp"
#include "memory/ram.hpp"
#include "tlm/clock.hpp"

namespace tw::memory {

class RamModule final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<RamModule> socket;

  /// `ram` outlives the module.
  RamModule(sc_core::sc_module_name name, Ram& ram, const Config& config, tlm::Clock clock);

 private:
  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(::tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi);
  ::tlm::tlm_response_status serve(::tlm::tlm_generic_payload& payload);

  Ram& ram_;
  sc_core::sc_time latency_;
};

}  // namespace tw::memory
