// Where a core's table walker meets the interconnect: each descriptor fetch is a read of 8 bytes.
#pragma once

#include <systemc>

#include "tlm/clock.hpp"
#include "tlm/initiator.hpp"
#include "vmsa/descriptor_port.hpp"

namespace tw::mmu {

class DescriptorModule final : public sc_core::sc_module, public vmsa::DescriptorPort {
 public:
  tlm::Initiator bus;

  DescriptorModule(sc_core::sc_module_name name, unsigned cpu, tlm::Clock clock);
  /// Host shortcuts: walks of functional fidelity read memory through host pointers.
  void set_host_shortcuts(bool on) { shortcuts_ = on; }
  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override;
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override;

 private:
  u8 cpu_;
  tlm::Clock clock_;
  bool shortcuts_ = true;
};

}  // namespace tw::mmu
