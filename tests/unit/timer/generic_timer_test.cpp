#include "timer/generic_timer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tw::timer {
namespace {

using arm::TimerRegister;

struct Bench : CounterSource, TimerOutputs {
  u64 now = 1000;
  std::vector<std::pair<Timer, bool>> edges;
  GenericTimer timer{Config{}, *this, *this};

  u64 count() const override { return now; }
  void set(Timer which, bool level) override { edges.emplace_back(which, level); }
  void advance_to(u64 count) {
    now = count;
    timer.update();
  }
};

struct Registers {
  Timer timer;
  TimerRegister ctl, cval, tval;
};
constexpr Registers kAll[] = {
    {Timer::Physical, TimerRegister::CntpCtl, TimerRegister::CntpCval, TimerRegister::CntpTval},
    {Timer::Virtual, TimerRegister::CntvCtl, TimerRegister::CntvCval, TimerRegister::CntvTval},
    {Timer::Hypervisor, TimerRegister::CnthpCtl, TimerRegister::CnthpCval, TimerRegister::CnthpTval},
    {Timer::SecurePhysical, TimerRegister::CntpsCtl, TimerRegister::CntpsCval, TimerRegister::CntpsTval},
};

class EachTimer : public testing::TestWithParam<Registers> {};
INSTANTIATE_TEST_SUITE_P(All, EachTimer, testing::ValuesIn(kAll));

TEST_P(EachTimer, FiresExactlyAtItsCompareValue) {
  Bench bench;
  const auto [which, ctl, cval, tval] = GetParam();
  bench.timer.write(cval, 1500);
  bench.timer.write(ctl, 1);
  EXPECT_EQ(bench.timer.next_output_change(), 1500u);
  bench.advance_to(1499);
  EXPECT_TRUE(bench.edges.empty());
  EXPECT_EQ(bench.timer.read(ctl), 1u);
  bench.advance_to(1500);
  ASSERT_EQ(bench.edges.size(), 1u);
  EXPECT_EQ(bench.edges[0], std::pair(which, true));
  EXPECT_EQ(bench.timer.read(ctl), 5u);
}

TEST_P(EachTimer, MaskHidesTheOutputButNotTheStatus) {
  Bench bench;
  const auto [which, ctl, cval, tval] = GetParam();
  bench.timer.write(cval, 10);
  bench.timer.write(ctl, 3);
  EXPECT_TRUE(bench.edges.empty());
  EXPECT_EQ(bench.timer.read(ctl), 7u);
  EXPECT_EQ(bench.timer.next_output_change(), std::nullopt);
  bench.timer.write(ctl, 1);
  bench.timer.write(ctl, 3);
  ASSERT_EQ(bench.edges.size(), 2u);
  EXPECT_EQ(bench.edges[1], std::pair(which, false));
}

TEST_P(EachTimer, TimerValueIsASignedViewOfTheDistance) {
  Bench bench;
  const auto [which, ctl, cval, tval] = GetParam();
  bench.timer.write(tval, 100);
  EXPECT_EQ(bench.timer.read(cval), 1100u);
  bench.now = 1200;
  EXPECT_EQ(bench.timer.read(tval), 0xFFFFFF9Cu);  // -100
  bench.timer.write(tval, 0xFFFFFFFF);             // -1
  EXPECT_EQ(bench.timer.read(cval), 1199u);
}

TEST_P(EachTimer, DisablingLowersTheOutput) {
  Bench bench;
  const auto [which, ctl, cval, tval] = GetParam();
  bench.timer.write(ctl, 1);  // compare value 0: met at once
  bench.timer.write(ctl, 0);
  ASSERT_EQ(bench.edges.size(), 2u);
  EXPECT_EQ(bench.edges[1], std::pair(which, false));
  EXPECT_EQ(bench.timer.read(ctl), 0u);
}

TEST(GenericTimer, VirtualCountIsOffset) {
  Bench bench;
  bench.timer.write(TimerRegister::CntVoff, 400);
  EXPECT_EQ(bench.timer.read(TimerRegister::CntVct), 600u);
  EXPECT_EQ(bench.timer.read(TimerRegister::CntPct), 1000u);
  bench.timer.write(TimerRegister::CntvCval, 700);
  bench.timer.write(TimerRegister::CntvCtl, 1);
  EXPECT_EQ(bench.timer.next_output_change(), 1100u);
  bench.advance_to(1099);
  EXPECT_TRUE(bench.edges.empty());
  bench.advance_to(1100);
  EXPECT_EQ(bench.edges.size(), 1u);
}

TEST(GenericTimer, MovingTheOffsetMovesTheOutput) {
  Bench bench;
  bench.timer.write(TimerRegister::CntvCval, 900);
  bench.timer.write(TimerRegister::CntvCtl, 1);
  EXPECT_EQ(bench.edges.size(), 1u);
  bench.timer.write(TimerRegister::CntVoff, 500);
  ASSERT_EQ(bench.edges.size(), 2u);
  EXPECT_FALSE(bench.edges[1].second);
}

TEST(GenericTimer, ConditionEndsWhenTheVirtualCountWraps) {
  Bench bench;
  bench.timer.write(TimerRegister::CntVoff, 1010);  // view is -10
  bench.timer.write(TimerRegister::CntvCval, 5);
  bench.timer.write(TimerRegister::CntvCtl, 1);
  EXPECT_TRUE(bench.timer.output(Timer::Virtual));
  EXPECT_EQ(bench.timer.next_output_change(), 1010u);
  bench.advance_to(1010);
  EXPECT_FALSE(bench.timer.output(Timer::Virtual));
  EXPECT_EQ(bench.timer.next_output_change(), 1015u);
}

TEST(GenericTimer, EarliestOfAllTimersIsNext) {
  Bench bench;
  bench.timer.write(TimerRegister::CntpCval, 3000);
  bench.timer.write(TimerRegister::CnthpCval, 2000);
  bench.timer.write(TimerRegister::CntpCtl, 1);
  bench.timer.write(TimerRegister::CnthpCtl, 1);
  EXPECT_EQ(bench.timer.next_output_change(), 2000u);
}

TEST(GenericTimer, StreamEventsComeOncePerPeriodOfTheTriggerBit) {
  Bench bench;
  EXPECT_EQ(bench.timer.next_stream_event(), std::nullopt);
  bench.timer.write(TimerRegister::CntkCtl, 1u << 2 | 4u << 4);  // EVNTEN, EVNTI = 4, rising: counts 16 mod 32
  EXPECT_EQ(bench.timer.next_stream_event(), 1008u);             // 1008 = 31 * 32 + 16
  bench.now = 1008;
  EXPECT_EQ(bench.timer.next_stream_event(), 1040u);
  bench.timer.write(TimerRegister::CntkCtl, 1u << 2 | 1u << 3 | 4u << 4);  // falling: counts 0 mod 32
  EXPECT_EQ(bench.timer.next_stream_event(), 1024u);
}

TEST(GenericTimer, KernelStreamFollowsTheVirtualCountAndHypervisorStreamThePhysical) {
  Bench bench;
  bench.timer.write(TimerRegister::CntVoff, 8);
  bench.timer.write(TimerRegister::CntkCtl, 1u << 2 | 4u << 4);
  EXPECT_EQ(bench.timer.next_stream_event(), 1016u);
  bench.timer.write(TimerRegister::CnthCtl, 1u << 2 | 4u << 4);
  EXPECT_EQ(bench.timer.next_stream_event(), 1008u);
}

TEST(GenericTimer, FrequencyIsTheParameterUntilFirmwareWritesIt) {
  Bench bench;
  EXPECT_EQ(bench.timer.read(TimerRegister::CntFrq), 62'500'000u);
  bench.timer.write(TimerRegister::CntFrq, 24'000'000);
  EXPECT_EQ(bench.timer.read(TimerRegister::CntFrq), 24'000'000u);
  bench.timer.reset();
  EXPECT_EQ(bench.timer.read(TimerRegister::CntFrq), 62'500'000u);
}

TEST(GenericTimer, PpisAreThoseOfTheBaseSystemArchitecture) {
  EXPECT_EQ(ppi_of(Timer::Hypervisor), 26u);
  EXPECT_EQ(ppi_of(Timer::Virtual), 27u);
  EXPECT_EQ(ppi_of(Timer::SecurePhysical), 29u);
  EXPECT_EQ(ppi_of(Timer::Physical), 30u);
}

}  // namespace
}  // namespace tw::timer
