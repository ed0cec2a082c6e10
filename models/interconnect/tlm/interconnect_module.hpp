// The fabric: n initiators, m targets, decode by the address map, and the time that Fabric says.
#pragma once

#include <string>
#include <vector>

#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <systemc>
#include <tlm>

#include "interconnect/address_map.hpp"
#include "interconnect/fabric.hpp"
#include "interconnect/tlm/non_blocking.hpp"
#include "tlm/clock.hpp"
#include "tlm/protocol_checker.hpp"

namespace tw::interconnect {

class InterconnectModule final : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<InterconnectModule> initiators;

  /// `checkers` sit at all sockets, if they are on.
  InterconnectModule(sc_core::sc_module_name name, tlm::Clock clock, const Config& config = {},
                     tlm::ProtocolCheckers* checkers = nullptr);

  /// A port for initiators. Several sockets may share one: a core and its table walker.
  unsigned add_port(const Link& link) { return fabric_.add_initiator(link); }
  /// Either all initiators are connected with this, or all are bound to `initiators` and have a port that costs nothing
  /// and knows no limit.
  template <class InitiatorSocket>
  void connect(InitiatorSocket& initiator, unsigned port) {
    ports_.push_back(port);
    bind(initiator, initiators, initiator.name());
  }
  /// Puts `target` at [base, base + size). The target sees offsets from `base`. A secure one answers Secure accesses
  /// only. Throws UserError on an overlap.
  template <class TargetSocket>
  void map(const std::string& name, Pa base, u64 size, const Link& link, TargetSocket& target, bool secure = false) {
    map_.add({name, base, size, fabric_.add_target(link), secure});
    bind(targets_, target, name);
  }
  const AddressMap& address_map() const { return map_; }
  Fabric& fabric() { return fabric_; }

 private:
  template <class InitiatorSocket, class TargetSocket>
  void bind(InitiatorSocket& initiator, TargetSocket& target, const std::string& where) {
    if (checkers_ != nullptr) {
      checkers_->bind(initiator, target, where);
    } else {
      initiator.bind(target);
    }
  }
  void end_of_elaboration() override;
  Fabric::Request request(int id, const ::tlm::tlm_generic_payload& payload, const Region& region) const;
  void b_transport(int id, ::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum nb_transport_fw(int id, ::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum nb_transport_bw(int id, ::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
  unsigned transport_dbg(int id, ::tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int id, ::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int id, sc_dt::uint64 start, sc_dt::uint64 end);

  tlm_utils::multi_passthrough_initiator_socket<InterconnectModule> targets_;
  tlm::Clock clock_;
  AddressMap map_;
  Fabric fabric_;
  NonBlocking non_blocking_;
  tlm::ProtocolCheckers* checkers_;
  std::vector<unsigned> ports_;  ///< by initiator socket, or empty
};

}  // namespace tw::interconnect
