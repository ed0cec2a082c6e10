#include "mmu/tlm/descriptor_module.hpp"

namespace tw::mmu {

DescriptorModule::DescriptorModule(sc_core::sc_module_name name, unsigned cpu, tlm::Clock clock)
    : sc_module(name), bus("bus"), cpu_(static_cast<u8>(cpu)), clock_(clock) {}

vmsa::DescriptorReply DescriptorModule::fetch(const vmsa::DescriptorRequest& request) {
  const tlm::Initiator::Answer answer =
      bus.transport(request.address, sizeof(u64), false, 0, {.security = request.security, .cpu = cpu_});
  return {
      .ok = answer.ok, .value = answer.value, .cycles = clock_.cycles_up(answer.delay), .served_by = answer.served_by};
}

}  // namespace tw::mmu
