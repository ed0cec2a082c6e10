#include "devices/tlm/dma_module.hpp"

namespace tw::devices {

DmaModule::DmaModule(sc_core::sc_module_name name, StreamId stream)
    : sc_module(name), attributes_{.stream = stream}, bus_("bus") {}

bool DmaModule::read(Iova address, std::span<u8> into) { return transfer(address, into, false); }

/// A payload points to bytes that are not const (IEEE 1666, 14.8); a target does not change those of a write.
bool DmaModule::write(Iova address, std::span<const u8> from) {
  return transfer(address, {const_cast<u8*>(from.data()), from.size()}, true);
}

/// Without an SMMU an Iova is the physical address. The device waits for nothing, so the delay is nobody's.
bool DmaModule::transfer(Iova address, std::span<u8> data, bool write) {
  if (data.empty()) return true;
  if (busy_) return false;
  busy_ = true;
  const tlm::Initiator::Answer answer = bus_.transport_block(Pa{address.value}, data, write, attributes_);
  busy_ = false;
  return answer.ok;
}

}  // namespace tw::devices
