// The walker with arbitrary registers and tables: every translation ends in an address or an architectural fault,
// within the fetches that the deepest nested walk makes.
#include "vmsa/walker.hpp"
#include "fuzz/input.hpp"
#include "support/page_tables.hpp"
#include "vmsa/fault_status.hpp"
#include "vmsa/par.hpp"

using namespace tw;

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  fuzz::Input input(data, size);
  vmsa::Controls controls;
  constexpr u8 kSizes[] = {32, 36, 40, 42, 44, 48};
  controls.features.pa_bits = kSizes[input.below(6)];
  const u8 features = input.take<u8>();
  controls.features.granule4k = features & 1;
  controls.features.granule16k = features & 2;
  controls.features.granule64k = features & 4;
  controls.features.asid16 = features & 8;
  controls.features.vmid16 = features & 16;
  controls.features.xnx = features & 32;
  controls.sif = features & 64;
  controls.secure = features & 128;
  for (vmsa::Stage1Registers* registers : {&controls.el1, &controls.el2, &controls.el3}) {
    registers->sctlr = input.take<u32>();
    registers->tcr = input.take<u64>();
    registers->ttbr0 = input.take<u64>();
    registers->ttbr1 = input.take<u64>();
    registers->mair = input.take<u64>();
  }
  controls.hcr = input.take<u64>();
  controls.vtcr = input.take<u32>();
  controls.vttbr = input.take<u64>();
  // What an SMMU's streams have beside.
  const u8 of_stream = input.take<u8>();
  controls.stream.lpae1 = of_stream & 1;
  controls.stream.lpae2 = of_stream & 2;
  controls.stream.uwxn = of_stream & 4;
  controls.stream.affd1 = of_stream & 8;
  controls.stream.affd2 = of_stream & 16;
  controls.features.fwb = of_stream & 32;
  controls.features.hafdbs = of_stream & 64;
  controls.features.dirty = of_stream & 128;
  constexpr u64 kSizes32 = 0x1F | u64{0x1F} << 16;
  if (controls.stream.lpae1) {
    for (vmsa::Stage1Registers* registers : {&controls.el1, &controls.el2, &controls.el3}) {
      registers->tcr = (registers->tcr & ~(kSizes32 << 1 | kSizes32)) | (registers->tcr & 0x7'0007) | 0x20'0020;
    }
  }

  vmsa::Access access;
  access.va = Va{input.take<u64>()};
  access.kind = static_cast<vmsa::AccessKind>(input.below(4));
  access.regime = static_cast<vmsa::Regime>(input.below(4));
  const u8 how = input.take<u8>();
  access.write = how & 1;
  access.read = !access.write || (how & 2) != 0;
  access.privileged = how & 4;
  access.stage1_only = how & 8;
  access.aligned = (how & 16) == 0;

  test::TestMemory memory;
  memory.garbage = [&] { return input.take<u64>(); };
  cost::WalkRecord record;
  const vmsa::WalkResult result = vmsa::Walker(memory).translate(access, controls, {.record = &record});
  const vmsa::Fault& fault = result.translation.fault;

  // Memory that changes at each look makes hardware updates look again, 8 times at most.
  const bool updates = controls.features.hafdbs;
  fuzz::require(memory.requests.size() <= (updates ? 8 * 8 * 24u : 24u));
  fuzz::require(record.fetches.size() >= memory.requests.size());
  for (const vmsa::DescriptorRequest& request : memory.requests) {
    fuzz::require(request.address.value % 8 == 0);
    fuzz::require(request.address.value >> controls.features.pa_bits == 0);
  }
  fuzz::require((vmsa::par_el1(result.translation) & 1) == (fault ? 1 : 0));
  if (fault) {
    fuzz::require(fault.level >= 0 && fault.level <= 3);
    fuzz::require(fault.stage == 1 || (fault.stage == 2 && access.regime == vmsa::Regime::El10));
    fuzz::require(!fault.s1ptw || fault.stage == 2);
    fuzz::require(fault.va == access.va);
  } else {
    const unsigned bits = controls.stream.lpae1 || controls.stream.lpae2 ? 48 : controls.features.pa_bits;
    fuzz::require(result.translation.pa.value >> bits == 0);
    fuzz::require(result.translation.page_bits >= 12 && result.translation.page_bits <= 30);
  }
  return 0;
}
