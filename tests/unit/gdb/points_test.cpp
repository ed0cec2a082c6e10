// When breakpoints are in force, and what becomes of a step that gdb does behind a watchpoint.
#include <gtest/gtest.h>

#include "platforms/gdb/packets.hpp"
#include "support/control_target.hpp"

namespace tw::gdb {
namespace {

/// Keeps numbers, as a real one does.
class NumberingTarget : public control::test::FakeTarget {
 public:
  u64 add_breakpoint(const control::Breakpoint& what) override {
    points.push_back(what);
    points.back().number = ++last_;
    return last_;
  }
  void delete_breakpoint(u64 number) override {
    ASSERT_EQ(std::erase_if(points, [&](const auto& point) { return point.number == number; }), 1U);
  }

 private:
  u64 last_ = 0;
};

class GdbPoints : public testing::Test {
 protected:
  NumberingTarget target_;
  Description description_{target_};
  Attached attached_{.target = target_, .description = description_};
  std::string ask(const std::string& packet) { return serve(attached_, packet).body; }
  After after(const std::string& packet) { return serve(attached_, packet).after; }
};

TEST_F(GdbPoints, AreInForceWhenTheRunGoesOn) {
  EXPECT_EQ(ask("Z0,4000,4"), "OK");
  EXPECT_EQ(ask("Z1,4000,4"), "OK");
  EXPECT_EQ(ask("Z3,8000,10"), "OK");
  EXPECT_TRUE(target_.points.empty());
  EXPECT_EQ(after("c"), After::Go);
  ASSERT_EQ(target_.points.size(), 3U);
  EXPECT_EQ(target_.points[2].bytes, 0x10U);
  EXPECT_TRUE(target_.points[2].reads);
  EXPECT_FALSE(target_.points[2].writes);
  EXPECT_EQ(ask("z0,4000,4"), "OK");
  EXPECT_EQ(after("c"), After::Go);
  EXPECT_EQ(target_.points.size(), 2U);
}

TEST_F(GdbPoints, StayForTheOthersWhileOneCoreIsSteppedOffOne) {
  ask("Z0,4000,4");
  ask("c");
  ask("z0,4000,4");
  EXPECT_EQ(after("vCont;s:1"), After::Go);
  ASSERT_EQ(target_.points.size(), 1U);
  EXPECT_EQ(target_.points[0].address, 0x4000U);
  EXPECT_EQ(target_.points[0].core, 1U);
  EXPECT_EQ(target_.goal.steps, 1U);
  EXPECT_EQ(target_.goal.core, 0U);
  // All of them go on: what a debugger has taken away is away.
  EXPECT_EQ(after("vCont;s:1;c"), After::Go);
  EXPECT_TRUE(target_.points.empty());
}

TEST_F(GdbPoints, StepBehindAWatchpointHasBeenDone) {
  ask("Z2,8000,8");
  ask("c");
  attached_.stop = {
      .reason = control::StopReason::Watchpoint, .address = 0x8004, .breakpoint = target_.points[0].number};
  attached_.passed = attached_.points.find(attached_.stop.breakpoint);
  EXPECT_EQ(stop_reply(attached_).substr(0, 24), "T05thread:1;watch:8004;1");
  ask("z2,8000,8");
  target_.goal = {};
  EXPECT_EQ(after("vCont;s:1"), After::Stand);
  EXPECT_FALSE(target_.goal.steps);
  EXPECT_EQ(after("vCont;s:1"), After::Go);  // the next one is one
  EXPECT_EQ(target_.goal.steps, 1U);
}

TEST_F(GdbPoints, StepIsOneWhereTheWatchpointStays) {
  ask("Z2,8000,8");
  ask("c");
  attached_.stop = {.reason = control::StopReason::Watchpoint, .breakpoint = target_.points[0].number};
  attached_.passed = attached_.points.find(attached_.stop.breakpoint);
  EXPECT_EQ(after("s"), After::Go);
}

TEST_F(GdbPoints, OfAStepThatCannotBeAreNotTouched) {
  struct Refusing final : NumberingTarget {
    void set_goal(const control::Goal&) override { throw UserError(Complaint{"core", "core 1 is not powered on"}); }
  } refusing;
  Attached attached{.target = refusing, .description = description_};
  serve(attached, "Z0,4000,4");
  const Answer answer = serve(attached, "vCont;s:2");
  EXPECT_EQ(answer.after, After::Stay);
  EXPECT_EQ(answer.body, "E.core 1 is not powered on");
  EXPECT_TRUE(refusing.points.empty());
}

}  // namespace
}  // namespace tw::gdb
