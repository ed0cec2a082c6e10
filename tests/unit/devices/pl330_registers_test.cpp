// The PL330's registers and its debug interface against DDI 0424, chapter 3.
#include <gtest/gtest.h>

#include "support/pl330_rig.hpp"

namespace tw::test {
namespace {

constexpr u64 kDbgStatus = 0xD00, kDbgCmd = 0xD04;

TEST(Pl330Registers, RowsAreSortedAndDisjoint) {
  u64 end = 0;
  for (const auto& row : devices::pl330::Pl330::rows()) {
    EXPECT_GE(row.offset, end) << row.name;
    end = row.offset + row.bytes;
  }
  EXPECT_EQ(end, devices::pl330::Pl330::kFrameBytes);
}

TEST(Pl330Registers, AfterReset) {
  Pl330Rig rig;
  for (u64 offset = 0; offset < 0x1000; offset += 4) {
    const u64 value = rig.read(offset);
    if (offset == 0) {
      EXPECT_EQ(value, 0x200u);
    } else if (offset >= 0xE00) {
      continue;  // below
    } else {
      EXPECT_EQ(value, 0u) << std::hex << offset;
    }
  }
  // The primecell id that Linux's driver and its bus look for is 0x0004'1330 under the mask 0x000f'ffff.
  u64 identification = 0, cell = 0;
  for (unsigned n = 0; n < 4; ++n) {
    identification |= rig.read(0xFE0 + 4 * n) << (8 * n);
    cell |= rig.read(0xFF0 + 4 * n) << (8 * n);
  }
  EXPECT_EQ(identification, 0x0034'1330u) << "r1p2";
  EXPECT_EQ(cell, 0xB105'F00Du);
}

TEST(Pl330Registers, ConfigurationRegisters) {
  devices::pl330::Config config;
  EXPECT_EQ(Pl330Rig(config).read(0xE00), 7u << 17 | 1u << 2 | 7u << 4) << "CR0: 8 events, 8 channels, no peripherals";
  EXPECT_EQ(Pl330Rig(config).read(0xE04), 15u << 4 | 5) << "CR1: 16 lines of 32 bytes";
  EXPECT_EQ(Pl330Rig(config).read(0xE14), 511u << 20 | 15u << 16 | 7u << 12 | 15u << 8 | 7u << 4 | 3) << "CRD";
  EXPECT_EQ(Pl330Rig(config).read(0xE0C), 0xFFu) << "CR3";
  EXPECT_EQ(Pl330Rig(config).read(0xE10), 0u) << "CR4";
  config.channels = 3;
  config.events = 32;
  config.peripherals = 5;
  config.manager_nonsecure = false;
  config.data_width = 128;
  config.cache_line_bytes = 4;
  config.cache_lines = 1;
  config.peripherals_nonsecure = 0x15;
  config.boot_address = 0x1234;
  EXPECT_EQ(Pl330Rig(config).read(0xE00), 31u << 17 | 4u << 12 | 2u << 4 | 1);
  EXPECT_EQ(Pl330Rig(config).read(0xE04), 2u);
  EXPECT_EQ(Pl330Rig(config).read(0xE08), 0x1234u);
  EXPECT_EQ(Pl330Rig(config).read(0xE0C), 0xFFFF'FFFFu);
  EXPECT_EQ(Pl330Rig(config).read(0xE10), 0x15u);
  EXPECT_EQ(Pl330Rig(config).read(0xE14) & 7, 4u);
}

TEST(Pl330Registers, ValidateFindsWhatRowsCannotSay) {
  devices::pl330::Config config;
  EXPECT_TRUE(devices::pl330::validate(config).empty());
  config.data_width = 96;
  config.cache_line_bytes = 12;
  EXPECT_EQ(devices::pl330::validate(config).size(), 2u);
}

TEST(Pl330Registers, InterruptEnableAndClear) {
  Pl330Rig rig;
  rig.write(0x020, 0xFFFF'FFFF);
  EXPECT_EQ(rig.read(0x020), 0xFFu) << "as many as there are events";
  rig.debug(false, 0, Microcode().send_event(1));
  rig.run();
  rig.debug(false, 0, Microcode().send_event(3));
  rig.run();
  EXPECT_EQ(rig.interrupts, 10u);
  rig.write(0x02C, 2);
  EXPECT_EQ(rig.interrupts, 8u);
  EXPECT_EQ(rig.read(0x028), 8u);
  rig.write(0x020, 0);
  EXPECT_EQ(rig.interrupts, 0u) << "a resource that is an event drives no wire";
}

TEST(Pl330Debug, BusyUntilItIsExecuted) {
  Pl330Rig rig;
  rig.debug(false, 0, Microcode().send_event(0));
  EXPECT_EQ(rig.read(kDbgStatus), 0u) << "in this cycle there was a slot";
  rig.debug(false, 0, Microcode().send_event(1));
  EXPECT_EQ(rig.read(kDbgStatus), 1u) << "there is one a cycle";
  rig.run();
  EXPECT_EQ(rig.read(kDbgStatus), 0u);
  EXPECT_EQ(rig.read(0x024), 3u);
}

TEST(Pl330Debug, OtherInstructionsAreUndefined) {
  for (const Microcode& instruction : {Microcode().nop(), Microcode().load(), Microcode().end(),
                                       Microcode().raw({0xFF}), Microcode().go(1, true, 0)}) {
    Pl330Rig rig;
    rig.go(0, Microcode().wait_event(0));
    rig.run();
    rig.debug(true, 0, instruction);
    rig.run();
    EXPECT_EQ(rig.state(0), 15u);
    EXPECT_EQ(rig.fault(0), 1u << 30 | 1u);
  }
}

TEST(Pl330Debug, OnlyTheCommandExecute) {
  Pl330Rig rig;
  rig.write(0xD08, 0x34 << 16);
  rig.write(kDbgCmd, 1);
  rig.run();
  EXPECT_EQ(rig.read(0x024), 0u) << "reserved commands do nothing";
  EXPECT_EQ(rig.read(0xD08), 0u) << "write-only";
}

TEST(Pl330Debug, KillStopsThreadsInAnyState) {
  for (const Microcode& program :
       {Microcode().nop().loop_forever(1), Microcode().wait_event(0), Microcode().wait_event(0).send_event(31)}) {
    Pl330Rig rig;
    rig.go(4, program);
    rig.run(300);
    rig.debug(true, 4, Microcode().kill());
    rig.run(300);
    EXPECT_EQ(rig.state(4), 0u);
  }
}

TEST(Pl330Security, TheNonSecureInterface) {
  devices::pl330::Config config;
  config.manager_nonsecure = false;
  config.events_nonsecure = 0x0F;
  Pl330Rig rig(config);
  // The Secure manager starts a Secure and a Non-secure channel; the Non-secure side cannot make it do so.
  rig.debug(false, 0, Microcode().go(0, true, Pl330Rig::kCode), Security::NonSecure);
  rig.run();
  EXPECT_EQ(rig.read(0x100, Security::Secure), 0u);
  rig.place(Pl330Rig::kCode, Microcode().move_source(5).wait_event(6).bytes());
  rig.place(Pl330Rig::kCode + 64, Microcode().move_source(5).wait_event(2).bytes());
  rig.debug(false, 0, Microcode().go(0, false, Pl330Rig::kCode), Security::Secure);
  rig.run();
  rig.debug(false, 0, Microcode().go(1, true, Pl330Rig::kCode + 64), Security::Secure);
  rig.run();
  EXPECT_EQ(rig.read(0x100, Security::Secure) & 15, 4u);
  EXPECT_EQ(rig.read(0x100), 0u);
  EXPECT_EQ(rig.read(0x400), 0u);
  EXPECT_EQ(rig.read(0x400, Security::Secure), 5u);
  EXPECT_EQ(rig.read(0x420), 5u);
  EXPECT_EQ(rig.read(0x000), 0u);
  rig.debug(true, 0, Microcode().kill(), Security::NonSecure);
  rig.run();
  EXPECT_EQ(rig.read(0x100, Security::Secure) & 15, 4u) << "not killed";
  rig.debug(true, 1, Microcode().kill(), Security::NonSecure);
  rig.run();
  EXPECT_EQ(rig.read(0x108, Security::Secure) & 15, 0u);
  rig.write(0x020, 0xFF);
  EXPECT_EQ(rig.read(0x020, Security::Secure), 0x0Fu);
  rig.write(0x020, 0xF0, Security::Secure);
  EXPECT_EQ(rig.read(0x020), 0u);
  rig.debug(true, 0, Microcode().send_event(6), Security::Secure);
  rig.run();
  EXPECT_EQ(rig.read(0x028, Security::Secure), 1u << 6);
  EXPECT_EQ(rig.read(0x028), 0u);
  rig.write(0x02C, 0xFF);
  EXPECT_EQ(rig.interrupts, 1u << 6) << "nor can it clear that";
}

TEST(Pl330Registers, ADebuggersLookChangesNothing) {
  Pl330Rig rig;
  rig.go(0, Microcode().nop().loop_forever(1));
  rig.run(50);
  const auto look = [&](u64 offset) { return rig.dmac.access({.offset = offset, .debug = true}).value; };
  rig.now += 1000;
  const u64 before = look(0x104);
  EXPECT_EQ(look(0x104), before);
  rig.dmac.access({.offset = 0x020, .write = true, .value = 1, .debug = true});
  EXPECT_EQ(look(0x020), 0u);
}

TEST(Pl330Registers, WordsOnly) {
  Pl330Rig rig;
  EXPECT_FALSE(rig.dmac.access({.offset = 0x000, .size = 8}).ok);
  EXPECT_FALSE(rig.dmac.access({.offset = 0x000, .size = 1}).ok);
}

}  // namespace
}  // namespace tw::test
