#include "platforms/virt/dma_bus.hpp"

namespace tw::virt {

DmaBus::DmaBus(sc_core::sc_module_name name, std::function<void(Pa, u64)> written)
    : sc_module(name), masters("masters"), fabric("fabric"), written_(std::move(written)) {
  masters.register_b_transport(this, &DmaBus::b_transport);
  masters.register_transport_dbg(this, &DmaBus::transport_dbg);
}

void DmaBus::b_transport(int, ::tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  fabric->b_transport(payload, delay);
  payload.set_dmi_allowed(false);  // a write through a pointer would pass unseen
  if (payload.is_write() && payload.is_response_ok()) {
    written_(Pa{payload.get_address()}, payload.get_data_length());
  }
}

unsigned DmaBus::transport_dbg(int, ::tlm::tlm_generic_payload& payload) {
  const unsigned done = fabric->transport_dbg(payload);
  if (payload.is_write() && done != 0) written_(Pa{payload.get_address()}, done);
  return done;
}

}  // namespace tw::virt
