// Who waits for TLB maintenance: not the TLBI, but the DSB behind it.
#include <gtest/gtest.h>

#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using cost::Cause;

constexpr u32 kTlbiVmalle1Is = 0xD508831F;
constexpr u32 kDsbIsh = 0xD5033B9F;

u64 charged(cost::CoreLedger& ledger, Cause cause) {
  ledger.settle();
  u64 sum = 0;
  for (const auto& [context, account] : ledger.accounts()) sum += account.cycles[static_cast<unsigned>(cause)];
  return sum;
}

TEST(MaintenanceTiming, ADsbWaitsUntilTheTlbisAreDoneEverywhere) {
  for (const char* model : {"simple", "in-order", "out-of-order"}) {
    SCOPED_TRACE(model);
    u64 before = 0;
    for (const u64 wait : {u64{0}, u64{100}, u64{101}}) {
      cpu::Config config;
      config.pipeline.model = model;
      CpuRig rig(El::El1, config);
      rig.core.set_fidelity(cpu::Fidelity::Timed);
      rig.mmu.maintenance_cycles = wait;
      rig.program({kTlbiVmalle1Is, kDsbIsh});
      rig.step();
      const u64 behind_tlbi = rig.ledger.elapsed();
      rig.step();
      rig.core.pipeline.drain();
      const u64 dsb = rig.ledger.elapsed() - behind_tlbi;
      if (wait == 0) before = dsb;
      EXPECT_EQ(dsb, before + wait);
      EXPECT_EQ(rig.mmu.invalidations.size(), 1u);
      EXPECT_GE(charged(rig.ledger, Cause::TlbMaintenance), wait);
    }
  }
}

}  // namespace
}  // namespace tw::test
