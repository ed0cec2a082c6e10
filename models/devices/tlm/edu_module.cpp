#include "devices/tlm/edu_module.hpp"

namespace tw::devices {

EduModule::EduModule(sc_core::sc_module_name name, const pci::EduSettings& settings, const Config& config,
                     tlm::Clock clock, StreamId stream)
    : sc_module(name),
      config_(config),
      clock_(clock),
      attributes_{.stream = stream},
      bus_("bus"),
      messages_("messages", stream),
      message_master_(messages_),
      edu_(settings, {.memory = *this, .time = *this, .messages = message_master_}) {
  SC_HAS_PROCESS(EduModule);
  SC_THREAD(transfers);
  SC_METHOD(factorial);
  sensitive << factorial_event_;
  dont_initialize();
}

void EduModule::transfers() {
  for (;;) {
    wait(transfer_event_);
    edu_.transfer();
  }
}

bool EduModule::wait_for_message() {
  wait(message_event_);
  return true;
}

/// The time of a request is its way through the root complex, and its data's on the link.
pci::Completion EduModule::send(const pci::MemoryRequest& request, std::span<u8> data, bool write) {
  tlm::Attributes attributes = attributes_;
  attributes.translated = request.type == pci::AddressType::Translated;
  attributes.may_stall = request.may_stall;
  if (request.pasid) {
    attributes.has_substream = true;
    attributes.substream = request.pasid->pasid;
    attributes.privileged = request.pasid->privileged;
    attributes.instruction = request.pasid->execute;
  }
  const tlm::Initiator::Answer answer = bus_.transport_block(Pa{request.address.value}, data, write, attributes);
  const u64 on_link = (data.size() + config_.endpoint_bytes_per_cycle - 1) / config_.endpoint_bytes_per_cycle;
  wait(answer.delay + clock_.time(on_link));
  return answer.ok ? pci::Completion::Success : pci::Completion::UnsupportedRequest;
}

pci::Completion EduModule::read(const pci::MemoryRequest& request, std::span<u8> into) {
  return send(request, into, false);
}

/// A payload points to bytes that are not const (IEEE 1666, 14.8); a target does not change those of a write.
pci::Completion EduModule::write(const pci::MemoryRequest& request, std::span<const u8> from) {
  return send(request, {const_cast<u8*>(from.data()), from.size()}, true);
}

}  // namespace tw::devices
