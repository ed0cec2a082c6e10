// Random programs on all channels against an interpreter that does one thing after the other; random bytes as
// microcode.
#include <gtest/gtest.h>

#include "support/pl330_programs.hpp"

namespace tw::test {
namespace {

using devices::pl330::Config;

TEST(Pl330Random, ProgramsDoWhatTheyDoOneByOne) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const auto channels = static_cast<unsigned>(1 + below(random, 8));
    Config config;
    config.mfifo_depth = 128 * channels;  // for what each of them may have loaded at most
    config.read_capacity = 1 + below(random, 8);
    config.write_capacity = 1 + below(random, 8);
    config.read_queue = 1 + below(random, 16);
    config.write_queue = 1 + below(random, 16);
    config.cache_lines = 1 + below(random, 16);
    config.cache_line_bytes = u64{4} << below(random, 4);
    config.data_width = u64{64} << below(random, 2);
    config.run_ahead = below(random, 2) * 64;
    Pl330Rig rig(config);
    rig.latency = below(random, 60);
    if (below(random, 2) != 0) rig.jitter = [&random] { return below(random, 100); };
    for (u32 i = 0; i < 0x2000; ++i) rig.memory[i] = static_cast<u8>(random());
    std::vector<u8> expected = rig.memory;
    for (unsigned n = 0; n < channels; ++n) {
      Pl330Reference reference{expected};
      const Microcode program = random_program(random, reference, n, 4, Rest::Forgotten);
      ASSERT_LE(program.bytes().size(), Pl330Rig::kCodeBytes);
      rig.go(n, program);
      rig.run(2 + below(random, 100));  // DBGSTATUS is idle again
    }
    rig.run(1'000'000);
    for (unsigned n = 0; n < channels; ++n) {
      ASSERT_EQ(rig.state(n), 0u) << "seed " << seed << " channel " << n << " fault " << std::hex << rig.fault(n);
    }
    ASSERT_TRUE(std::equal(expected.begin(), expected.begin() + 0x8000, rig.memory.begin())) << "seed " << seed;
  }
}

/// Whatever is executed: time passes, and a kill stops everything.
TEST(Pl330Random, GarbageNeitherHangsNorCrashes) {
  const auto& rows = devices::pl330::instruction_rows();
  for (unsigned seed = 0; seed < 300; ++seed) {
    Random random(seed);
    Config config;
    config.peripherals = below(random, 33);
    config.events = 1 + below(random, 32);
    config.mfifo_depth = 1 + below(random, 64);
    config.watchdog = 100;
    config.channels = 1 + below(random, 8);
    Pl330Rig rig(config);
    for (u8& byte : rig.memory) byte = static_cast<u8>(random());
    // More instructions than chance gives.
    for (u32 i = 0; i + 6 < Pl330Rig::kBytes; i += 1 + static_cast<u32>(below(random, 6))) {
      const auto& row = rows[below(random, rows.size())];
      rig.memory[i] = static_cast<u8>(row.match | (random() & ~row.mask));
    }
    for (unsigned round = 0; round < 40; ++round) {
      const auto channel = static_cast<unsigned>(below(random, 8));
      rig.debug(false, channel, Microcode().go(channel, true, static_cast<u32>(below(random, 0x1'0000))));
      rig.run(200);
      if (below(random, 4) == 0) rig.debug(true, channel, Microcode().kill());
      if (below(random, 4) == 0) rig.write(4 * below(random, 0x400), random() & 0xFFFF'FFFF);
      if (config.peripherals != 0) {
        rig.dmac.request(static_cast<unsigned>(below(random, config.peripherals)),
                         {.burst = below(random, 2) != 0, .last = below(random, 2) != 0});
      }
    }
    rig.run(10);  // DBGSTATUS is idle
    for (unsigned n = 0; n < config.channels; ++n) {
      rig.debug(true, n, Microcode().kill());
      rig.run(2000);
      ASSERT_EQ(rig.state(n), 0u) << "seed " << seed << " channel " << n;
    }
    rig.debug(false, 0, Microcode().kill());
    rig.run(2000);
    EXPECT_FALSE(rig.abort) << seed;
    // And it works.
    rig.pattern(0x100, 64);
    rig.go(0, Microcode().move_source(0x100).move_destination(0x200).move_control(control(2, 1)).load().store().end());
    rig.run();
    ASSERT_EQ(rig.part(0x200, 4), rig.part(0x100, 4)) << seed;
  }
}

TEST(Pl330Random, EqualRunsAreEqual) {
  const auto run = [] {
    Random random(7);
    Pl330Rig rig;
    for (u32 i = 0; i < 0x2000; ++i) rig.memory[i] = static_cast<u8>(random());
    std::vector<u8> scratch = rig.memory;
    for (unsigned n = 0; n < 8; ++n) {
      Pl330Reference reference{scratch};
      rig.go(n, random_program(random, reference, n, 4, Rest::Forgotten));
      rig.run(10);
    }
    rig.run(1'000'000);
    std::vector<u64> trace{rig.now};
    for (const auto& transaction : rig.log) trace.push_back(transaction.address.value);
    return trace;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace tw::test
