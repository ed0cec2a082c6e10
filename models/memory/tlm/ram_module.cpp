#include "memory/tlm/ram_module.hpp"

#include <algorithm>
#include <cstring>

#include "tlm/payload.hpp"

namespace tw::memory {

using ::tlm::tlm_generic_payload;
using ::tlm::tlm_response_status;

RamModule::RamModule(sc_core::sc_module_name name, Ram& ram, const Config& config, tlm::Clock clock,
                     const DramConfig& dram)
    : sc_module(name),
      socket("socket"),
      ram_(ram),
      latency_(clock.time(config.latency)),
      dram_(config.model == "dram" ? std::make_unique<Dram>(dram) : nullptr),
      dram_clock_(tlm::Clock::from_mhz(dram.clock_mhz)),
      non_blocking_("non_blocking",
                    {.serve = [this](auto& payload, auto& delay) { b_transport(payload, delay); },
                     .backward = [this](auto& payload, auto& phase,
                                        auto& delay) { return socket->nb_transport_bw(payload, phase, delay); },
                     .limit = dram_ ? dram.read_queue : 0}) {
  socket.register_nb_transport_fw(this, &RamModule::nb_transport_fw);
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
  delay += latency(payload, sc_core::sc_time_stamp() + delay);
}

/// DRAM answers at an edge of its own clock, and takes a transaction at the one at or after its arrival.
sc_core::sc_time RamModule::latency(const tlm_generic_payload& payload, const sc_core::sc_time& arrival) {
  if (!dram_ || !payload.is_response_ok() || tlm::is_data_only(payload)) return latency_;
  const u64 answered = dram_->access(payload.get_address(), payload.get_data_length(), tlm::times_as_write(payload),
                                     dram_clock_.cycles_up(arrival));
  return dram_clock_.time(answered) - arrival;
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

::tlm::tlm_sync_enum RamModule::nb_transport_fw(tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
  return non_blocking_.nb_transport_fw(payload, phase, delay);
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
