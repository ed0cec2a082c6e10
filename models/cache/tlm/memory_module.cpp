#include "cache/tlm/memory_module.hpp"

namespace tw::cache {

MemoryModule::MemoryModule(sc_core::sc_module_name name, tlm::Clock clock)
    : sc_module(name), bus("bus"), clock_(clock) {}

u64 MemoryModule::move_line(const LineTransfer& transfer, bool write) {
  const tlm::Initiator::Answer answer =
      bus.transport_time(transfer.pa, static_cast<unsigned>(transfer.bytes), write,
                         {.vmid = transfer.owner.vmid,
                          .security = transfer.security,
                          .guest = transfer.owner.guest,
                          .instruction = transfer.fetch,
                          .cpu = static_cast<u8>(transfer.core == kNoCore ? 0 : transfer.core)},
                         clock_.lead(transfer.now));
  return clock_.cycles_up(answer.delay);
}

u64 MemoryModule::uncached(unsigned core, const Request& request) {
  const bool write = request.kind == Kind::Store || request.kind == Kind::WalkUpdate || request.kind == Kind::Zero;
  const tlm::Initiator::Answer answer = bus.transport_time(request.pa, request.size, write,
                                                           {.vmid = request.owner.vmid,
                                                            .security = request.security,
                                                            .guest = request.owner.guest,
                                                            .instruction = request.kind == Kind::Fetch,
                                                            .cpu = static_cast<u8>(core)},
                                                           clock_.lead(request.now));
  return clock_.cycles_up(answer.delay);
}

}  // namespace tw::cache
