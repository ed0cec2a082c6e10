// Arbitrary instruction words on a core with arbitrary registers: every one executes, traps or is UNDEFINED; the core
// stays in one piece, and its ledger balanced.
#include "fuzz/input.hpp"
#include "support/cpu_rig.hpp"

using namespace tw;

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  constexpr u64 kBytes = 0x1'0000;
  constexpr u64 kBase = test::CpuRig::kMemoryBase;
  fuzz::Input input(data, size);
  const u8 how = input.take<u8>();
  static const arm::CpuModel model = test::test_model("cortex-a57", true);
  test::CpuRig rig(static_cast<El>(how & 3), {}, model, kBytes);
  rig.core.set_fidelity(how & 4 ? cpu::Fidelity::Timed : cpu::Fidelity::Functional);
  rig.core.set_host_shortcuts((how & 8) != 0);
  rig.bus.direct = (how & 16) == 0;
  if (how & 32) {
    rig.mmu.attributes = {};  // Device-nGnRnE
    rig.bus.device = [](const cpu::BusAccess& access) { return cpu::BusResult{.ok = access.pa.value % 3 != 0}; };
  }
  // Half of the registers are likely to be good addresses.
  for (unsigned n = 0; n < 31; ++n) rig.core.x[n] = n & 1 ? input.take<u64>() : kBase + input.take<u16>();
  rig.sp() = kBase + (input.take<u16>() & ~u64{0xF});

  rig.core.pc = kBase + 0x8000;
  for (unsigned steps = 0; steps < 64 && !input.empty(); ++steps) {
    // The word goes wherever the core is, as long as that is memory.
    const u64 pc = rig.core.pc_now().value;
    if (rig.bus.contains(pc, 4) && pc % 4 == 0)
      rig.poke<u32>(pc, input.take<u32>());
    else
      rig.core.pc = kBase + 0x8000;
    if (input.take<u8>() == 0xFF) rig.core.set_line(static_cast<cpu::Line>(input.below(5)), input.flag());
    const cpu::StopReason stop = rig.core.step();
    fuzz::require(static_cast<unsigned>(rig.core.pstate.el) <= 3);
    fuzz::require(rig.core.pstate.el != El::El0 || !rig.core.pstate.sp_sel || rig.core.pstate.aarch32);
    if (stop == cpu::StopReason::Waiting) rig.core.set_event();
    if (stop == cpu::StopReason::PoweredOff || stop == cpu::StopReason::Halted) break;
  }
  rig.ledger.settle();
  fuzz::require(rig.ledger.accounted() == rig.ledger.elapsed());
  return 0;
}
