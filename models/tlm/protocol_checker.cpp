#include "tlm/protocol_checker.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "tlm/payload.hpp"

namespace tw::tlm {

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using ::tlm::tlm_phase;
using ::tlm::tlm_sync_enum;

namespace {

/// FNV-1a.
u64 hash(const unsigned char* data, unsigned length) {
  u64 value = 0xCBF2'9CE4'8422'2325;
  for (unsigned n = 0; n < length; ++n) value = (value ^ data[n]) * 0x100'0000'01B3;
  return value;
}

bool is_base(const tlm_phase& phase) {
  return phase == ::tlm::BEGIN_REQ || phase == ::tlm::END_REQ || phase == ::tlm::BEGIN_RESP || phase == ::tlm::END_RESP;
}

}  // namespace

ProtocolChecker::ProtocolChecker(sc_core::sc_module_name name, std::string where, OnViolation on_violation)
    : sc_module(name),
      target("target"),
      initiator("initiator"),
      where_(std::move(where)),
      on_violation_(std::move(on_violation)) {
  target.register_b_transport(this, &ProtocolChecker::b_transport);
  target.register_nb_transport_fw(this, &ProtocolChecker::nb_transport_fw);
  target.register_transport_dbg(this, &ProtocolChecker::transport_dbg);
  target.register_get_direct_mem_ptr(this, &ProtocolChecker::get_direct_mem_ptr);
  initiator.register_nb_transport_bw(this, &ProtocolChecker::nb_transport_bw);
  initiator.register_invalidate_direct_mem_ptr(this, &ProtocolChecker::invalidate_direct_mem_ptr);
}

ProtocolChecker::Attributes ProtocolChecker::attributes_of(const Payload& payload) {
  return {.command = payload.get_command(),
          .address = payload.get_address(),
          .data = payload.get_data_ptr(),
          .length = payload.get_data_length(),
          .streaming_width = payload.get_streaming_width(),
          .byte_enables = payload.get_byte_enable_ptr(),
          .byte_enable_length = payload.get_byte_enable_length(),
          .extension = payload.get_extension<PayloadExtension>(),
          .written = payload.is_write() && payload.get_data_ptr() != nullptr
                         ? hash(payload.get_data_ptr(), payload.get_data_length())
                         : 0};
}

void ProtocolChecker::check_start(const Payload& payload) {
  expect(payload.get_data_length() != 0, Rule::DataLength);
  expect(payload.get_data_ptr() != nullptr, Rule::DataPointer);
  expect(payload.get_streaming_width() != 0, Rule::StreamingWidth);
  expect(payload.get_byte_enable_ptr() == nullptr || payload.get_byte_enable_length() != 0, Rule::ByteEnableLength);
  expect(payload.get_response_status() == ::tlm::TLM_INCOMPLETE_RESPONSE, Rule::ResponseAtStart);
  expect(!payload.is_dmi_allowed(), Rule::HintAtStart);
}

void ProtocolChecker::check_response(const Payload& payload, const Attributes& sent) {
  const Attributes now = attributes_of(payload);
  expect(payload.get_response_status() != ::tlm::TLM_INCOMPLETE_RESPONSE, Rule::NoResponse);
  expect(now.command == sent.command && now.data == sent.data && now.length == sent.length &&
             now.streaming_width == sent.streaming_width && now.byte_enables == sent.byte_enables &&
             now.byte_enable_length == sent.byte_enable_length && now.extension == sent.extension,
         Rule::Modified);
  expect(now.address == sent.address, Rule::Address);
  if (now.command == sent.command && now.data == sent.data && now.length == sent.length) {
    expect(now.written == sent.written, Rule::WriteData);
  }
}

/// Asked once a range: granting has no effect on the target.
void ProtocolChecker::check_hint(Payload& payload) {
  const u64 address = payload.get_address();
  if (!payload.is_dmi_allowed() || payload.get_command() == ::tlm::TLM_IGNORE_COMMAND) return;
  if (granted_first_ <= address && address <= granted_last_) return;
  ::tlm::tlm_dmi dmi;
  const bool granted = initiator->get_direct_mem_ptr(payload, dmi);
  expect(granted, Rule::HintWithoutGrant);
  if (!granted) return;
  granted_first_ = dmi.get_start_address();
  granted_last_ = dmi.get_end_address();
}

void ProtocolChecker::b_transport(Payload& payload, sc_time& delay) {
  check_start(payload);
  expect(!under_way_.contains(&payload), Rule::InFlight);
  const Attributes sent = attributes_of(payload);
  const sc_time arrival = sc_time_stamp() + delay;
  initiator->b_transport(payload, delay);
  expect(sc_time_stamp() + delay >= arrival, Rule::TimeBackwards);
  check_response(payload, sent);
  check_hint(payload);
}

void ProtocolChecker::check_time(Transaction& transaction, const sc_time& delay) {
  const sc_time now = sc_time_stamp() + delay;
  expect(now >= transaction.latest, Rule::TimeBackwards);
  transaction.latest = now;
}

void ProtocolChecker::finish(Payload& payload) {
  if (request_ == &payload) request_ = nullptr;
  if (response_ == &payload) response_ = nullptr;
  under_way_.erase(&payload);
}

tlm_sync_enum ProtocolChecker::nb_transport_fw(Payload& payload, tlm_phase& phase, sc_time& delay) {
  if (phase == ::tlm::BEGIN_REQ) return begin_request(payload, phase, delay);
  if (phase == ::tlm::END_RESP) return end_response(payload, phase, delay);
  expect(!is_base(phase), Rule::PhaseOrder);
  return initiator->nb_transport_fw(payload, phase, delay);
}

tlm_sync_enum ProtocolChecker::begin_request(Payload& payload, tlm_phase& phase, sc_time& delay) {
  check_start(payload);
  expect(payload.has_mm(), Rule::MemoryManager);
  expect(!under_way_.contains(&payload), Rule::InFlight);
  expect(request_ == nullptr, Rule::RequestExclusion);
  under_way_[&payload] = {.attributes = attributes_of(payload), .latest = sc_time_stamp() + delay};
  request_ = &payload;
  const tlm_sync_enum status = initiator->nb_transport_fw(payload, phase, delay);
  const auto found = under_way_.find(&payload);
  if (found == under_way_.end()) return status;  // it went all its way inside this call
  if (status == ::tlm::TLM_UPDATED) {
    if (phase != ::tlm::END_REQ && phase != ::tlm::BEGIN_RESP) {
      expect(!is_base(phase), Rule::ReturnValue);
    } else {
      backward_phase(payload, phase, delay);
    }
  } else if (status == ::tlm::TLM_COMPLETED) {
    check_time(found->second, delay);
    check_response(payload, found->second.attributes);
    finish(payload);
  }
  return status;
}

/// The transaction may be gone when the target returns.
tlm_sync_enum ProtocolChecker::end_response(Payload& payload, tlm_phase& phase, sc_time& delay) {
  const auto found = under_way_.find(&payload);
  if (found == under_way_.end() || found->second.state != State::Response) {
    complain(Rule::PhaseOrder);
  } else {
    check_time(found->second, delay);
    finish(payload);
  }
  const tlm_sync_enum status = initiator->nb_transport_fw(payload, phase, delay);
  expect(status != ::tlm::TLM_UPDATED || !is_base(phase), Rule::ReturnValue);
  return status;
}

bool ProtocolChecker::backward_phase(Payload& payload, const tlm_phase& phase, const sc_time& delay) {
  const auto found = under_way_.find(&payload);
  if (found == under_way_.end()) {
    complain(Rule::PhaseOrder);
    return false;
  }
  Transaction& transaction = found->second;
  const bool in_order =
      phase == ::tlm::END_REQ ? transaction.state == State::Request : transaction.state != State::Response;
  if (!in_order) {
    complain(Rule::PhaseOrder);
    return false;
  }
  check_time(transaction, delay);
  if (request_ == &payload) request_ = nullptr;  // BEGIN_RESP says END_REQ too
  if (phase == ::tlm::END_REQ) {
    transaction.state = State::Accepted;
    return true;
  }
  expect(response_ == nullptr, Rule::ResponseExclusion);
  response_ = &payload;
  transaction.state = State::Response;
  check_response(payload, transaction.attributes);
  return true;
}

tlm_sync_enum ProtocolChecker::nb_transport_bw(Payload& payload, tlm_phase& phase, sc_time& delay) {
  if (phase != ::tlm::END_REQ && phase != ::tlm::BEGIN_RESP) {
    expect(!is_base(phase), Rule::PhaseOrder);
    return target->nb_transport_bw(payload, phase, delay);
  }
  const bool response = phase == ::tlm::BEGIN_RESP;
  const bool known = backward_phase(payload, phase, delay);
  const tlm_sync_enum status = target->nb_transport_bw(payload, phase, delay);
  const auto found = under_way_.find(&payload);
  if (!known || found == under_way_.end()) return status;
  if (status == ::tlm::TLM_COMPLETED || (status == ::tlm::TLM_UPDATED && phase == ::tlm::END_RESP)) {
    expect(response, Rule::ReturnValue);
    check_time(found->second, delay);
    finish(payload);
  } else if (status == ::tlm::TLM_UPDATED) {
    expect(!is_base(phase), Rule::ReturnValue);
  }
  return status;
}

bool ProtocolChecker::get_direct_mem_ptr(Payload& payload, ::tlm::tlm_dmi& dmi) {
  const Attributes sent = attributes_of(payload);
  const bool granted = initiator->get_direct_mem_ptr(payload, dmi);
  expect(dmi.get_start_address() <= dmi.get_end_address(), Rule::DirectMemory);
  if (granted) {
    expect(dmi.get_dmi_ptr() != nullptr && dmi.get_start_address() <= sent.address &&
               sent.address <= dmi.get_end_address(),
           Rule::DirectMemory);
  }
  expect(payload.get_address() == sent.address, Rule::Address);
  expect(payload.get_command() == sent.command, Rule::Modified);
  return granted;
}

void ProtocolChecker::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
  expect(start <= end, Rule::DirectMemory);
  granted_first_ = 1;
  granted_last_ = 0;
  target->invalidate_direct_mem_ptr(start, end);
}

/// What is read twice must be the same: the first reading has changed nothing.
unsigned ProtocolChecker::transport_dbg(Payload& payload) {
  const Attributes sent = attributes_of(payload);
  const sc_time now = sc_time_stamp();
  unsigned done = initiator->transport_dbg(payload);
  expect(done <= sent.length, Rule::DebugLength);
  expect(payload.get_address() == sent.address, Rule::Address);
  if (payload.is_read() && done <= sent.length) {
    const std::vector<unsigned char> first(payload.get_data_ptr(), payload.get_data_ptr() + done);
    const unsigned again = initiator->transport_dbg(payload);
    expect(again == done && std::equal(first.begin(), first.end(), payload.get_data_ptr()), Rule::DebugEffect);
    done = again;
  }
  expect(sc_time_stamp() == now, Rule::DebugEffect);
  return done;
}

ProtocolChecker& ProtocolCheckers::add(const std::string& where) {
  checkers_.push_back(
      std::make_unique<ProtocolChecker>(sc_core::sc_gen_unique_name("protocol_checker"), where, on_violation_));
  return *checkers_.back();
}

void abort_on_violation(Rule rule, const std::string& where) {
  const RuleRow& broken = row(rule);
  fmt::print(stderr, "trapwalk: TLM-2.0 protocol at {}: {} (IEEE 1666, {}): {}\n", where, broken.name, broken.clause,
             broken.text);
  std::abort();
}

}  // namespace tw::tlm
