#include "platforms/virt/endpoints.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/error.hpp"
#include "devices/pci/host_bridge.hpp"

namespace tw::virt {

namespace {

devices::pci::EduSettings settings_of(const EndpointSettings& asked, const devices::Config& config) {
  if (!std::has_single_bit(config.endpoint_max_payload)) {
    throw UserError(Complaint{"device.endpoint.max_payload", "is no power of two"});
  }
  return {
      .dma_mask = asked.dma_mask,
      .ats = {.ats = asked.ats, .pri = asked.pri, .pasid = asked.pasid, .cache_entries = config.endpoint_atc_entries},
      .max_payload = config.endpoint_max_payload};
}

}  // namespace

Endpoints::Endpoints(sc_core::sc_module_name name, const Context& context) : sc_module(name) {
  const auto taken = [&](unsigned slot) {
    return slot < context.first_slot ||
           std::any_of(list_.begin(), list_.end(), [slot](const Endpoint& e) { return e.slot == slot; });
  };
  for (const EndpointSettings& asked : context.settings) {
    unsigned slot = asked.slot.value_or(context.first_slot);
    while (!asked.slot && taken(slot)) ++slot;
    if (taken(slot)) throw UserError(Complaint{"--device", fmt::format("addr={:02x} is taken", slot)});
    if (slot >= devices::pci::HostBridge::kDevices) {
      throw UserError(Complaint{"--device", "no place is left on the PCI bus"});
    }
    list_.push_back({slot, std::make_unique<devices::EduModule>(
                               fmt::format("endpoint{}", list_.size()).c_str(),
                               settings_of(asked, context.config.devices), context.config.devices, context.clock,
                               StreamId{devices::pci::requester_id(0, static_cast<u8>(slot))})});
  }
}

}  // namespace tw::virt
