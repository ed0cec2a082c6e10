// Where DMA masters join the fabric. What they do is coherent with the cores: here caches and decoded code learn of it,
// by physical address, so whatever translates addresses (an SMMU) is in front of this bus.
#pragma once

#include <functional>

#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <systemc>
#include <tlm>

#include "base/types.hpp"

namespace tw::virt {

class DmaBus final : public sc_core::sc_module {
 public:
  /// Any number of masters, none too.
  tlm_utils::multi_passthrough_target_socket<DmaBus, 32, ::tlm::tlm_base_protocol_types, 0,
                                             sc_core::SC_ZERO_OR_MORE_BOUND>
      masters;
  tlm_utils::simple_initiator_socket<DmaBus> fabric;

  /// What stands on the way of a master's access.
  struct Surroundings {
    std::function<void(Pa, u64 bytes)> written;
    /// Whether caches look at it; `time` is then all the time that it takes, memory included.
    std::function<bool(Pa, u64 bytes)> is_cached;
    std::function<sc_core::sc_time(Pa, u64 bytes, bool write, const sc_core::sc_time& delay)> time;
  };
  DmaBus(sc_core::sc_module_name name, Surroundings around);

 private:
  void b_transport(int master, ::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int master, ::tlm::tlm_generic_payload& payload);

  Surroundings around_;
};

}  // namespace tw::virt
