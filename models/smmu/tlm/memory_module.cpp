#include "smmu/tlm/memory_module.hpp"

#include <utility>

namespace tw::smmu {

namespace {

/// Descriptors are little-endian numbers, as the host's are (tlm/mmio_module.cpp).
std::span<u8> bytes_of(u64& value) { return {reinterpret_cast<u8*>(&value), sizeof value}; }

}  // namespace

MemoryModule::MemoryModule(sc_core::sc_module_name name, tlm::Clock clock, StreamId stream,
                           std::function<bool(Pa, u64)> is_memory)
    : sc_module(name), bus("bus"), clock_(clock), stream_(stream), is_memory_(std::move(is_memory)) {}

tlm::Initiator::Answer MemoryModule::transfer(Pa at, std::span<u8> data, bool write, Security security, u64 now) {
  if (std::exchange(under_way_, true)) return {};
  tlm::Initiator::Answer answer =
      bus.transport_block(at, data, write, {.stream = stream_, .security = security}, clock_.lead(now));
  under_way_ = false;
  return answer;
}

vmsa::DescriptorReply MemoryModule::fetch(const vmsa::DescriptorRequest& request) {
  vmsa::DescriptorReply reply;
  if (!request.timed) {
    reply.ok =
        bus.debug(request.address, bytes_of(reply.value).data(), sizeof reply.value, false) == sizeof reply.value;
    return reply;
  }
  const tlm::Initiator::Answer answer =
      transfer(request.address, bytes_of(reply.value), false, request.security, request.now);
  reply.ok = answer.ok;
  reply.cycles = clock_.cycles_up(answer.delay);
  reply.served_by = answer.served_by;
  return reply;
}

/// A read and a write that nothing comes between: no time passes in here.
vmsa::DescriptorReply MemoryModule::update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) {
  if (!request.timed || !is_memory_(request.address, sizeof(u64))) return {.atomic = false};
  vmsa::DescriptorReply reply = fetch(request);
  if (!reply.ok || reply.value != expected) return reply;
  const tlm::Initiator::Answer answer =
      transfer(request.address, bytes_of(desired), true, request.security, request.now + reply.cycles);
  reply.ok = answer.ok;
  reply.cycles += clock_.cycles_up(answer.delay);
  return reply;
}

MemoryReply MemoryModule::read(Pa at, std::span<u8> into, Security security, u64 now, bool timed) {
  if (!timed) {
    const auto length = static_cast<unsigned>(into.size());
    return {.ok = bus.debug(at, into.data(), length, false) == length};
  }
  const tlm::Initiator::Answer answer = transfer(at, into, false, security, now);
  return {.ok = answer.ok, .cycles = clock_.cycles_up(answer.delay)};
}

/// A payload points to bytes that are not const (IEEE 1666, 14.8); a target does not change those of a write.
MemoryReply MemoryModule::write(Pa at, std::span<const u8> from, Security security, u64 now) {
  const tlm::Initiator::Answer answer = transfer(at, {const_cast<u8*>(from.data()), from.size()}, true, security, now);
  return {.ok = answer.ok, .cycles = clock_.cycles_up(answer.delay)};
}

}  // namespace tw::smmu
