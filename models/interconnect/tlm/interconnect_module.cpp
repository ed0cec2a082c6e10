#include "interconnect/tlm/interconnect_module.hpp"

#include <algorithm>

#include "tlm/payload.hpp"

namespace tw::interconnect {

using ::tlm::tlm_dmi;
using ::tlm::tlm_generic_payload;

namespace {

/// The payload's address as the target sees it, for as long as this lives.
class LocalAddress final {
 public:
  LocalAddress(tlm_generic_payload& payload, const Region& region) : payload_(payload), global_(payload.get_address()) {
    payload_.set_address(global_ - region.base.value);
  }
  ~LocalAddress() { payload_.set_address(global_); }
  LocalAddress(const LocalAddress&) = delete;
  LocalAddress& operator=(const LocalAddress&) = delete;

 private:
  tlm_generic_payload& payload_;
  u64 global_;
};

Security security_of(const tlm_generic_payload& payload) {
  const auto* extension = payload.get_extension<tlm::PayloadExtension>();
  return extension != nullptr ? extension->attributes.security : Security::NonSecure;
}

}  // namespace

InterconnectModule::InterconnectModule(sc_core::sc_module_name name, tlm::Clock clock, const Config& config,
                                       tlm::ProtocolCheckers* checkers)
    : sc_module(name),
      initiators("initiators"),
      targets_("targets"),
      clock_(clock),
      fabric_(config.contention),
      non_blocking_(
          "non_blocking",
          {.fabric = fabric_,
           .clock = clock,
           .arbitration = arbitration_of(config.arbitration),
           .forward = [this](int id, auto& payload, auto& phase,
                             auto& delay) { return targets_[id]->nb_transport_fw(payload, phase, delay); },
           .backward = [this](int id, auto& payload, auto& phase,
                              auto& delay) { return initiators[id]->nb_transport_bw(payload, phase, delay); }}),
      checkers_(checkers) {
  fabric_.add_initiator(kIdealLink);
  initiators.register_b_transport(this, &InterconnectModule::b_transport);
  initiators.register_nb_transport_fw(this, &InterconnectModule::nb_transport_fw);
  targets_.register_nb_transport_bw(this, &InterconnectModule::nb_transport_bw);
  initiators.register_transport_dbg(this, &InterconnectModule::transport_dbg);
  initiators.register_get_direct_mem_ptr(this, &InterconnectModule::get_direct_mem_ptr);
  targets_.register_invalidate_direct_mem_ptr(this, &InterconnectModule::invalidate_direct_mem_ptr);
}

void InterconnectModule::end_of_elaboration() {
  if (!ports_.empty() && ports_.size() != initiators.size()) {
    SC_REPORT_FATAL("/trapwalk/interconnect", "an initiator is bound without a port");
  }
}

Fabric::Request InterconnectModule::request(int id, const tlm_generic_payload& payload, const Region& region) const {
  const auto socket = static_cast<std::size_t>(id);
  return {.initiator = ports_.empty() ? 0 : ports_[socket],
          .target = region.target,
          .bytes = payload.get_data_length(),
          .write = tlm::times_as_write(payload)};
}

/// Arrival is sc_time and the initiator's lead. Cycles are whole; what the lead has beyond whole cycles stays in it.
void InterconnectModule::b_transport(int id, tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Region* region = map_.find(Pa{payload.get_address()}, payload.get_data_length(), security_of(payload));
  if (region == nullptr) {
    payload.set_dmi_allowed(false);
    payload.set_response_status(::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (tlm::is_data_only(payload)) {
    delay += clock_.time(fabric_.idle_cycles(request(id, payload, *region)));
    const LocalAddress local(payload, *region);
    targets_[static_cast<int>(region->target)]->b_transport(payload, delay);
    return;
  }
  const u64 arrival = clock_.cycles_up(sc_core::sc_time_stamp() + delay);
  const Fabric::Passage passage = fabric_.enter(request(id, payload, *region), arrival);
  delay += clock_.time(passage.at_target - arrival);
  const sc_core::sc_time sent = delay;
  const LocalAddress local(payload, *region);
  targets_[static_cast<int>(region->target)]->b_transport(payload, delay);
  const u64 answered = passage.at_target + clock_.cycles_up(delay - sent);
  delay += clock_.time(fabric_.leave(passage, answered) - answered);
}

::tlm::tlm_sync_enum InterconnectModule::nb_transport_fw(int id, tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                                         sc_core::sc_time& delay) {
  if (phase == ::tlm::END_RESP) return non_blocking_.end_response(payload, delay);
  if (phase != ::tlm::BEGIN_REQ) return ::tlm::TLM_ACCEPTED;
  const Region* region = map_.find(Pa{payload.get_address()}, payload.get_data_length(), security_of(payload));
  if (region == nullptr) {
    payload.set_dmi_allowed(false);
    payload.set_response_status(::tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return ::tlm::TLM_COMPLETED;
  }
  return non_blocking_.begin_request(id, *region, request(id, payload, *region), payload, delay);
}

::tlm::tlm_sync_enum InterconnectModule::nb_transport_bw(int, tlm_generic_payload& payload, ::tlm::tlm_phase& phase,
                                                         sc_core::sc_time& delay) {
  return non_blocking_.from_target(payload, phase, delay);
}

unsigned InterconnectModule::transport_dbg(int, tlm_generic_payload& payload) {
  const Region* region = map_.find(Pa{payload.get_address()});
  if (region == nullptr) return 0;
  const LocalAddress local(payload, *region);
  return targets_[static_cast<int>(region->target)]->transport_dbg(payload);
}

/// Ranges are clipped to the region; the link's latency (of one beat: direct accesses are within its width) is added.
bool InterconnectModule::get_direct_mem_ptr(int, tlm_generic_payload& payload, tlm_dmi& dmi) {
  const Pa pa{payload.get_address()};
  const Region* region = map_.find(pa);
  if (region == nullptr) {
    const AddressMap::Gap gap = map_.gap(pa);
    dmi.init();
    dmi.set_start_address(gap.first);
    dmi.set_end_address(gap.last);
    return false;
  }
  if (region->secure && security_of(payload) == Security::NonSecure) {
    dmi.init();
    dmi.set_start_address(region->base.value);
    dmi.set_end_address(region->last());
    return false;
  }
  bool granted;
  {
    const LocalAddress local(payload, *region);
    granted = targets_[static_cast<int>(region->target)]->get_direct_mem_ptr(payload, dmi);
  }
  const u64 first = dmi.get_start_address();
  const u64 last = std::min<u64>(dmi.get_end_address(), region->size - 1);
  dmi.set_start_address(region->base.value + std::min(first, region->size - 1));
  dmi.set_end_address(region->base.value + last);
  const sc_core::sc_time crossing = clock_.time(fabric_.idle_cycles({.target = region->target, .bytes = 1}));
  dmi.set_read_latency(dmi.get_read_latency() + crossing);
  dmi.set_write_latency(dmi.get_write_latency() + crossing);
  return granted;
}

void InterconnectModule::invalidate_direct_mem_ptr(int id, sc_dt::uint64 start, sc_dt::uint64 end) {
  for (const Region& region : map_.regions()) {
    if (region.target != static_cast<unsigned>(id) || start >= region.size) continue;
    const u64 first = region.base.value + start;
    const u64 last = region.base.value + std::min<u64>(end, region.size - 1);
    for (int i = 0; i < static_cast<int>(initiators.size()); ++i) initiators[i]->invalidate_direct_mem_ptr(first, last);
  }
}

}  // namespace tw::interconnect
