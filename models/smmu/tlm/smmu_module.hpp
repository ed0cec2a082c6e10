// The TLM shell of the SMMU: a socket a master, a way out to memory, a frame of registers, and the time.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <systemc>
#include <tlm>

#include "smmu/smmu.hpp"
#include "smmu/tlm/memory_module.hpp"
#include "tlm/mmio_module.hpp"
#include "tlm/protocol_checker.hpp"

namespace tw::smmu {

class SmmuModule final : public sc_core::sc_module, private MmioTarget, private SignalPort {
 public:
  /// Bound by connect().
  tlm_utils::multi_passthrough_target_socket<SmmuModule, 32, ::tlm::tlm_base_protocol_types, 0,
                                             sc_core::SC_ZERO_OR_MORE_BOUND>
      masters;
  /// What the masters do, at physical addresses.
  tlm_utils::simple_initiator_socket<SmmuModule> translated;

  struct Surroundings {
    unsigned ports = 1;     ///< for masters
    StreamId stream{};      ///< DeviceID of the SMMU's own messages
    tlm::MmioTiming frame;  ///< of its registers
    std::function<void(Wire wire, Security security)> pulse;
    std::function<void()> send_event;                 ///< to all cores (WFE)
    std::function<bool(Pa at, u64 bytes)> is_memory;  ///< that takes atomic accesses
    EndpointPort& endpoints;
  };
  SmmuModule(sc_core::sc_module_name name, const Config& config, const Surroundings& around);

  /// Port n is at TBU n, or n mod smmu.tbus. Several masters may share one: the functions behind a PCIe root port.
  template <class InitiatorSocket>
  void connect(InitiatorSocket& master, unsigned port, tlm::ProtocolCheckers& checkers) {
    tbus_by_master_.push_back(tbu_of(port));
    checkers.bind(master, masters, master.name());
  }
  unsigned tbu_of(unsigned port) const { return port % tbus_; }

  Smmu& core() { return core_; }
  const Smmu& core() const { return core_; }
  auto& frame() { return frame_.socket; }
  /// The SMMU's own accesses.
  auto& memory() { return memory_.bus.socket; }
  tlm::Clock clock() const { return clock_; }

 private:
  struct Stall {
    sc_core::sc_event answered;
    std::optional<StallVerdict> verdict;
  };

  void b_transport(int master, ::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int master, ::tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int master, ::tlm::tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi);
  /// The translation of `request`, which arrives at `when`; afterwards that is when it is there. May wait.
  Response translate(unsigned tbu, const Request& request, sc_core::sc_time& when);
  StallVerdict await(u16 stag, const sc_core::sc_time& when);
  void work();
  // MmioTarget
  MmioResult access(const MmioAccess& access) override;
  // SignalPort
  u64 now() const override { return clock_.cycles_up(sc_core::sc_time_stamp()); }
  void work_at(u64 when) override;
  void pulse(Wire wire, Security security) override { around_.pulse(wire, security); }
  void send_event() override { around_.send_event(); }
  void resume(u16 stag, StallVerdict verdict) override;

  const Surroundings around_;
  tlm::Clock clock_;
  unsigned tbus_;
  std::vector<unsigned> tbus_by_master_;
  MemoryModule memory_;
  Smmu core_;
  tlm::MmioModule frame_;
  sc_core::sc_event work_event_;
  std::map<u16, Stall*> stalled_;  ///< by STAG: of those that wait, on their own stacks
};

}  // namespace tw::smmu
