// Memory as the SMMU needs it: an initiator for tables, queues and messages.
#pragma once

#include <functional>

#include <systemc>

#include "smmu/ports.hpp"
#include "tlm/clock.hpp"
#include "tlm/initiator.hpp"

namespace tw::smmu {

class MemoryModule final : public sc_core::sc_module, public MemoryPort {
 public:
  tlm::Initiator bus;

  /// `stream` is the DeviceID of the SMMU's own messages. `is_memory` says where atomic accesses are possible.
  MemoryModule(sc_core::sc_module_name name, tlm::Clock clock, StreamId stream,
               std::function<bool(Pa at, u64 bytes)> is_memory);

  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override;
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override;
  MemoryReply read(Pa at, std::span<u8> into, Security security, u64 now, bool timed) override;
  MemoryReply write(Pa at, std::span<const u8> from, Security security, u64 now) override;

  /// The SMMU is in the middle of something: what its access has set off must not come back to it.
  bool under_way() const { return under_way_; }

 private:
  tlm::Initiator::Answer transfer(Pa at, std::span<u8> data, bool write, Security security, u64 now);

  tlm::Clock clock_;
  StreamId stream_;
  std::function<bool(Pa, u64)> is_memory_;
  bool under_way_ = false;
};

}  // namespace tw::smmu
