// What the PL330's work takes, as closed formulas of its parameters.
#include <gtest/gtest.h>

#include "support/pl330_rig.hpp"

namespace tw::test {
namespace {

using devices::pl330::Config;

/// Cycles that `program` takes on channel 0 when the microcode's line is there: of a second run with one more of
/// something, the difference counts.
u64 cycles(const Config& config, const Microcode& program, u64 latency = Pl330Rig::kLatency) {
  Pl330Rig rig(config);
  rig.latency = latency;
  rig.go(0, program);
  const u64 taken = rig.run(10'000'000);
  EXPECT_EQ(rig.fault(0), 0u);
  EXPECT_EQ(rig.state(0), 0u);
  return taken;
}

Microcode loads(unsigned count, unsigned beats) {
  Microcode program;
  program.move_source(0).move_control(control(3, beats)).loop(0, count).load().read_barrier().loop_end(0, 2).end();
  return program;
}
Microcode loads_without_barrier(unsigned count, unsigned beats) {
  Microcode program;
  program.move_source(0).move_control(control(3, beats)).loop(0, count).load().loop_end(0, 1).end();
  return program;
}
Microcode copies(unsigned count, unsigned beats) {
  Microcode program;
  program.move_source(0x1000).move_destination(0x3000).move_control(control(3, beats)).loop(0, count).load().store();
  program.loop_end(0, 2).end();
  return program;
}

TEST(Pl330Time, OneInstructionAnInterval) {
  for (const u64 interval : {u64{1}, u64{3}}) {
    for (const u64 ahead : {u64{0}, u64{64}}) {
      Config config;
      config.instruction_interval = interval;
      config.run_ahead = ahead;
      const auto nops = [](unsigned count) { return Microcode().loop(0, count).nop().loop_end(0, 1).end(); };
      EXPECT_EQ(cycles(config, nops(101)) - cycles(config, nops(1)), 100 * 2 * interval);
    }
  }
}

TEST(Pl330Time, AnIsolatedReadWaitsForTheBus) {
  // Request a cycle after the instruction's slot at most, the answer, the data; 1 for the slot of the barrier's end.
  const u64 one = cycles({}, loads(11, 1), 100) - cycles({}, loads(10, 1), 100);
  EXPECT_GE(one, 100u);
  EXPECT_LE(one, 104u);
  EXPECT_EQ(cycles({}, loads(11, 1), 200) - cycles({}, loads(10, 1), 200), one + 100) << "latency, once a load";
}

TEST(Pl330Time, OutstandingReads) {
  const auto each = [](u64 capacity, u64 latency) {
    Config config;
    config.read_capacity = capacity;
    config.mfifo_depth = 1024;
    return (cycles(config, loads_without_barrier(200, 1), latency) -
            cycles(config, loads_without_barrier(100, 1), latency)) /
           100;
  };
  EXPECT_NEAR(static_cast<double>(each(1, 200)), 200, 2);
  EXPECT_NEAR(static_cast<double>(each(4, 200)), 50, 2);
  EXPECT_NEAR(static_cast<double>(each(8, 200)), 25, 2);
}

TEST(Pl330Time, TheDataChannelLimitsACopy) {
  // Enough outstanding: 16 beats a burst on each data channel, which work at the same time.
  EXPECT_EQ(cycles({}, copies(60, 16), 50) - cycles({}, copies(40, 16), 50), 20u * 16);
  Config slow;
  slow.beat_interval = 2;
  EXPECT_EQ(cycles(slow, copies(60, 16), 50) - cycles(slow, copies(40, 16), 50), 20u * 32);
}

TEST(Pl330Time, AShallowMfifoLimitsACopy) {
  Config config;
  config.mfifo_depth = 16;
  // A burst at a time: its read, then the write takes its place as it goes out.
  const u64 each = (cycles(config, copies(40, 16), 200) - cycles(config, copies(20, 16), 200)) / 20;
  EXPECT_GE(each, 200u);
  EXPECT_LE(each, 220u);
}

TEST(Pl330Time, ChannelsShareTheSlots) {
  Config config;
  config.run_ahead = 0;
  Pl330Rig rig(config);
  for (unsigned n = 0; n < 4; ++n) rig.go(n, Microcode().move_source(0).add_source(1).loop_forever(3)), rig.run(5);
  rig.run(8000);
  for (unsigned n = 0; n < 4; ++n) EXPECT_NEAR(rig.source(n), 1000, 40) << n;
}

TEST(Pl330Time, InterruptsComeWhenTheyAreSent) {
  Pl330Rig rig;
  rig.write(0x020, 1);
  rig.go(0, Microcode().loop(0, 256).nop().loop_end(0, 1).send_event(0).end());
  u64 at = 0;
  for (; rig.interrupts == 0 && at < 2000; ++at) rig.run(0), rig.now = at;
  EXPECT_GE(at, 512u + Pl330Rig::kLatency);
  EXPECT_LE(at, 512u + Pl330Rig::kLatency + 16);
}

TEST(Pl330Time, AMissOfOneHoldsUpAnother) {
  // Two threads that miss: the second line is asked for when the first is there (DDI 0424, chapter 2).
  Pl330Rig rig;
  rig.latency = 100;
  rig.go(0, Microcode().wait_event(0));
  rig.run(3);
  rig.go(1, Microcode().wait_event(0));
  rig.run();
  EXPECT_GE(rig.now, 200u);
}

}  // namespace
}  // namespace tw::test
