#include "gic/tlm/memory_module.hpp"

namespace tw::gic {

MemoryModule::MemoryModule(sc_core::sc_module_name name, std::function<void(Pa, u64)> written)
    : sc_module(name), bus("bus"), written_(std::move(written)) {}

std::optional<u64> MemoryModule::read(Pa at, unsigned bytes) {
  if (!bus.is_memory(at, false)) return std::nullopt;
  const tlm::Initiator::Answer answer = bus.transport(at, bytes, false, 0, {});
  return answer.ok ? std::optional(answer.value) : std::nullopt;
}

bool MemoryModule::write(Pa at, unsigned bytes, u64 value) {
  if (!bus.is_memory(at, true)) return false;
  const tlm::Initiator::Answer answer = bus.transport(at, bytes, true, value, {});
  if (answer.ok) written_(at, bytes);
  return answer.ok;
}

}  // namespace tw::gic
