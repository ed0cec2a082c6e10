// Branch prediction against sequences whose outcome follows from the design.
#include "cpu/pipeline/branch_predictor.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace tw::cpu {
namespace {

constexpr u64 kPc = 0x4000'0000;

BranchConfig with(std::string_view predictor) {
  BranchConfig config;
  config.predictor = predictor;
  return config;
}

BranchInfo conditional(u64 pc, bool taken, u64 target = 0) {
  return {.pc = pc, .target = target != 0 ? target : pc + 0x40, .kind = BranchKind::Conditional, .taken = taken};
}
BranchInfo always(BranchKind kind, u64 pc, u64 target) {
  return {.pc = pc, .target = target, .kind = kind, .taken = true};
}

bool is_wrong_direction(Prediction prediction) { return prediction == Prediction::WrongDirection; }
bool is_wrong_target(Prediction prediction) { return prediction == Prediction::WrongTarget; }
bool is_unknown_target(Prediction prediction) { return prediction == Prediction::UnknownTarget; }

/// Mispredictions of a branch that follows `pattern`, of the last `count` branches behind `warm` of them.
u64 mispredictions(BranchPredictor& predictor, const std::function<bool(u64)>& pattern, u64 warm, u64 count,
                   u64 pc = kPc) {
  u64 wrong = 0;
  for (u64 i = 0; i < warm + count; ++i) {
    const bool wrong_now = is_wrong(predictor.predict_and_train(conditional(pc, pattern(i))));
    if (i >= warm) wrong += wrong_now;
  }
  return wrong;
}

// ---- direction

TEST(Bimodal, MispredictsALoopOnceAtEachExit) {
  BranchPredictor predictor(with("bimodal"));
  constexpr u64 kIterations = 10;
  const auto loop = [](u64 i) { return i % kIterations != kIterations - 1; };
  EXPECT_EQ(mispredictions(predictor, loop, 100, 1000), 1000 / kIterations);
}

TEST(Bimodal, LearnsABranchAtItsSecondTime) {
  BranchPredictor predictor(with("bimodal"));  // from weakly not taken
  EXPECT_TRUE(is_wrong_direction(predictor.predict_and_train(conditional(kPc, true))));
  EXPECT_FALSE(is_wrong_direction(predictor.predict_and_train(conditional(kPc, true))));
}

TEST(Bimodal, IsWrongAllTheTimeWhereDirectionsAlternate) {
  BranchPredictor predictor(with("bimodal"));
  // From weakly not taken: 1 -> 2 -> 1 -> 2 …, each time just brought to the wrong side.
  EXPECT_EQ(mispredictions(
                predictor, [](u64 i) { return i % 2 == 0; }, 0, 100),
            100u);
}

TEST(Bimodal, SharesACounterBetweenAddressesATableApart) {
  BranchConfig config = with("bimodal");
  config.table_entries = 64;
  for (const auto& [distance, shared] : {std::pair{64 * 4, true}, std::pair{63 * 4, false}}) {
    BranchPredictor predictor(config);
    for (unsigned i = 0; i < 4; ++i) predictor.predict_and_train(conditional(kPc, true));
    const bool wrong =
        is_wrong_direction(predictor.predict_and_train(conditional(kPc + static_cast<u64>(distance), true)));
    EXPECT_EQ(wrong, !shared) << distance;
  }
}

TEST(Gshare, LearnsAnyPatternShorterThanItsHistory) {
  for (unsigned period = 2; period <= 12; ++period) {
    BranchPredictor predictor(with("gshare"));
    std::mt19937 random(period);
    const u32 bits = static_cast<u32>(random()) | 1;
    const auto pattern = [&](u64 i) { return (bits >> i % period & 1) != 0; };
    EXPECT_EQ(mispredictions(predictor, pattern, 100 * period, 1000), 0u) << "period " << period;
  }
}

TEST(Gshare, SeesALoopsExitUpToItsHistoryAndNotBeyond) {
  BranchConfig config = with("gshare");
  config.history = 8;
  const auto exits = [&](u64 iterations) {
    BranchPredictor predictor(config);
    return mispredictions(
        predictor, [=](u64 i) { return i % iterations != iterations - 1; }, 100 * iterations, 100 * iterations);
  };
  // The last iteration is told apart from the one before while the exit before is in the history: 8 outcomes back.
  EXPECT_EQ(exits(8), 0u);
  EXPECT_EQ(exits(9), 0u);
  // One counter, of the history that is all taken, sees the last iteration and some of those before: at ten iterations
  // one, so that it swings and is wrong both times; from eleven on it is wrong at the exit.
  EXPECT_EQ(exits(10), 200u);
  EXPECT_EQ(exits(11), 100u);
}

TEST(Tage, SeesALoopsExitFarBeyondGshares) {
  for (const u64 iterations : {10u, 30u, 60u, 100u}) {
    BranchPredictor predictor(with("tage"));
    const auto loop = [=](u64 i) { return i % iterations != iterations - 1; };
    EXPECT_EQ(mispredictions(predictor, loop, 400 * iterations, 100 * iterations), 0u) << iterations;
  }
}

TEST(Tage, LearnsPatterns) {
  for (unsigned period = 2; period <= 32; ++period) {
    BranchPredictor predictor(with("tage"));
    std::mt19937 random(period);
    const u32 bits = static_cast<u32>(random());
    const auto pattern = [&](u64 i) { return (bits >> i % period & 1) != 0; };
    EXPECT_LE(mispredictions(predictor, pattern, 500 * period, 1000), 10u) << "period " << period;
  }
}

TEST(Tage, LearnsABranchThatFollowsAnother) {
  BranchPredictor tage(with("tage")), bimodal(with("bimodal"));
  std::mt19937 random(1);
  u64 wrong_tage = 0, wrong_bimodal = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    const bool first = (random() & 1) != 0;
    for (BranchPredictor* predictor : {&tage, &bimodal}) predictor->predict_and_train(conditional(kPc, first));
    const u64 tage_wrong = is_wrong(tage.predict_and_train(conditional(kPc + 8, !first)));
    const u64 bimodal_wrong = is_wrong(bimodal.predict_and_train(conditional(kPc + 8, !first)));
    if (i < 10'000) continue;
    wrong_tage += tage_wrong;
    wrong_bimodal += bimodal_wrong;
  }
  EXPECT_LT(wrong_tage, 200u);
  EXPECT_GT(wrong_bimodal, 4000u);
}

TEST(Tage, HasGeometricHistories) {
  const branch::Tage tage(
      {.base_entries = 16, .tables = 6, .entries = 16, .tag_bits = 8, .shortest = 4, .longest = 128, .period = 1000});
  for (unsigned n = 0; n < 6; ++n) EXPECT_EQ(tage.history_length(n), u64{4} << n);
}

TEST(Static, TakesBackwardBranches) {
  BranchPredictor predictor(with("static"));
  for (const bool taken : {true, false}) {
    EXPECT_EQ(is_wrong_direction(predictor.predict_and_train(conditional(kPc, taken, kPc - 64))), !taken);
    EXPECT_EQ(is_wrong_direction(predictor.predict_and_train(conditional(kPc, taken, kPc + 64))), taken);
  }
}

/// Nested loops of any sizes, with noise in between: whatever learns is not worse than what does not.
TEST(Predictors, AreNotWorseThanStaticOnLoops) {
  std::mt19937 random(5);
  for (unsigned trial = 0; trial < 20; ++trial) {
    std::array<u64, 3> sizes;
    for (u64& size : sizes) size = 2 + random() % 20;
    std::map<std::string_view, u64> wrong;
    for (const std::string_view name : {"static", "bimodal", "gshare", "tage", "perfect"}) {
      BranchPredictor predictor(with(name));
      const auto branch = [&](unsigned level, bool again) {
        wrong[name] +=
            is_wrong(predictor.predict_and_train(conditional(kPc + level * 0x100, again, kPc + level * 0x100 - 0x20)));
      };
      for (u64 a = 0; a < 2000 / sizes[0]; ++a) {
        for (u64 b = 0; b < sizes[1]; ++b) {
          for (u64 c = 0; c < sizes[2]; ++c) branch(2, c + 1 != sizes[2]);
          branch(1, b + 1 != sizes[1]);
        }
        branch(0, a % sizes[0] != 0);
      }
    }
    EXPECT_LE(wrong["tage"], wrong["static"]) << sizes[1] << ' ' << sizes[2];
    EXPECT_LE(wrong["tage"], wrong["bimodal"]) << sizes[1] << ' ' << sizes[2];
    EXPECT_EQ(wrong["perfect"], 0u);
  }
}

// ---- targets

TEST(TargetBuffer, HoldsAsManyBranchesAsItHasEntries) {
  BranchConfig config = with("static");
  config.btb_sets = 16;
  config.btb_ways = 2;
  const auto unknown = [&](u64 branches) {
    BranchPredictor predictor(config);
    u64 count = 0;
    for (unsigned round = 0; round < 10; ++round) {
      for (u64 i = 0; i < branches; ++i) {
        count += is_unknown_target(predictor.predict_and_train(always(BranchKind::Direct, kPc + 4 * i, kPc)));
      }
    }
    return count;
  };
  EXPECT_EQ(unknown(32), 32u);
  // One more, in turn: LRU loses the three branches of one set each time.
  EXPECT_EQ(unknown(33), 33u + 9 * 3);
}

TEST(TargetBuffer, IsAskedOnlyWhereTheCoreWentTheRightWay) {
  BranchPredictor predictor(with("bimodal"));
  EXPECT_EQ(predictor.predict_and_train(conditional(kPc, true)), Prediction::WrongDirection);
  EXPECT_EQ(predictor.predict_and_train(conditional(kPc, true)), Prediction::Right);  // it learnt the target too
  EXPECT_TRUE(is_unknown_target(predictor.predict_and_train(always(BranchKind::Direct, kPc + 4, kPc))));
}

TEST(TargetBuffer, WithoutWaysKnowsNothing) {
  BranchConfig config = with("static");
  config.btb_ways = 0;
  BranchPredictor predictor(config);
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_TRUE(is_unknown_target(predictor.predict_and_train(always(BranchKind::Direct, kPc, kPc + 8))));
  }
}

u64 wrong_returns(BranchPredictor& predictor, u64 depth) {
  u64 wrong = 0;
  for (u64 i = 0; i < depth; ++i)
    predictor.predict_and_train(always(BranchKind::Call, kPc + 0x1000 * i, kPc + 0x1000 * (i + 1)));
  for (u64 i = depth; i-- > 0;) {
    wrong += is_wrong_target(
        predictor.predict_and_train(always(BranchKind::Return, kPc + 0x1000 * (i + 1) + 0x40, kPc + 0x1000 * i + 4)));
  }
  return wrong;
}

TEST(ReturnStack, HoldsAsManyReturnsAsItIsDeep) {
  BranchConfig config = with("static");
  config.return_stack = 8;
  for (const u64 depth : {1u, 7u, 8u}) {
    BranchPredictor predictor(config);
    EXPECT_EQ(wrong_returns(predictor, depth), 0u) << depth;
  }
  // The calls too many have overwritten the outermost returns.
  for (const u64 depth : {9u, 12u}) {
    BranchPredictor predictor(config);
    EXPECT_EQ(wrong_returns(predictor, depth), depth - 8) << depth;
  }
}

TEST(ReturnStack, WithoutOneAReturnGoesWhereItWentLast) {
  BranchConfig config = with("static");
  config.return_stack = 0;
  config.indirect_entries = 0;
  BranchPredictor predictor(config);
  const auto goes_wrong = [&](u64 target) {
    return is_wrong_target(predictor.predict_and_train(always(BranchKind::Return, kPc, target)));
  };
  EXPECT_TRUE(goes_wrong(0x100));
  EXPECT_FALSE(goes_wrong(0x100));
  EXPECT_TRUE(goes_wrong(0x200));
}

TEST(Indirect, FollowsASequenceOfTargetsByItsHistory) {
  BranchConfig config = with("static");
  const auto wrong = [&](u64 history) {
    config.indirect_history = history;
    BranchPredictor predictor(config);
    constexpr u64 kTargets[] = {0x1000, 0x2000, 0x1000, 0x3000, 0x4000};
    u64 count = 0;
    for (unsigned i = 0; i < 5000; ++i) {
      const bool wrong_now =
          is_wrong_target(predictor.predict_and_train(always(BranchKind::Indirect, kPc, kTargets[i % 5])));
      if (i >= 1000) count += wrong_now;
    }
    return count;
  };
  EXPECT_EQ(wrong(2), 0u);  // what is behind 0x1000 depends on what was before it
  EXPECT_GE(wrong(1), 800u);
  EXPECT_GE(wrong(0), 3000u);
}

// ---- contexts

BranchContext guest(u16 vmid, u16 asid = 0, El el = El::El1) {
  return {.el = el, .guest = true, .vmid = vmid, .asid = asid};
}

/// Whether what one context learnt is used in the other.
bool is_shared(std::string_view tagging, std::string_view isolation, const BranchContext& one,
               const BranchContext& other) {
  BranchConfig config = with("bimodal");
  config.tagging = tagging;
  config.isolation = isolation;
  BranchPredictor predictor(config);
  predictor.set_context(one);
  for (unsigned i = 0; i < 4; ++i) predictor.predict_and_train(conditional(kPc, true));
  predictor.predict_and_train(always(BranchKind::Indirect, kPc + 4, 0x1000));
  predictor.predict_and_train(always(BranchKind::Call, kPc + 8, 0x1000));
  predictor.set_context(other);
  const bool counter = !is_wrong_direction(predictor.predict_and_train(conditional(kPc, true)));
  const bool target = !is_wrong_target(predictor.predict_and_train(always(BranchKind::Indirect, kPc + 4, 0x1000)));
  const bool returns = !is_wrong_target(predictor.predict_and_train(always(BranchKind::Return, 0x1000, kPc + 12)));
  EXPECT_EQ(counter, target);
  EXPECT_EQ(counter, returns);
  return counter;
}

TEST(Contexts, AreApartAsTagged) {
  const BranchContext secure{.el = El::El1, .secure = true}, hypervisor{.el = El::El2};
  for (const char* isolation : {"tagged", "flushed"}) {
    EXPECT_TRUE(is_shared("none", isolation, guest(1), guest(2)));
    EXPECT_TRUE(is_shared("none", isolation, guest(1), secure));
    EXPECT_TRUE(is_shared("security", isolation, guest(1), guest(2)));
    EXPECT_TRUE(is_shared("security", isolation, guest(0), hypervisor));
    EXPECT_FALSE(is_shared("security", isolation, guest(0), secure));
    EXPECT_FALSE(is_shared("vmid", isolation, guest(1), guest(2)));
    EXPECT_FALSE(is_shared("vmid", isolation, guest(0), hypervisor));
    EXPECT_FALSE(is_shared("vmid", isolation, guest(0), secure));
    EXPECT_TRUE(is_shared("vmid", isolation, guest(1, 1), guest(1, 2)));
    EXPECT_TRUE(is_shared("vmid", isolation, guest(1, 0, El::El0), guest(1, 0, El::El1)));
    EXPECT_FALSE(is_shared("vmid", isolation, guest(0), BranchContext{}));
    EXPECT_FALSE(is_shared("asid", isolation, guest(1, 1), guest(1, 2)));
    EXPECT_FALSE(is_shared("asid", isolation, guest(1, 0, El::El0), guest(1, 0, El::El1)));
    EXPECT_TRUE(is_shared("asid", isolation, guest(1, 2), guest(1, 2)));
  }
}

TEST(Contexts, TaggedSurviveAnotherAndFlushedDoNot) {
  for (const bool flushed : {false, true}) {
    BranchConfig config = with("bimodal");
    config.tagging = "vmid";
    config.isolation = flushed ? "flushed" : "tagged";
    BranchPredictor predictor(config);
    const auto goes_wrong = [&] {
      return is_wrong_target(predictor.predict_and_train(always(BranchKind::Indirect, kPc, 0x1000)));
    };
    predictor.set_context(guest(1));
    EXPECT_TRUE(goes_wrong());
    predictor.set_context(guest(2));
    EXPECT_TRUE(goes_wrong());
    predictor.set_context(guest(1));
    EXPECT_EQ(goes_wrong(), flushed);
  }
}

TEST(Contexts, OutOfNumbersAllIsForgotten) {
  BranchConfig config = with("bimodal");
  config.tagging = "vmid";
  BranchPredictor predictor(config);
  const auto goes_wrong = [&](u16 vmid) {
    predictor.set_context(guest(vmid));
    return is_wrong_target(predictor.predict_and_train(always(BranchKind::Indirect, kPc, 0x1000)));
  };
  // The context without a guest was there from the beginning: numbers for 4095 more.
  for (u16 vmid = 1; vmid < 4096; ++vmid) goes_wrong(vmid);
  EXPECT_FALSE(goes_wrong(4095));
  EXPECT_TRUE(goes_wrong(4096));
  EXPECT_TRUE(goes_wrong(4095));
}

TEST(Contexts, AreCountedByThemselves) {
  BranchPredictor predictor(with("static"));
  predictor.set_context(guest(7));
  predictor.predict_and_train(conditional(kPc, true));
  predictor.predict_and_train(conditional(kPc, false));
  predictor.set_context({.el = El::El2});
  predictor.predict_and_train(always(BranchKind::Direct, kPc, kPc + 8));
  predictor.set_context(guest(7, 5));
  predictor.predict_and_train(conditional(kPc, true));

  const auto contexts = predictor.by_context();
  ASSERT_EQ(contexts.size(), 2u);
  const auto& of_guest = contexts[0];
  EXPECT_EQ(of_guest.context.vmid, 7);
  EXPECT_EQ(of_guest.context.el, El::El1);
  const BranchCounts& conditionals = of_guest.counts[static_cast<unsigned>(BranchKind::Conditional)];
  EXPECT_EQ(conditionals.branches, 3u);
  EXPECT_EQ(conditionals.taken, 2u);
  EXPECT_EQ(conditionals.wrong_direction, 2u);
  EXPECT_EQ(contexts[1].context.el, El::El2);
  const BranchCounts& directs = contexts[1].counts[static_cast<unsigned>(BranchKind::Direct)];
  EXPECT_EQ(directs.branches, 1u);
  EXPECT_EQ(directs.unknown_target, 1u);
  EXPECT_EQ(predictor.totals()[static_cast<unsigned>(BranchKind::Conditional)].branches, 3u);
  predictor.restart_statistics();
  EXPECT_TRUE(predictor.by_context().empty());
  EXPECT_EQ(predictor.totals()[0].branches, 3u);  // a performance monitor goes on
}

TEST(BranchPredictor, FlushForgetsEverything) {
  for (const std::string_view name : {"bimodal", "gshare", "tage"}) {
    BranchPredictor used(with(name)), fresh(with(name));
    const auto run = [](BranchPredictor& predictor) {
      std::mt19937 random(3);
      std::vector<bool> wrong;
      for (unsigned i = 0; i < 5000; ++i) {
        const auto kind = static_cast<BranchKind>(random() % kBranchKinds);
        const bool taken = kind != BranchKind::Conditional || (random() & 3) != 0;
        const u64 pc = kPc + random() % 64 * 4, target = kPc + random() % 8 * 64;
        wrong.push_back(is_wrong(predictor.predict_and_train({pc, target, kind, taken})));
      }
      return wrong;
    };
    run(used);
    used.flush();
    EXPECT_EQ(run(used), run(fresh)) << name;
  }
}

TEST(BranchPredictor, RefusesWhatItCannotIndex) {
  const auto keys = [](auto change) {
    BranchConfig config = with("gshare");
    change(config);
    std::string text;
    for (const Complaint& complaint : validate(config)) text += complaint.where + ' ';
    return text;
  };
  EXPECT_EQ(keys([](BranchConfig&) {}), "");
  EXPECT_EQ(keys([](BranchConfig& c) { c.table_entries = 3072, c.history = 1; }), "core.branch.table_entries ");
  EXPECT_EQ(keys([](BranchConfig& c) { c.history = 14; }), "core.branch.history ");
  EXPECT_EQ(keys([](BranchConfig& c) { c.history = 13; }), "");
  EXPECT_EQ(keys([](BranchConfig& c) { c.tage_longest = 8; }), "core.branch.tage.longest ");
  EXPECT_EQ(keys([](BranchConfig& c) { c.btb_sets = 3, c.indirect_entries = 6, c.tage_entries = 5; }),
            "core.branch.tage.entries core.branch.btb.sets core.branch.indirect.entries ");
  BranchConfig config = with("gshare");
  config.btb_sets = 3;
  EXPECT_THROW(BranchPredictor{config}, UserError);
}

}  // namespace
}  // namespace tw::cpu
