// The TLM shell of plain memory: any length, direct pointers to all of it; the same time for each access, or DRAM's.
#pragma once

#include <memory>

#include <tlm_utils/simple_target_socket.h>
#include <systemc>
#include <tlm>

#include "memory/config.hpp"
#include "memory/dram.hpp"
#include "memory/ram.hpp"
#include "tlm/clock.hpp"
#include "tlm/non_blocking_target.hpp"

namespace tw::memory {

class RamModule final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<RamModule> socket;

  /// `ram` outlives the module.
  RamModule(sc_core::sc_module_name name, Ram& ram, const Config& config, tlm::Clock clock,
            const DramConfig& dram = {});
  /// nullptr: each access takes the same time.
  Dram* dram() { return dram_.get(); }

 private:
  void b_transport(::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum nb_transport_fw(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
  unsigned transport_dbg(::tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi);
  ::tlm::tlm_response_status serve(::tlm::tlm_generic_payload& payload);
  sc_core::sc_time latency(const ::tlm::tlm_generic_payload& payload, const sc_core::sc_time& arrival);

  Ram& ram_;
  sc_core::sc_time latency_;  ///< without DRAM
  std::unique_ptr<Dram> dram_;
  tlm::Clock dram_clock_;
  tlm::NonBlockingTarget non_blocking_;
};

}  // namespace tw::memory
