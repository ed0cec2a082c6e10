#include "memory/tlm/ram_module.hpp"

#include <algorithm>
#include <cstring>

#include "tlm/payload.hpp"

namespace tw::memory {

using ::tlm::tlm_generic_payload;
using ::tlm::tlm_response_status;

RamModule::RamModule(sc_core::sc_module_name name, Ram& ram, const Config& config, tlm::Clock clock)
    : sc_module(name), socket("socket"), ram_(ram), latency_(clock.time(config.latency)) {
  socket.register_b_transport(this, &RamModule::b_transport);
  socket.register_transport_dbg(this, &RamModule::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &RamModule::get_direct_mem_ptr);
}

void RamModule::b_transport(tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_dmi_allowed(true);
  payload.set_response_status(serve(payload));
  if (auto* extension = payload.get_extension<tlm::PayloadExtension>()) {
    extension->attributes.served_by = cost::ServedBy::Memory;
  }
  delay += latency_;
}

tlm_response_status RamModule::serve(tlm_generic_payload& payload) {
  const u64 size = payload.get_data_length();
  if (payload.get_byte_enable_ptr() != nullptr) return ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (payload.get_streaming_width() < size) return ::tlm::TLM_BURST_ERROR_RESPONSE;
  u8* const bytes = ram_.host(payload.get_address(), size);
  if (bytes == nullptr) return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
  if (payload.is_write()) {
    std::memcpy(bytes, payload.get_data_ptr(), size);
  } else if (payload.is_read()) {
    std::memcpy(payload.get_data_ptr(), bytes, size);
  }
  return ::tlm::TLM_OK_RESPONSE;
}

unsigned RamModule::transport_dbg(tlm_generic_payload& payload) {
  const u64 offset = payload.get_address();
  if (offset >= ram_.size()) return 0;
  const u64 size = std::min<u64>(payload.get_data_length(), ram_.size() - offset);
  u8* const bytes = ram_.host(offset, size);
  if (payload.is_write()) std::memcpy(bytes, payload.get_data_ptr(), size);
  if (payload.is_read()) std::memcpy(payload.get_data_ptr(), bytes, size);
  return static_cast<unsigned>(size);
}

bool RamModule::get_direct_mem_ptr(tlm_generic_payload&, ::tlm::tlm_dmi& dmi) {
  dmi.init();
  dmi.set_dmi_ptr(ram_.bytes().data());
  dmi.set_start_address(0);
  dmi.set_end_address(ram_.size() - 1);
  dmi.set_granted_access(::tlm::tlm_dmi::DMI_ACCESS_READ_WRITE);
  dmi.set_read_latency(latency_);
  dmi.set_write_latency(latency_);
  return true;
}

}  // namespace tw::memory
