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
    if (const u8* page = bus.host_page(request.address, false)) {
      vmsa::DescriptorReply reply;
      std::memcpy(&reply.value, page + request.address.offset_in(kPageBytes), sizeof reply.value);
      return reply;
    }
  }
  const tlm::Initiator::Answer answer =
      bus.transport(request.address, sizeof(u64), false, 0, {.security = request.security, .cpu = cpu_});
  return {
      .ok = answer.ok, .value = answer.value, .cycles = clock_.cycles_up(answer.delay), .served_by = answer.served_by};
}

}  // namespace tw::mmu
