// What mispredictions cost a core: programs whose mispredictions can be counted by hand.
#include <gtest/gtest.h>

#include "cpu/pipeline/branch_predictor.hpp"
#include "cpu/system/state.hpp"
#include "support/cpu_rig.hpp"

namespace tw::cpu {
namespace {

using cost::Cause;

// Two nested loops: X1 times X2 iterations.
constexpr u32 kProgram[] = {
    0xAA0203E0,  // outer: MOV X0, X2
    0xF1000400,  // inner: SUBS X0, X0, #1
    0x54FFFFE1,  //        B.NE inner
    0xF1000421,  //        SUBS X1, X1, #1
    0x54FFFF81,  //        B.NE outer
    0xD503207F,  //        WFI
};

struct Loops {
  Loops(const char* model, const char* predictor, u64 outer, u64 inner) {
    Config config;
    config.pipeline.model = model;
    config.pipeline.mispredict_penalty = 11;
    config.prediction.predictor = predictor;
    test::CpuRig rig(El::El1, config);
    for (std::size_t i = 0; i < std::size(kProgram); ++i) rig.poke<u32>(rig.kMemoryBase + 4 * i, kProgram[i]);
    rig.core.pc = rig.kMemoryBase;
    rig.core.x[1] = outer;
    rig.core.x[2] = inner;
    rig.core.set_fidelity(Fidelity::Timed);
    EXPECT_EQ(rig.core.run(100'000'000), StopReason::Waiting);
    rig.ledger.settle();
    cycles = rig.ledger.elapsed();
    for (const auto& [context, account] : rig.ledger.accounts()) {
      charged += account.cycles[static_cast<unsigned>(Cause::Mispredict)];
    }
    if (rig.core.predictor) conditional = rig.core.predictor->totals()[0];
  }
  u64 cycles = 0, charged = 0;
  BranchCounts conditional;
};

TEST(BranchPrediction, TheCostOfALoopIsItsMispredictions) {
  constexpr u64 kOuter = 100, kInner = 10;
  const Loops perfect("in-order", "perfect", kOuter, kInner);
  EXPECT_EQ(perfect.conditional.branches, kOuter * kInner + kOuter);
  EXPECT_EQ(perfect.conditional.mispredicted(), 0u);
  EXPECT_EQ(perfect.charged, 0u);

  // Bimodal: both branches when they are met first, each of the inner loop's exits, and the outer one's.
  const Loops bimodal("in-order", "bimodal", kOuter, kInner);
  EXPECT_EQ(bimodal.conditional.mispredicted(), 2 + kOuter + 1);
  // The cycle in which a branch is issued and resolved is its own; then the front end refills.
  EXPECT_EQ(bimodal.charged, bimodal.conditional.mispredicted() * 11);
  EXPECT_GE(bimodal.cycles, perfect.cycles + bimodal.conditional.mispredicted() * 11);

  // Static: backward is taken, so that the exits alone are wrong.
  const Loops backward("in-order", "static", kOuter, kInner);
  EXPECT_EQ(backward.conditional.mispredicted(), kOuter + 1);

  const Loops tage("out-of-order", "tage", 2000, kInner);
  EXPECT_LT(tage.conditional.mispredicted(), 100u);
}

TEST(BranchPrediction, TheSimplePipelinePredictsNothing) {
  const Loops simple("simple", "bimodal", 10, 10);
  EXPECT_EQ(simple.conditional.branches, 0u);
  EXPECT_EQ(simple.charged, 0u);
}

TEST(BranchPrediction, GuestsAreContextsOfTheirOwn) {
  Config config;
  config.pipeline.model = "in-order";
  config.prediction.predictor = "bimodal";
  config.prediction.tagging = "vmid";
  test::CpuRig rig(El::El1, config);
  rig.core.set_fidelity(Fidelity::Timed);
  rig.core.reg(arm::SysReg::HCR_EL2) |= 1;
  const auto take = [&](u64 vmid) {
    rig.core.reg(arm::SysReg::VTTBR_EL2) = vmid << 48;
    update_controls(rig.core);
    const auto before = rig.core.predictor->totals()[0].wrong_direction;
    rig.core.flags.set_nzcv(0);
    rig.execute(0x54000041);  // B.NE to the instruction behind the next
    return rig.core.predictor->totals()[0].wrong_direction != before;
  };
  EXPECT_TRUE(take(1));
  EXPECT_FALSE(take(1));
  EXPECT_TRUE(take(2));
  EXPECT_FALSE(take(1));
  const auto contexts = rig.core.predictor->by_context();
  ASSERT_EQ(contexts.size(), 2u);
  EXPECT_TRUE(contexts[0].context.guest);
  EXPECT_EQ(contexts[0].context.vmid, 1);
  EXPECT_EQ(contexts[0].counts[0].branches, 3u);
  EXPECT_EQ(contexts[1].context.vmid, 2);
}

}  // namespace
}  // namespace tw::cpu
