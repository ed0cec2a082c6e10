// The PL330 against QEMU's: random programs, and one of each kind of fault; memory and registers agree.
#include <gtest/gtest.h>

#include <thread>

#include "diff/pl330/qemu.hpp"
#include "support/pl330_programs.hpp"

namespace tw::test {
namespace {

/// As QEMU's Zynq board has its own: a Secure manager, everything else Secure too.
devices::pl330::Config zynq() {
  devices::pl330::Config config;
  config.events = 16;
  config.peripherals = 4;
  config.mfifo_depth = 256;
  config.cache_lines = 8;
  config.cache_line_bytes = 4;
  config.revision = 2;
  config.manager_nonsecure = false;
  config.events_nonsecure = config.peripherals_nonsecure = 0;
  return config;
}

struct Pl330Diff : testing::Test {
  void SetUp() override {
    qemu = Pl330Qemu::start();
    if (!qemu) GTEST_SKIP() << "SKIPPED: qemu-system-arm is not installed: no oracle";
  }
  u32 ours(u64 offset) { return static_cast<u32>(rig.read(offset, Security::Secure)); }

  static u32 first_word(const Microcode& instruction, unsigned thread) {
    std::vector<u8> code = instruction.bytes();
    code.resize(2);
    const bool is_channel = thread != devices::pl330::kManager;
    return u32{code[1]} << 24 | u32{code[0]} << 16 | (is_channel ? thread << 8 | 1 : 0);
  }
  static u32 second_word(const Microcode& instruction) {
    std::vector<u8> code = instruction.bytes();
    code.resize(6);
    return code[2] | u32{code[3]} << 8 | u32{code[4]} << 16 | u32{code[5]} << 24;
  }
  void debug(unsigned thread, const Microcode& instruction) {
    for (const auto& [offset, value] :
         {std::pair<u64, u32>{0xD08, first_word(instruction, thread)}, {0xD0C, second_word(instruction)}, {0xD04, 0}}) {
      rig.write(offset, value, Security::Secure);
      qemu->write(offset, value);
    }
    rig.run();
  }
  void start(unsigned channel, const Microcode& program, bool non_secure) {
    const u32 at = Pl330Rig::kCode + channel * Pl330Rig::kCodeBytes;
    rig.place(at, program.bytes());
    qemu->set_memory(at, program.bytes());
    debug(devices::pl330::kManager, Microcode().go(channel, non_secure, at));
  }
  /// QEMU's works in its own time.
  bool comes_to_rest(unsigned channel) {
    for (unsigned patience = 0; patience < 5000; ++patience) {
      const u32 state = qemu->read(0x100 + 8 * channel) & 15;
      if (state == 0 || state == 4 || state == 7 || state == 15) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  Pl330Rig rig{zynq()};
  std::unique_ptr<Pl330Qemu> qemu;
};

TEST_F(Pl330Diff, ConfigurationRegisters) {
  for (const u64 offset :
       {0xE00, 0xE04, 0xE08, 0xE0C, 0xE10, 0xE14, 0xFE0, 0xFE4, 0xFE8, 0xFEC, 0xFF0, 0xFF4, 0xFF8, 0xFFC}) {
    EXPECT_EQ(ours(offset), qemu->read(offset)) << std::hex << offset;
  }
}

/// One section: QEMU keeps data behind a discontinuity (models/devices/pl330/README.md).
TEST_F(Pl330Diff, RandomPrograms) {
  const char* const given = std::getenv("TW_SEED");
  const u64 first = given != nullptr ? std::stoull(given) : 1;
  for (u64 seed = first; seed < first + 150; ++seed) {
    Random random(seed);
    rig.place(0x100, std::vector<u8>(0x7F00));
    for (u32 i = 0x100; i < 0x2000; ++i) rig.memory[i] = static_cast<u8>(random());
    qemu->set_memory(0x100, rig.part(0x100, 0x7F00));
    std::vector<u8> scratch = rig.memory;
    const auto channels = static_cast<unsigned>(1 + below(random, 7));
    for (unsigned n = 1; n <= channels; ++n) {
      Pl330Reference reference{scratch};
      start(n, random_program(random, reference, n, 3, Rest::Stored), true);
    }
    rig.run(1'000'000);
    for (unsigned n = 1; n <= channels; ++n) {
      ASSERT_TRUE(comes_to_rest(n)) << "seed " << seed;
      ASSERT_EQ(ours(0x100 + 8 * n), qemu->read(0x100 + 8 * n))
          << "CSR, seed " << seed << std::hex << " FTR " << qemu->read(0x40 + 4 * n) << " CPC "
          << qemu->read(0x104 + 8 * n);
      for (const u64 offset : {0x400, 0x404, 0x408, 0x40C, 0x410}) {
        ASSERT_EQ(ours(offset + 0x20 * n), qemu->read(offset + 0x20 * n)) << std::hex << offset << " seed " << seed;
      }
    }
    ASSERT_EQ(qemu->memory(0x100, 0x7F00), rig.part(0x100, 0x7F00)) << "seed " << seed;
  }
}

/// What QEMU 7.2 does otherwise than the manual; a list that fails when it is stale.
enum class Qemu : u8 {
  Agrees,
  PcBehind,  ///< CPC of a precise abort is behind the instruction, not at it
  NoFault,   ///< a Non-secure channel may program Secure transfers
  GoesOn,    ///< DMAWFP takes every peripheral for one that asks
};
struct Program {
  const char* what;
  bool non_secure;
  Microcode program;  ///< ends with what faults
  unsigned last;      ///< bytes of that
  Qemu qemu;
};

TEST_F(Pl330Diff, FaultsAndWaits) {
  using enum Qemu;
  const u32 secure_read = control(2, 1) & ~(2u << 8), secure_write = control(2, 1) & ~(2u << 22);
  const Program programs[] = {
      {"undefined", true, Microcode().nop().raw({0xFF}), 1, Agrees},
      {"DMAGO of a channel", true, Microcode().nop().go(1, true, 0), 6, PcBehind},
      {"event beyond the configuration", false, Microcode().nop().send_event(16), 2, PcBehind},
      {"event to wait for", false, Microcode().wait_event(31), 2, PcBehind},
      {"peripheral beyond the configuration", false, Microcode().wait_single(5), 2, PcBehind},
      {"to flush", false, Microcode().flush_peripheral(9), 2, PcBehind},
      {"Secure reads", true, Microcode().nop().move_control(secure_read), 6, NoFault},
      {"Secure writes", true, Microcode().move_control(secure_write), 6, NoFault},
      {"Secure event", true, Microcode().send_event(7), 2, PcBehind},
      {"Secure event to wait for", true, Microcode().nop().wait_event(7), 2, PcBehind},
      {"Secure peripheral", true, Microcode().wait_burst(1), 2, PcBehind},
      {"Secure peripheral to load for", true, Microcode().load_peripheral(1, true), 2, PcBehind},
      {"Secure peripheral to flush", true, Microcode().flush_peripheral(1), 2, PcBehind},
      {"waits for an event", false, Microcode().nop().wait_event(9), 2, Agrees},
      {"waits for a peripheral, single", false, Microcode().wait_single(2), 2, GoesOn},
      {"waits for a peripheral, burst", false, Microcode().wait_burst(3), 2, GoesOn},
      {"waits for a peripheral, any", false, Microcode().wait_peripheral(1), 2, GoesOn},
      {"sends an event", false, Microcode().send_event(3).wait_event(3).wait_event(3), 2, Agrees},
      {"loops", false,
       Microcode().move_source(0).loop(0, 7).loop(1, 3).add_source(5).loop_end(1, 3).loop_end(0, 7).wait_event(0), 2,
       Agrees},
      {"negative", false,
       Microcode()
           .move_source(0x100)
           .move_destination(4)
           .add_negative_source(0xFFF0)
           .add_negative_destination(0xFFF0)
           .wait_event(0),
       2, Agrees},
  };
  for (const Program& one : programs) {
    start(2, Microcode(one.program).wait_event(8), one.non_secure);
    rig.run();
    ASSERT_TRUE(comes_to_rest(2)) << one.what;
    const u32 state = ours(0x110), theirs = qemu->read(0x110);
    switch (one.qemu) {
      case Agrees:
      case PcBehind:
        EXPECT_EQ(state, theirs) << one.what << ": CSR";
        EXPECT_EQ(ours(0x048), qemu->read(0x048)) << one.what << ": FTR";
        EXPECT_EQ(ours(0x114) + (one.qemu == PcBehind ? one.last : 0), qemu->read(0x114)) << one.what << ": CPC";
        for (const u64 offset : {0x024, 0x028, 0x030, 0x034, 0x440, 0x444, 0x44C, 0x450}) {
          EXPECT_EQ(ours(offset), qemu->read(offset)) << one.what << std::hex << ": " << offset;
        }
        break;
      case NoFault:
        EXPECT_EQ(ours(0x048), 1u << 7) << one.what << ": ch_rdwr_err";
        EXPECT_NE(qemu->read(0x048), 1u << 7) << one.what << ": QEMU faults now, take it out of the list";
        break;
      case GoesOn:
        EXPECT_EQ(state & 15, 7u) << one.what;
        EXPECT_NE(theirs & 15, 7u) << one.what << ": QEMU waits now, take it out of the list";
        break;
    }
    debug(2, Microcode().kill());
    ASSERT_TRUE(comes_to_rest(2)) << one.what;
    EXPECT_EQ(ours(0x110) & 15, 0u) << one.what;
    EXPECT_EQ(qemu->read(0x110) & 15, 0u) << one.what;
    EXPECT_EQ(ours(0x034), qemu->read(0x034)) << one.what << ": FSRC";
  }
}

TEST_F(Pl330Diff, EventsAndInterrupts) {
  const auto compare = [this](const char* what) {
    for (const u64 offset : {0x020, 0x024, 0x028, 0x030, 0x034, 0x038}) {
      EXPECT_EQ(ours(offset), qemu->read(offset)) << what << std::hex << ": " << offset;
    }
  };
  const auto put = [this](u64 offset, u32 value) {
    rig.write(offset, value, Security::Secure);
    qemu->write(offset, value);
  };
  put(0x020, 0x8005);
  compare("INTEN");
  for (const unsigned event : {0u, 1u, 2u, 15u}) debug(devices::pl330::kManager, Microcode().send_event(event));
  compare("events sent");
  put(0x02C, 0x0003);
  compare("INTCLR");
  start(3, Microcode().wait_event(1).end(), false);
  ASSERT_TRUE(comes_to_rest(3));
  compare("the event is taken");
  EXPECT_EQ(ours(0x118) & 15, qemu->read(0x118) & 15);
  debug(devices::pl330::kManager, Microcode().send_event(16));
  compare("an event that is not there");
  debug(devices::pl330::kManager, Microcode().kill());
  compare("the manager is killed");
}

}  // namespace
}  // namespace tw::test
