// Each rule of the protocol checker is broken once, by an initiator or a target that does just that wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "tlm/at_bench.hpp"

namespace tw::test {
namespace {

using sc_core::sc_time;
using tlm::Rule;
using ::tlm::tlm_generic_payload;
using ::tlm::tlm_phase;
using ::tlm::tlm_sync_enum;

struct KeepsAlive final : ::tlm::tlm_mm_interface {
  void free(tlm_generic_payload*) override {}
};
KeepsAlive keeps_alive;

/// A correct read or write of 8 bytes.
struct Transaction {
  tlm_generic_payload payload{&keeps_alive};
  u8 data[8] = {};
  explicit Transaction(bool write = false) {
    payload.acquire();
    payload.set_command(write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND);
    payload.set_address(0x1000);
    payload.set_data_ptr(data);
    payload.set_data_length(8);
    payload.set_streaming_width(8);
  }
};

AtBench& b() { return at_bench(); }

void behave() {
  b().wrong_target.blocking = [](tlm_generic_payload& p, sc_time& delay) {
    p.set_response_status(::tlm::TLM_OK_RESPONSE);
    delay += sc_time(10, sc_core::SC_NS);
  };
  b().wrong_target.forward = [](tlm_generic_payload&, tlm_phase&, sc_time&) { return ::tlm::TLM_ACCEPTED; };
  b().wrong_target.direct = [](tlm_generic_payload&, ::tlm::tlm_dmi& dmi) {
    dmi.init();
    return false;
  };
  b().wrong_target.debug = [](tlm_generic_payload& p) { return p.get_data_length(); };
  b().wrong_initiator.backward = [](tlm_generic_payload&, tlm_phase&, sc_time&) { return ::tlm::TLM_ACCEPTED; };
}

void send(tlm_generic_payload& payload, sc_time delay = sc_core::SC_ZERO_TIME) {
  b().wrong_initiator.socket->b_transport(payload, delay);
}
tlm_sync_enum forward(tlm_generic_payload& payload, tlm_phase phase, sc_time delay = sc_core::SC_ZERO_TIME) {
  return b().wrong_initiator.socket->nb_transport_fw(payload, phase, delay);
}
tlm_sync_enum backward(tlm_generic_payload& payload, tlm_phase phase, sc_time delay = sc_core::SC_ZERO_TIME) {
  return b().wrong_target.socket->nb_transport_bw(payload, phase, delay);
}
void answer(tlm_generic_payload& payload) {
  payload.set_response_status(::tlm::TLM_OK_RESPONSE);
  backward(payload, ::tlm::BEGIN_RESP);
}
/// A whole correct transaction of four phases.
void four_phases(tlm_generic_payload& payload) {
  forward(payload, ::tlm::BEGIN_REQ);
  backward(payload, ::tlm::END_REQ);
  answer(payload);
  forward(payload, ::tlm::END_RESP);
}

using Misdeed = std::function<void()>;

/// A blocking transaction with a fault in it, or a target that commits one.
void with(const std::function<void(tlm_generic_payload&)>& initiator,
          const std::function<void(tlm_generic_payload&, sc_time&)>& target = {}, bool write = false) {
  Transaction t(write);
  if (initiator) initiator(t.payload);
  if (target) {
    b().wrong_target.blocking = [&](tlm_generic_payload& p, sc_time& delay) {
      p.set_response_status(::tlm::TLM_OK_RESPONSE);
      target(p, delay);
    };
  }
  send(t.payload, sc_time(5, sc_core::SC_NS));
}

struct Row {
  Rule rule;
  const char* what;
  Misdeed misdeed;
};

const Row kRows[] = {
    {Rule::DataLength, "no bytes", [] { with([](auto& p) { p.set_data_length(0); }); }},
    {Rule::DataPointer, "no data", [] { with([](auto& p) { p.set_data_ptr(nullptr); }); }},
    {Rule::StreamingWidth, "a width of 0", [] { with([](auto& p) { p.set_streaming_width(0); }); }},
    {Rule::ByteEnableLength, "enables without a length",
     [] {
       static u8 enables[8];
       with([](auto& p) { p.set_byte_enable_ptr(enables); });
     }},
    {Rule::ResponseAtStart, "an old response",
     [] { with([](auto& p) { p.set_response_status(::tlm::TLM_OK_RESPONSE); }); }},
    {Rule::HintAtStart, "an old hint",
     [] { with([](auto& p) { p.set_dmi_allowed(true); }, [](auto& p, auto&) { p.set_dmi_allowed(false); }); }},
    {Rule::NoResponse, "no response",
     [] { with({}, [](auto& p, auto&) { p.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE); }); }},
    {Rule::NoResponse, "a non-blocking one",
     [] {
       Transaction t;
       forward(t.payload, ::tlm::BEGIN_REQ);
       backward(t.payload, ::tlm::BEGIN_RESP);
       forward(t.payload, ::tlm::END_RESP);
     }},
    {Rule::Modified, "another command",
     [] { with({}, [](auto& p, auto&) { p.set_command(::tlm::TLM_IGNORE_COMMAND); }); }},
    {Rule::Modified, "another length", [] { with({}, [](auto& p, auto&) { p.set_data_length(4); }); }},
    {Rule::Modified, "other data",
     [] {
       static u8 elsewhere[8];
       with({}, [](auto& p, auto&) { p.set_data_ptr(elsewhere); });
     }},
    {Rule::Address, "another address", [] { with({}, [](auto& p, auto&) { p.set_address(0); }); }},
    {Rule::WriteData, "data written by the target",
     [] {
       with(
           {}, [](auto& p, auto&) { p.get_data_ptr()[3] ^= 1; }, true);
     }},
    {Rule::TimeBackwards, "less delay", [] { with({}, [](auto&, sc_time& delay) { delay = sc_core::SC_ZERO_TIME; }); }},
    {Rule::TimeBackwards, "a response before its request",
     [] {
       Transaction t;
       forward(t.payload, ::tlm::BEGIN_REQ, sc_time(10, sc_core::SC_NS));
       answer(t.payload);
       forward(t.payload, ::tlm::END_RESP);
     }},
    {Rule::MemoryManager, "a payload of the stack",
     [] {
       Transaction t;
       t.payload.set_mm(nullptr);
       four_phases(t.payload);
       t.payload.set_mm(&keeps_alive);
     }},
    {Rule::PhaseOrder, "END_RESP without a response",
     [] {
       Transaction t;
       forward(t.payload, ::tlm::BEGIN_REQ);
       forward(t.payload, ::tlm::END_RESP);
       answer(t.payload);
       forward(t.payload, ::tlm::END_RESP);
     }},
    {Rule::PhaseOrder, "END_REQ twice",
     [] {
       Transaction t;
       forward(t.payload, ::tlm::BEGIN_REQ);
       backward(t.payload, ::tlm::END_REQ);
       backward(t.payload, ::tlm::END_REQ);
       answer(t.payload);
       forward(t.payload, ::tlm::END_RESP);
     }},
    {Rule::PhaseOrder, "a response to nothing",
     [] {
       Transaction t;
       answer(t.payload);
     }},
    {Rule::PhaseOrder, "END_REQ from the initiator",
     [] {
       Transaction t;
       forward(t.payload, ::tlm::BEGIN_REQ);
       forward(t.payload, ::tlm::END_REQ);
       answer(t.payload);
       forward(t.payload, ::tlm::END_RESP);
     }},
    {Rule::PhaseOrder, "BEGIN_REQ from the target",
     [] {
       Transaction t;
       backward(t.payload, ::tlm::BEGIN_REQ);
     }},
    {Rule::RequestExclusion, "two requests at once",
     [] {
       Transaction t, u;
       forward(t.payload, ::tlm::BEGIN_REQ);
       forward(u.payload, ::tlm::BEGIN_REQ);
       answer(t.payload);
       forward(t.payload, ::tlm::END_RESP);
       answer(u.payload);
       forward(u.payload, ::tlm::END_RESP);
     }},
    {Rule::ResponseExclusion, "two responses at once",
     [] {
       Transaction t, u;
       forward(t.payload, ::tlm::BEGIN_REQ);
       backward(t.payload, ::tlm::END_REQ);
       forward(u.payload, ::tlm::BEGIN_REQ);
       backward(u.payload, ::tlm::END_REQ);
       answer(t.payload);
       answer(u.payload);
       forward(t.payload, ::tlm::END_RESP);
       forward(u.payload, ::tlm::END_RESP);
     }},
    {Rule::ReturnValue, "the target updates to END_RESP",
     [] {
       Transaction t;
       b().wrong_target.forward = [](tlm_generic_payload&, tlm_phase& phase, sc_time&) {
         if (phase == ::tlm::BEGIN_REQ) {
           phase = ::tlm::END_RESP;
           return ::tlm::TLM_UPDATED;
         }
         return ::tlm::TLM_ACCEPTED;
       };
       forward(t.payload, ::tlm::BEGIN_REQ);
       answer(t.payload);
       forward(t.payload, ::tlm::END_RESP);
     }},
    {Rule::ReturnValue, "the initiator completes an END_REQ",
     [] {
       Transaction t;
       forward(t.payload, ::tlm::BEGIN_REQ);
       b().wrong_initiator.backward = [](tlm_generic_payload&, tlm_phase&, sc_time&) { return ::tlm::TLM_COMPLETED; };
       backward(t.payload, ::tlm::END_REQ);
     }},
    {Rule::InFlight, "sent again",
     [] {
       Transaction t;
       forward(t.payload, ::tlm::BEGIN_REQ);
       backward(t.payload, ::tlm::END_REQ);
       send(t.payload);
       t.payload.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
       answer(t.payload);
       forward(t.payload, ::tlm::END_RESP);
     }},
    {Rule::HintWithoutGrant, "a hint and no grant", [] { with({}, [](auto& p, auto&) { p.set_dmi_allowed(true); }); }},
    {Rule::DirectMemory, "a grant without a pointer",
     [] {
       b().wrong_target.direct = [](tlm_generic_payload&, ::tlm::tlm_dmi& dmi) {
         dmi.init();
         return true;
       };
       Transaction t;
       ::tlm::tlm_dmi dmi;
       b().wrong_initiator.socket->get_direct_mem_ptr(t.payload, dmi);
     }},
    {Rule::DirectMemory, "a grant elsewhere",
     [] {
       b().wrong_target.direct = [](tlm_generic_payload&, ::tlm::tlm_dmi& dmi) {
         static u8 memory[16];
         dmi.init();
         dmi.set_dmi_ptr(memory);
         dmi.set_start_address(0);
         dmi.set_end_address(15);
         return true;
       };
       Transaction t;
       ::tlm::tlm_dmi dmi;
       b().wrong_initiator.socket->get_direct_mem_ptr(t.payload, dmi);
     }},
    {Rule::DirectMemory, "an invalidation backwards",
     [] { b().wrong_target.socket->invalidate_direct_mem_ptr(16, 0); }},
    {Rule::DebugLength, "more than asked for",
     [] {
       b().wrong_target.debug = [](tlm_generic_payload& p) { return p.get_data_length() + 1; };
       Transaction t;
       b().wrong_initiator.socket->transport_dbg(t.payload);
     }},
    {Rule::DebugEffect, "a register that counts debug reads",
     [] {
       b().wrong_target.debug = [reads = 0](tlm_generic_payload& p) mutable {
         p.get_data_ptr()[0] = static_cast<u8>(++reads);
         return p.get_data_length();
       };
       Transaction t;
       b().wrong_initiator.socket->transport_dbg(t.payload);
     }},
};

TEST(ProtocolChecker, CatchesEachRuleBrokenAlone) {
  std::set<Rule> seen;
  for (const Row& row : kRows) {
    behave();
    b().violations.clear();
    row.misdeed();
    EXPECT_EQ(b().violations, std::vector<Rule>{row.rule}) << tlm::row(row.rule).name << ": " << row.what;
    seen.insert(row.rule);
  }
  EXPECT_EQ(seen.size(), std::size(tlm::kRules)) << "a rule without a test";
  b().violations.clear();
}

TEST(ProtocolChecker, LetsCorrectTransactionsPass) {
  behave();
  b().violations.clear();
  for (const bool write : {false, true}) {
    Transaction blocking(write), phases(write);
    send(blocking.payload, sc_time(3, sc_core::SC_NS));
    four_phases(phases.payload);
  }
  Transaction completed;
  b().wrong_target.forward = [](tlm_generic_payload& p, tlm_phase&, sc_time& delay) {
    p.set_response_status(::tlm::TLM_OK_RESPONSE);
    delay += sc_time(1, sc_core::SC_NS);
    return ::tlm::TLM_COMPLETED;
  };
  EXPECT_EQ(forward(completed.payload, ::tlm::BEGIN_REQ), ::tlm::TLM_COMPLETED);
  Transaction early;  // BEGIN_RESP in the return path, without END_REQ
  b().wrong_target.forward = [](tlm_generic_payload& p, tlm_phase& phase, sc_time&) {
    if (phase == ::tlm::END_RESP) return ::tlm::TLM_COMPLETED;
    p.set_response_status(::tlm::TLM_OK_RESPONSE);
    phase = ::tlm::BEGIN_RESP;
    return ::tlm::TLM_UPDATED;
  };
  forward(early.payload, ::tlm::BEGIN_REQ);
  forward(early.payload, ::tlm::END_RESP);
  Transaction ended;  // END_RESP in the return path of BEGIN_RESP
  behave();
  b().wrong_initiator.backward = [](tlm_generic_payload&, tlm_phase& phase, sc_time&) {
    if (phase == ::tlm::BEGIN_RESP) phase = ::tlm::END_RESP;
    return phase == ::tlm::END_RESP ? ::tlm::TLM_UPDATED : ::tlm::TLM_ACCEPTED;
  };
  forward(ended.payload, ::tlm::BEGIN_REQ);
  backward(ended.payload, ::tlm::END_REQ);
  answer(ended.payload);
  Transaction debug;
  EXPECT_EQ(b().wrong_initiator.socket->transport_dbg(debug.payload), 8u);
  EXPECT_TRUE(b().violations.empty()) << tlm::row(b().violations.front()).text;
}

TEST(ProtocolChecker, OffItIsNotThere) {
  tlm::ProtocolCheckers off;
  EXPECT_FALSE(off.on());
  EXPECT_EQ(off.count(), 0u);
  EXPECT_EQ(at_bench().checkers.count(), 4u + 4u + 1u + 2u) << "one at each binding of the two fabrics";
}

}  // namespace
}  // namespace tw::test
