#include "tlm/mmio_module.hpp"

#include <bit>
#include <cstring>

namespace tw::tlm {

using ::tlm::tlm_generic_payload;
using ::tlm::tlm_response_status;

namespace {

/// Data travel in host byte order of a little-endian host, as TLM-2.0 arranges words (IEEE 1666, 14.18).
static_assert(std::endian::native == std::endian::little);

u64 data_of(const tlm_generic_payload& payload) {
  u64 value = 0;
  std::memcpy(&value, payload.get_data_ptr(), payload.get_data_length());
  return value;
}

}  // namespace

MmioModule::MmioModule(sc_core::sc_module_name name, MmioTarget& core, u64 bytes, const MmioTiming& timing,
                       std::function<void()> after)
    : sc_module(name), socket("socket"), core_(core), bytes_(bytes), timing_(timing), after_(std::move(after)) {
  socket.register_b_transport(this, &MmioModule::b_transport);
  socket.register_transport_dbg(this, &MmioModule::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &MmioModule::get_direct_mem_ptr);
}

void MmioModule::b_transport(tlm_generic_payload& payload, sc_core::sc_time& delay) {
  payload.set_response_status(serve(payload));
  ::tlm::tlm_dmi dmi;  // asked after the access, which may have changed what is direct
  payload.set_dmi_allowed(payload.is_read() && direct_ && direct_(dmi));
  delay += timing_.clock.time(times_as_write(payload) ? timing_.write_latency : timing_.read_latency);
}

tlm_response_status MmioModule::serve(tlm_generic_payload& payload) {
  const u64 size = payload.get_data_length();
  auto* const extension = payload.get_extension<PayloadExtension>();
  const bool time_only = payload.get_command() == ::tlm::TLM_IGNORE_COMMAND;
  if (time_only && extension != nullptr) extension->attributes.served_by = timing_.served_by;
  if (time_only) return ::tlm::TLM_OK_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr) return ::tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (size > 8 || !std::has_single_bit(size) || payload.get_streaming_width() < size) {
    return ::tlm::TLM_BURST_ERROR_RESPONSE;
  }
  if (payload.get_address() % size != 0 || payload.get_address() + size > bytes_) {
    return ::tlm::TLM_ADDRESS_ERROR_RESPONSE;
  }

  MmioAccess access{.offset = payload.get_address(), .size = static_cast<u8>(size), .write = payload.is_write()};
  if (access.write) access.value = data_of(payload);
  if (extension != nullptr) {
    access.cpu = extension->attributes.cpu;
    access.security = extension->attributes.security;
    access.el = extension->attributes.el;
    access.stream = extension->attributes.stream;
    extension->attributes.served_by = timing_.served_by;
  }
  const MmioResult result = core_.access(access);
  if (!access.write) std::memcpy(payload.get_data_ptr(), &result.value, size);
  if (after_) after_();
  return result.ok ? ::tlm::TLM_OK_RESPONSE : ::tlm::TLM_GENERIC_ERROR_RESPONSE;
}

/// Granted or refused for the whole frame.
bool MmioModule::get_direct_mem_ptr(tlm_generic_payload& payload, ::tlm::tlm_dmi& dmi) {
  dmi.init();
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_ - 1);
  if (!direct_ || !direct_(dmi)) return false;
  dmi.set_granted_access(::tlm::tlm_dmi::DMI_ACCESS_READ);
  dmi.set_read_latency(timing_.clock.time(timing_.read_latency));
  return payload.is_read();
}

/// A debugger's read of registers, word by word where it can. A debugger's write would have an effect: refused.
unsigned MmioModule::transport_dbg(tlm_generic_payload& payload) {
  if (!payload.is_read()) return 0;
  const auto* extension = payload.get_extension<PayloadExtension>();
  unsigned done = 0;
  while (done < payload.get_data_length() && payload.get_address() + done < bytes_) {
    const u64 offset = payload.get_address() + done;
    const unsigned left = payload.get_data_length() - done;
    const u8 size = offset % 4 == 0 && left >= 4 ? 4 : 1;
    MmioAccess access{.offset = offset, .size = size, .debug = true};
    if (extension != nullptr) access.cpu = extension->attributes.cpu;
    const MmioResult result = core_.access(access);
    std::memcpy(payload.get_data_ptr() + done, &result.value, size);
    done += size;
  }
  return done;
}

}  // namespace tw::tlm
