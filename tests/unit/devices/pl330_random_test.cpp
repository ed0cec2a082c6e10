// Random programs on all channels against an interpreter that does one thing after the other; random bytes as
// microcode.
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "support/pl330_rig.hpp"

namespace tw::test {
namespace {

using devices::pl330::Config;
using Random = std::mt19937_64;

u64 below(Random& random, u64 limit) { return random() % limit; }

/// What a program does to memory when each instruction is over before the next begins.
struct Reference {
  std::vector<u8>& memory;
  u32 source = 0, destination = 0;
  u32 word = 0;
  std::deque<u8> stream = {};

  struct Half {
    bool moves;
    u32 size, beats;
  };
  static Half half(u32 field) { return {(field & 1) != 0, 1u << (field >> 1 & 7), (field >> 4 & 15) + 1}; }
  /// Address by address: a beat begins at its address and ends before the next multiple of its size.
  template <class Touch>
  static u32 burst(const Half& half, u32 address, Touch touch) {
    for (u32 beat = 0; beat < half.beats; ++beat) {
      u32 at = address;
      do touch(at++);
      while (at % half.size != 0);
      if (half.moves) address = at;
    }
    return address;
  }
  void load() {
    source = burst(half(word), source, [this](u32 at) { stream.push_back(memory[at]); });
  }
  u32 store_bytes() const {
    u32 bytes = 0;
    burst(half(word >> 14), destination, [&](u32) { ++bytes; });
    return bytes;
  }
  void store() {
    destination = burst(half(word >> 14), destination, [this](u32 at) {
      memory[at] = stream.front();
      stream.pop_front();
    });
  }
};

/// Loads from one kilobyte that nobody writes, stores to another that nobody else does.
Microcode random_program(Random& random, Reference& reference, unsigned channel) {
  Microcode program;
  const u32 from = 0x400 * channel, to = 0x4000 + 0x400 * channel;
  u32 instructions = 0;
  for (unsigned section = 0; section < 4; ++section) {
    // Data that are left over go with a change of lane; the reference forgets them, and so does the program's way of
    // asking for it: the destination's lane before and after differ for sure.
    reference.word = control(static_cast<unsigned>(below(random, 4)), static_cast<unsigned>(1 + below(random, 4)),
                             below(random, 4) != 0, below(random, 4) != 0);
    const u32 source_half = static_cast<u32>(1 + 2 * below(random, 4) + 16 * below(random, 4) + 0x200);
    reference.word = (reference.word & ~0x3FFFu) | (below(random, 4) ? source_half : source_half & ~1u);
    program.move_control(control(0, 1)).move_destination(to).move_destination(to + 1).move_control(reference.word);
    reference.stream.clear();
    reference.source = from + static_cast<u32>(below(random, 128));
    reference.destination = to + static_cast<u32>(below(random, 128));
    program.move_source(reference.source).move_destination(reference.destination);
    for (unsigned i = 0; i < 8; ++i, ++instructions) {
      if (reference.stream.size() >= reference.store_bytes() && below(random, 3) != 0) {
        program.store();
        reference.store();
      } else if (reference.stream.size() < 64) {
        program.load();
        reference.load();
      }
      switch (below(random, 12)) {
        case 0:
          program.read_barrier();
          break;
        case 1:
          program.write_barrier();
          break;
        case 2: {
          const auto step = static_cast<unsigned>(below(random, 16));
          program.add_source(step);
          reference.source += step;
          break;
        }
        case 3: {
          const auto step = static_cast<unsigned>(16 * below(random, 3));
          program.add_destination(step);  // the same lane: the data stay
          reference.destination += step;
          break;
        }
        default:
          break;
      }
    }
    program.write_barrier();
  }
  program.end();
  return program;
}

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
    for (u32 i = 0; i < 0x2000; ++i) rig.memory[i] = static_cast<u8>(random());
    std::vector<u8> expected = rig.memory;
    for (unsigned n = 0; n < channels; ++n) {
      Reference reference{expected};
      const Microcode program = random_program(random, reference, n);
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
      Reference reference{scratch};
      rig.go(n, random_program(random, reference, n));
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
