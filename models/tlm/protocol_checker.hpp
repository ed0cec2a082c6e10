// Sits between two sockets, passes everything through and watches that both sides keep the rules of the TLM-2.0 base
// protocol (IEEE 1666-2011, clauses 14 and 15) and two of this project's own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <systemc>
#include <tlm>

#include "base/types.hpp"

namespace tw::tlm {

// One row a rule: enumerator, where it stands, what it says.
#define TW_RULES(X)                                                                                                  \
  X(DataLength, "14.12", "the data length is not zero")                                                              \
  X(DataPointer, "14.11", "the data pointer is not null")                                                            \
  X(StreamingWidth, "14.15", "the streaming width is not zero")                                                      \
  X(ByteEnableLength, "14.14", "the byte enable length is not zero where there are byte enables")                    \
  X(ResponseAtStart, "14.17", "the initiator sets the response status to incomplete")                                \
  X(HintAtStart, "14.16", "the initiator sets the DMI hint to false")                                                \
  X(NoResponse, "14.17", "the target sets the response status")                                                      \
  X(Modified, "14.7", "nobody behind the initiator changes command, data pointer, lengths, byte enables, extension") \
  X(Address, "14.7", "the target leaves the address; here the initiator also finds its own again")                   \
  X(WriteData, "14.11", "the target does not change the data of a write")                                            \
  X(TimeBackwards, "15.2.7", "sc_time and annotated delay never go back")                                            \
  X(MemoryManager, "14.5", "a non-blocking transaction has a memory manager")                                        \
  X(PhaseOrder, "15.2.4", "BEGIN_REQ, END_REQ, BEGIN_RESP, END_RESP, each from its own side")                        \
  X(RequestExclusion, "15.2.6", "no BEGIN_REQ before the END_REQ of the one before")                                 \
  X(ResponseExclusion, "15.2.6", "no BEGIN_RESP before the END_RESP of the one before")                              \
  X(ReturnValue, "15.2.4", "an updated phase is one that the other side may send next")                              \
  X(InFlight, "14.5", "a transaction is not sent again before it is over")                                           \
  X(HintWithoutGrant, "14.16", "where the DMI hint is true, direct access is granted")                               \
  X(DirectMemory, "11.2", "a grant has a pointer and holds the address; its range does not end before it begins")    \
  X(DebugLength, "11.3", "a debug access does not do more bytes than were asked for")                                \
  X(DebugEffect, "11.3", "a debug access has no side effect and takes no time")

enum class Rule : u8 {
#define TW_ENUMERATOR(name, clause, text) name,
  TW_RULES(TW_ENUMERATOR)
#undef TW_ENUMERATOR
};

struct RuleRow {
  std::string_view name, clause, text;
};
inline constexpr RuleRow kRules[] = {
#define TW_ROW(name, clause, text) {#name, clause, text},
    TW_RULES(TW_ROW)
#undef TW_ROW
};
#undef TW_RULES
constexpr const RuleRow& row(Rule rule) { return kRules[static_cast<unsigned>(rule)]; }

class ProtocolChecker final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<ProtocolChecker> target;        ///< to the initiator
  tlm_utils::simple_initiator_socket<ProtocolChecker> initiator;  ///< to the target

  using OnViolation = std::function<void(Rule rule, const std::string& where)>;
  ProtocolChecker(sc_core::sc_module_name name, std::string where, OnViolation on_violation);

 private:
  using Payload = ::tlm::tlm_generic_payload;
  /// What only the initiator may change.
  struct Attributes {
    ::tlm::tlm_command command;
    u64 address;
    const unsigned char* data;
    unsigned length, streaming_width;
    const unsigned char* byte_enables;
    unsigned byte_enable_length;
    const void* extension;
    u64 written;  ///< hash of a write's data
  };
  enum class State : u8 { Request, Accepted, Response };
  struct Transaction {
    Attributes attributes;
    State state = State::Request;
    sc_core::sc_time latest;
  };

  void b_transport(Payload& payload, sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum nb_transport_fw(Payload& payload, ::tlm::tlm_phase& phase, sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum nb_transport_bw(Payload& payload, ::tlm::tlm_phase& phase, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(Payload& payload, ::tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);
  unsigned transport_dbg(Payload& payload);

  void complain(Rule rule) { on_violation_(rule, where_); }
  void expect(bool holds, Rule rule) {
    if (!holds) complain(rule);
  }
  static Attributes attributes_of(const Payload& payload);
  void check_start(const Payload& payload);
  void check_response(const Payload& payload, const Attributes& sent);
  void check_hint(Payload& payload);
  ::tlm::tlm_sync_enum begin_request(Payload& payload, ::tlm::tlm_phase& phase, sc_core::sc_time& delay);
  ::tlm::tlm_sync_enum end_response(Payload& payload, ::tlm::tlm_phase& phase, sc_core::sc_time& delay);
  /// END_REQ or BEGIN_RESP, called back or returned; false: it may not come now.
  bool backward_phase(Payload& payload, const ::tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  void check_time(Transaction& transaction, const sc_core::sc_time& delay);
  void finish(Payload& payload);

  std::string where_;
  OnViolation on_violation_;
  std::map<const Payload*, Transaction> under_way_;
  const Payload* request_ = nullptr;   ///< whose request phase is open
  const Payload* response_ = nullptr;  ///< whose response phase is open
  u64 granted_first_ = 1, granted_last_ = 0;
};

/// Binds sockets, through a checker each where they are on. Off costs nothing.
class ProtocolCheckers final {
 public:
  /// Without `on_violation` they are off.
  explicit ProtocolCheckers(ProtocolChecker::OnViolation on_violation = {}) : on_violation_(std::move(on_violation)) {}
  bool on() const { return static_cast<bool>(on_violation_); }
  /// `where` names the binding.
  template <class InitiatorSocket, class TargetSocket>
  void bind(InitiatorSocket& initiator, TargetSocket& target, const std::string& where) {
    if (!on()) {
      initiator.bind(target);
      return;
    }
    ProtocolChecker& checker = add(where);
    initiator.bind(checker.target);
    checker.initiator.bind(target);
  }
  std::size_t count() const { return checkers_.size(); }

 private:
  ProtocolChecker& add(const std::string& where);
  ProtocolChecker::OnViolation on_violation_;
  std::vector<std::unique_ptr<ProtocolChecker>> checkers_;
};

/// Says what is wrong and ends the program: a fault of the simulator, which no guest can bring about.
void abort_on_violation(Rule rule, const std::string& where);

}  // namespace tw::tlm
