// The architecture's walker over memory that a study has laid out: an oracle that shares nothing with what wrote it.
#pragma once

#include "platforms/tables/physical_memory.hpp"
#include "vmsa/walker.hpp"

namespace tw::test {

class CountingPort final : public vmsa::DescriptorPort {
 public:
  explicit CountingPort(const tables::PhysicalMemory& memory) : memory_(memory) {}
  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override {
    ++fetches;
    return {.value = memory_.read(request.address.value)};
  }
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest&, u64, u64) override { return {.ok = false}; }
  unsigned fetches = 0;

 private:
  const tables::PhysicalMemory& memory_;
};

constexpr u64 granule_field(u64 granule) { return granule == 4096 ? 0 : granule == 65536 ? 1 : 2; }

inline vmsa::Controls controls_of(const tables::TableFormat* stage1, u64 root1, const tables::TableFormat* stage2,
                                  u64 root2) {
  vmsa::Controls controls;
  controls.features.pa_bits = 48;
  if (stage1 != nullptr) {
    controls.el1.sctlr = 1;
    controls.el1.tcr = (64 - stage1->input_bits) | granule_field(stage1->granule) << 14 | u64{1} << 23 | u64{5} << 32;
    controls.el1.ttbr0 = root1;
    controls.el1.mair = 0xFF;
  }
  if (stage2 != nullptr) {
    const u64 sl0 = static_cast<u64>((stage2->granule == 4096 ? 2 : 3) - stage2->start_level());
    controls.hcr = 1;
    controls.vtcr = (64 - stage2->input_bits) | sl0 << 6 | granule_field(stage2->granule) << 14 | u64{5} << 16;
    controls.vttbr = root2;
  }
  return controls;
}

inline vmsa::Translation walk(CountingPort& port, const vmsa::Controls& controls, u64 address) {
  port.fetches = 0;
  vmsa::Access access;
  access.va = Va{address};
  access.write = true;
  access.privileged = false;
  return vmsa::Walker(port).translate(access, controls).translation;
}

}  // namespace tw::test
