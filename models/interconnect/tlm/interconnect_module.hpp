// The fabric: n initiators, m targets, decode by the address map, the latency of each link.
#pragma once

#include <string>
#include <vector>

#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <systemc>
#include <tlm>

#include "interconnect/address_map.hpp"
#include "interconnect/link.hpp"
#include "tlm/clock.hpp"

namespace tw::interconnect {

class InterconnectModule final : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<InterconnectModule> initiators;

  InterconnectModule(sc_core::sc_module_name name, tlm::Clock clock);

  /// Puts `target` at [base, base + size). The target sees offsets from `base`. A secure one answers Secure accesses
  /// only. Throws UserError on an overlap.
  template <class TargetSocket>
  void map(std::string name, Pa base, u64 size, const Link& link, TargetSocket& target, bool secure = false) {
    map_.add({std::move(name), base, size, static_cast<unsigned>(links_.size()), secure});
    links_.push_back(link);
    targets_.bind(target);
  }
  const AddressMap& address_map() const { return map_; }

 private:
  void b_transport(int id, ::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int id, ::tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int id, ::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int id, sc_dt::uint64 start, sc_dt::uint64 end);

  tlm_utils::multi_passthrough_initiator_socket<InterconnectModule> targets_;
  tlm::Clock clock_;
  AddressMap map_;
  std::vector<Link> links_;  ///< by target
};

}  // namespace tw::interconnect
