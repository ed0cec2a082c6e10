#include "mmu/tlm/descriptor_module.hpp"

#include <cstring>

namespace tw::mmu {

namespace {

constexpr u64 kPageBytes = 4096;  ///< of Initiator::host_page

}  // namespace

DescriptorModule::DescriptorModule(sc_core::sc_module_name name, unsigned cpu, tlm::Clock clock)
    : sc_module(name), bus("bus"), cpu_(static_cast<u8>(cpu)), clock_(clock) {}

vmsa::DescriptorReply DescriptorModule::fetch(const vmsa::DescriptorRequest& request) {
  if (!request.timed && shortcuts_) {  // a walk without time leaves no trace on the bus either
    if (const u8* page = bus.host_page(request.address, false, request.security)) {
      vmsa::DescriptorReply reply;
      std::memcpy(&reply.value, page + request.address.offset_in(kPageBytes), sizeof reply.value);
      return reply;
    }
  }
  const tlm::Initiator::Answer answer =
      bus.transport(request.address, sizeof(u64), false, 0,
                    {.security = request.security, .data_only = !request.timed, .cpu = cpu_}, clock_.lead(request.now));
  return {
      .ok = answer.ok, .value = answer.value, .cycles = clock_.cycles_up(answer.delay), .served_by = answer.served_by};
}

/// A read and a write that nothing comes between: no time passes in here. Decoded code is not told: instruction fetch
/// sees hardware updates after IC, as any other write.
vmsa::DescriptorReply DescriptorModule::update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) {
  if (!bus.is_memory(request.address, true)) return {.atomic = false};
  vmsa::DescriptorReply reply = fetch(request);
  if (!reply.ok || reply.value != expected) return reply;
  const tlm::Initiator::Answer answer =
      bus.transport(request.address, sizeof(u64), true, desired,
                    {.security = request.security, .data_only = !request.timed, .cpu = cpu_},
                    clock_.lead(request.now + reply.cycles));
  reply.ok = answer.ok;
  reply.cycles += clock_.cycles_up(answer.delay);
  return reply;
}

}  // namespace tw::mmu
