#include "tlm/initiator.hpp"

#include <algorithm>

namespace tw::tlm {

namespace {

constexpr u64 kPage = 4096;

void prepare(::tlm::tlm_generic_payload& payload, Pa pa, u8* data, unsigned length, bool write) {
  payload.set_command(write ? ::tlm::TLM_WRITE_COMMAND : ::tlm::TLM_READ_COMMAND);
  payload.set_address(pa.value);
  payload.set_data_ptr(data);
  payload.set_data_length(length);
  payload.set_streaming_width(length);
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(::tlm::TLM_INCOMPLETE_RESPONSE);
}

}  // namespace

Initiator::Initiator(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
  payload_.set_extension(&extension_);
  socket.register_invalidate_direct_mem_ptr(this, &Initiator::invalidate_direct_mem_ptr);
}

Initiator::~Initiator() { payload_.clear_extension(&extension_); }

Initiator::Answer Initiator::transport(Pa pa, unsigned size, bool write, u64 value, const Attributes& attributes,
                                       const sc_core::sc_time& lead) {
  u64 data = write ? value : 0;
  prepare(payload_, pa, reinterpret_cast<u8*>(&data), size, write);
  Answer answer = send(attributes, lead);
  answer.value = data;
  return answer;
}

Initiator::Answer Initiator::transport_block(Pa pa, std::span<u8> data, bool write, const Attributes& attributes,
                                             const sc_core::sc_time& lead) {
  prepare(payload_, pa, data.data(), static_cast<unsigned>(data.size()), write);
  return send(attributes, lead);
}

Initiator::Answer Initiator::transport_time(Pa pa, unsigned bytes, bool write, const Attributes& attributes,
                                            const sc_core::sc_time& lead) {
  if (untouched_.size() < bytes) untouched_.resize(bytes);
  prepare(payload_, pa, untouched_.data(), bytes, write);
  payload_.set_command(::tlm::TLM_IGNORE_COMMAND);
  Attributes timed = attributes;
  timed.write = write;
  return send(timed, lead);
}

Initiator::Answer Initiator::send(const Attributes& attributes, const sc_core::sc_time& lead) {
  extension_.attributes = attributes;
  extension_.attributes.served_by = cost::ServedBy::Unmapped;
  Answer answer{.delay = lead};
  socket->b_transport(payload_, answer.delay);
  answer.delay -= lead;
  answer.ok = payload_.is_response_ok();
  answer.served_by = extension_.attributes.served_by;
  return answer;
}

unsigned Initiator::debug(Pa pa, u8* data, unsigned length, bool write) {
  ::tlm::tlm_generic_payload payload;
  prepare(payload, pa, data, length, write);
  return socket->transport_dbg(payload);
}

const Initiator::Region& Initiator::region(Pa pa, Security security) {
  auto& [regions, last] = view(security);
  if (last.start <= pa.value && pa.value <= last.end) return last;
  auto after = regions.upper_bound(pa.value);
  if (after != regions.begin() && std::prev(after)->second.end >= pa.value) return last = std::prev(after)->second;

  ::tlm::tlm_dmi dmi;
  u8 byte = 0;
  prepare(payload_, pa, &byte, 1, false);
  extension_.attributes = {.security = security};
  Region found;
  found.granted = socket->get_direct_mem_ptr(payload_, dmi);
  found.start = dmi.get_start_address();
  found.end = dmi.get_end_address();
  found.readable = found.granted && dmi.is_read_allowed();
  found.writable = found.granted && dmi.is_write_allowed();
  found.host = dmi.get_dmi_ptr();
  // A refusal need not name a range, or may name one that overlaps what is known: then only this address is known.
  const bool known = std::any_of(regions.begin(), regions.end(), [&](const auto& entry) {
    return entry.second.start <= found.end && found.start <= entry.second.end;
  });
  if (!found.granted && (known || found.start > pa.value || found.end < pa.value)) found.start = found.end = pa.value;
  regions[found.start] = found;
  return last = found;
}

u8* Initiator::host_page(Pa page, bool write, Security security) {
  const Region& found = region(page, security);
  const u64 start = page.value & ~(kPage - 1);
  if (!(write ? found.writable : found.readable)) return nullptr;
  if (start < found.start || start + (kPage - 1) > found.end) return nullptr;
  return found.host + (start - found.start);
}

void Initiator::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
  for (View& view : views_) {
    std::erase_if(view.regions,
                  [&](const auto& entry) { return entry.second.start <= end && start <= entry.second.end; });
    view.last = Region{.start = 1};
  }
  if (on_invalidate_) on_invalidate_();
}

}  // namespace tw::tlm
