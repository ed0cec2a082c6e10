// Phases: what follows what, and at which instruction.
#include <gtest/gtest.h>

#include "platforms/region/plan.hpp"

namespace tw::region {
namespace {

constexpr u64 kNever = ~u64{0};

Position at(u64 instructions) {
  return {.instructions = instructions, .picoseconds = instructions * 10, .idle_cycles = 0};
}
Mark mark(const char* text) { return parse_mark(text, ""); }

/// Goes on instruction by instruction and writes a letter each: functional, warm-up, measured.
std::string phases(Plan& plan, u64 instructions) {
  std::string letters;
  for (u64 i = 0; i < instructions; ++i) {
    while (plan.left(i) == 0) EXPECT_TRUE(plan.advance(at(i)));
    letters += "FWM"[static_cast<unsigned>(plan.phase())];
  }
  plan.finish(at(instructions));
  return letters;
}

TEST(Plan, APlainRunIsFunctionalAndMeasured) {
  Plan plan({});
  EXPECT_EQ(plan.left(0), kNever);
  EXPECT_EQ(plan.phase(), Phase::Measured);
  EXPECT_FALSE(plan.timed());
  EXPECT_EQ(plan.awaited(), nullptr);
}

TEST(Plan, ATimedRunIsTimedFromTheStart) {
  Plan plan({.timed = true});
  EXPECT_TRUE(plan.timed());
  EXPECT_EQ(phases(plan, 5), "MMMMM");
  ASSERT_EQ(plan.spans().size(), 1u);
  EXPECT_EQ(plan.spans()[0].begin.instructions, 0u);
  EXPECT_EQ(plan.spans()[0].end.instructions, 5u);
}

TEST(Plan, CountedMarksAreCountedFromWhereTheyAreWaitedFor) {
  Plan once({.from = mark("instructions:3"), .until = mark("instructions:2")});
  EXPECT_EQ(phases(once, 12), "FFFMMFFFFFFF");
  Plan again({.from = mark("instructions:3"), .until = mark("instructions:2"), .repeat = true});
  EXPECT_EQ(phases(again, 12), "FFFMMFFFMMFF");
  ASSERT_EQ(again.spans().size(), 2u);
  EXPECT_EQ(again.spans()[1].begin.instructions, 8u);
  EXPECT_EQ(again.spans()[1].end.picoseconds, 100u);
}

/// From anywhere but 0 on, a count beyond 64 bits came round to what had long been reached.
TEST(Plan, CountsThatAreNeverReached) {
  Plan until({.from = mark("instructions:3"), .until = mark("instructions:18446744073709551615")});
  EXPECT_EQ(phases(until, 8), "FFFMMMMM");
  Plan sampled(
      {.from = mark("instructions:3"), .sampling = Sampling{.period = ~u64{0}, .warm = 1, .measure = ~u64{0} - 1}});
  EXPECT_EQ(phases(sampled, 8), "FFFWMMMM");
  Plan warm({.from = mark("instructions:3"), .warm_up = ~u64{0} - 1});
  EXPECT_EQ(phases(warm, 8), "FFFWWWWW");
}

TEST(Plan, TheWarmUpIsNotMeasured) {
  Plan plan({.from = mark("instructions:2"), .until = mark("instructions:3"), .warm_up = 2});
  EXPECT_EQ(phases(plan, 9), "FFWWMMMFF");
  Plan timed({.timed = true, .warm_up = 4});
  EXPECT_EQ(phases(timed, 6), "WWWWMM");
  EXPECT_TRUE(timed.timed());
}

TEST(Plan, MarksBeginAndEnd) {
  Plan plan({.from = mark("hint:1"), .until = mark("hint:2"), .warm_up = 3});
  EXPECT_TRUE(plan.never_began());
  ASSERT_NE(plan.awaited(), nullptr);
  EXPECT_EQ(plan.awaited()->number, 1u);
  plan.reached(at(10));
  EXPECT_EQ(plan.phase(), Phase::WarmUp);
  EXPECT_EQ(plan.awaited()->number, 2u);
  EXPECT_EQ(plan.left(11), 2u);
  plan.reached(at(12));  // ends before it was warm: nothing is measured
  EXPECT_EQ(plan.phase(), Phase::Functional);
  EXPECT_FALSE(plan.timed());
  EXPECT_EQ(plan.awaited(), nullptr);
  EXPECT_TRUE(plan.spans().empty());
  const u64 number = plan.number();
  plan.reached(at(13));
  EXPECT_EQ(plan.number(), number);
}

TEST(Plan, SamplesFollowOneAnother) {
  Plan plan({.sampling = Sampling{.period = 6, .warm = 2, .measure = 1}});
  EXPECT_EQ(phases(plan, 14), "FFFWWMFFFWWMFF");
  EXPECT_EQ(plan.intervals(), 2u);
  Plan cold({.sampling = Sampling{.period = 3, .warm = 0, .measure = 1}});
  EXPECT_EQ(phases(cold, 7), "FFMFFMF");
  Plan dense({.sampling = Sampling{.period = 2, .warm = 0, .measure = 2}});
  EXPECT_EQ(phases(dense, 6), "MMMMMM");
  EXPECT_EQ(dense.intervals(), 3u);
  Plan warm({.sampling = Sampling{.period = 3, .warm = 2, .measure = 1}});
  EXPECT_EQ(phases(warm, 7), "WWMWWMW");
}

TEST(Plan, SamplesInsideARegion) {
  Plan plan({.from = mark("instructions:2"),
             .until = mark("instructions:7"),
             .repeat = true,
             .sampling = Sampling{.period = 4, .warm = 1, .measure = 1}});
  EXPECT_EQ(phases(plan, 15), "FFFFWMFFWFFFFWM");
  ASSERT_EQ(plan.spans().size(), 2u);
  EXPECT_EQ(plan.spans()[0].begin.instructions, 2u);
  EXPECT_EQ(plan.spans()[0].end.instructions, 9u);
}

}  // namespace
}  // namespace tw::region
