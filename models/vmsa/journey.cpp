#include "vmsa/journey.hpp"

namespace tw::vmsa {
namespace {

u64 in_memory_order(u64 descriptor, bool big_endian) { return big_endian ? __builtin_bswap64(descriptor) : descriptor; }

/// Files an access to a descriptor in the record. False, and a `fault` with a type and a level only: memory refused it.
bool file(const Journey& journey, const DescriptorRequest& request, const DescriptorReply& reply, u64 descriptor,
          Fault& fault) {
  if (cost::WalkRecord* record = journey.options.record) {
    record->fetches.push_back({request.stage, request.level, request.for_stage1_level, reply.served_by, request.address,
                               descriptor, reply.cycles});
    record->cycles += reply.cycles;
  }
  if (journey.options.latency) {
    journey.options.latency->add(request.stage == 2 ? cost::Cause::WalkStage2 : cost::Cause::WalkStage1, reply.cycles);
  }
  if (!reply.ok) [[unlikely]] {
    fault.type = FaultType::ExternalOnWalk;
    fault.level = request.level;
    fault.descriptor = request.address;
  }
  return reply.ok;
}

/// `request` leaves now: behind all that the access has waited for.
void set_time(const Journey& journey, DescriptorRequest& request) {
  if (journey.options.latency) request.now = journey.options.begun + journey.options.latency->total();
}

}  // namespace

Fault complete_fault(Fault fault, const Journey& journey, unsigned stage) {
  fault.stage = static_cast<u8>(stage);
  fault.write = reported_write(journey.access);
  fault.va = journey.access.va;
  return fault;
}

bool fetch(const Journey& journey, DescriptorRequest& request, bool big_endian, u64& descriptor, Fault& fault) {
  set_time(journey, request);
  const DescriptorReply reply = journey.port.fetch(request);
  descriptor = in_memory_order(reply.value, big_endian);
  return file(journey, request, reply, descriptor, fault);
}

UpdateOutcome update(const Journey& journey, DescriptorRequest& request, bool big_endian, u64 expected, u64 desired) {
  UpdateOutcome outcome;
  if (!journey.options.updates) return outcome;
  const u64 before = in_memory_order(expected, big_endian);
  set_time(journey, request);
  const DescriptorReply reply = journey.port.update(request, before, in_memory_order(desired, big_endian));
  if (!reply.atomic) {
    outcome.fault.type = FaultType::UnsupportedUpdate;
    outcome.fault.level = request.level;
    outcome.fault.descriptor = request.address;
    return outcome;
  }
  outcome.again = file(journey, request, reply, desired, outcome.fault) && reply.value != before;
  return outcome;
}

Fault restless(int level) {
  Fault fault;
  fault.type = FaultType::UnsupportedUpdate;
  fault.level = static_cast<i8>(level);
  return fault;
}

}  // namespace tw::vmsa
