#include "platforms/virt/dma_bus.hpp"

namespace tw::virt {

DmaBus::DmaBus(sc_core::sc_module_name name, Surroundings around)
    : sc_module(name), masters("masters"), fabric("fabric"), around_(std::move(around)) {
  masters.register_b_transport(this, &DmaBus::b_transport);
  masters.register_transport_dbg(this, &DmaBus::transport_dbg);
}

void DmaBus::b_transport(int, ::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Pa pa{payload.get_address()};
  if (around_.is_cached(pa, payload.get_data_length())) {
    // The caches make the transactions that take time; what is left is to move the data.
    delay += around_.time(pa, payload.get_data_length(), payload.is_write(), delay);
    const bool done = fabric->transport_dbg(payload) == payload.get_data_length();
    payload.set_response_status(done ? ::tlm::TLM_OK_RESPONSE : ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else {
    fabric->b_transport(payload, delay);
  }
  payload.set_dmi_allowed(false);  // a write through a pointer would pass unseen
  if (payload.is_write() && payload.is_response_ok()) {
    around_.written(Pa{payload.get_address()}, payload.get_data_length());
  }
}

unsigned DmaBus::transport_dbg(int, ::tlm::tlm_generic_payload& payload) {
  const unsigned done = fabric->transport_dbg(payload);
  if (payload.is_write() && done != 0) around_.written(Pa{payload.get_address()}, done);
  return done;
}

}  // namespace tw::virt
