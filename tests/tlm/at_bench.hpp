// Two fabrics with non-blocking initiators: one that takes turns, one with priorities; checkers at every socket. And a
// checker between a scripted initiator and a scripted target.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "interconnect/tlm/interconnect_module.hpp"
#include "memory/tlm/ram_module.hpp"
#include "tlm/initiator.hpp"
#include "tlm/mmio_module.hpp"
#include "tlm/protocol_checker.hpp"

namespace tw::test {

/// An initiator of four-phase transactions: each as soon as the one before is accepted.
class Master final : public sc_core::sc_module, private ::tlm::tlm_mm_interface {
 public:
  tlm_utils::simple_initiator_socket<Master> socket;
  explicit Master(sc_core::sc_module_name name);

  struct Sent {
    u64 begun = 0, accepted = 0, ended = 0;  ///< ps: BEGIN_REQ, END_REQ, BEGIN_RESP
    ::tlm::tlm_response_status status = ::tlm::TLM_INCOMPLETE_RESPONSE;
  };
  void send(Pa pa, unsigned bytes, bool write);
  const std::vector<Sent>& sent() const { return sent_; }
  void clear();
  /// END_RESP comes so long after BEGIN_RESP; zero: with it.
  sc_core::sc_time keeps_response;
  std::vector<unsigned char> data = std::vector<unsigned char>(4096);

 private:
  struct Item {
    Pa pa;
    unsigned bytes;
    bool write;
  };
  void issue();
  void end_response();
  void ended(std::size_t n, const ::tlm::tlm_generic_payload& payload);
  ::tlm::tlm_sync_enum nb_transport_bw(::tlm::tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
  void free(::tlm::tlm_generic_payload* payload) override;

  std::deque<Item> to_send_;
  std::vector<Sent> sent_;
  std::deque<std::pair<::tlm::tlm_generic_payload*, std::size_t>> under_way_;
  ::tlm::tlm_generic_payload* requesting_ = nullptr;
  ::tlm::tlm_generic_payload* responding_ = nullptr;
  sc_core::sc_event go_, end_;
};

/// Does what a test says.
struct ScriptedTarget final : public sc_core::sc_module {
  tlm_utils::simple_target_socket<ScriptedTarget> socket;
  std::function<void(::tlm::tlm_generic_payload&, sc_core::sc_time&)> blocking;
  std::function<::tlm::tlm_sync_enum(::tlm::tlm_generic_payload&, ::tlm::tlm_phase&, sc_core::sc_time&)> forward;
  std::function<bool(::tlm::tlm_generic_payload&, ::tlm::tlm_dmi&)> direct;
  std::function<unsigned(::tlm::tlm_generic_payload&)> debug;
  explicit ScriptedTarget(sc_core::sc_module_name name);

 private:
  void b_transport(::tlm::tlm_generic_payload& p, sc_core::sc_time& t) { blocking(p, t); }
  ::tlm::tlm_sync_enum nb_transport_fw(::tlm::tlm_generic_payload& p, ::tlm::tlm_phase& phase, sc_core::sc_time& t) {
    return forward(p, phase, t);
  }
  bool get_direct_mem_ptr(::tlm::tlm_generic_payload& p, ::tlm::tlm_dmi& dmi) { return direct(p, dmi); }
  unsigned transport_dbg(::tlm::tlm_generic_payload& p) { return debug(p); }
};

struct ScriptedInitiator final : public sc_core::sc_module {
  tlm_utils::simple_initiator_socket<ScriptedInitiator> socket;
  std::function<::tlm::tlm_sync_enum(::tlm::tlm_generic_payload&, ::tlm::tlm_phase&, sc_core::sc_time&)> backward;
  explicit ScriptedInitiator(sc_core::sc_module_name name);

 private:
  ::tlm::tlm_sync_enum nb_transport_bw(::tlm::tlm_generic_payload& p, ::tlm::tlm_phase& phase, sc_core::sc_time& t) {
    return backward(p, phase, t);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) {}
};

struct AtBench final : private MmioTarget {
  static constexpr u64 kPeriodPs = 500;
  static constexpr u64 kBytes = 0x10'0000;
  static constexpr u64 kRamLatency = 7;
  static constexpr Pa kRam{0}, kLimited{0x100'0000}, kDram{0x200'0000}, kDevice{0x300'0000}, kNothing{0x400'0000};
  static constexpr interconnect::Link kLink{.latency = 10, .width = 16, .beat = 2};
  static constexpr u64 kLimit = 2;

  AtBench();
  tlm::Clock clock{kPeriodPs};
  std::vector<tlm::Rule> violations;
  tlm::ProtocolCheckers checkers;
  interconnect::InterconnectModule fabric, priority_fabric;
  memory::Ram bytes;
  memory::RamModule ram, limited, dram, priority_ram;
  tlm::MmioModule device;
  Master a, b, c, low, high;
  tlm::Initiator blocking;

  ScriptedInitiator wrong_initiator;
  tlm::ProtocolChecker checker;
  ScriptedTarget wrong_target;

 private:
  MmioResult access(const MmioAccess& access) override { return {.value = access.offset}; }
};

AtBench& at_bench();
/// Until nothing more happens.
void run();

}  // namespace tw::test
