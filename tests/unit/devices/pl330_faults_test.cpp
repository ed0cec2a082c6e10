// The PL330's aborts, DMAKILL, lock-ups and security against DDI 0424, "Aborts", "Security usage".
#include <gtest/gtest.h>

#include "support/pl330_rig.hpp"

namespace tw::test {
namespace {

enum State : unsigned {
  kStopped = 0,
  kExecuting = 1,
  kWaitingForEvent = 4,
  kKilling = 8,
  kFaultingCompleting = 14,
  kFaulting = 15
};
enum Register : u64 { kDsr = 0x000, kDpc = 0x004, kFsrd = 0x030, kFsrc = 0x034, kFtrd = 0x038, kWd = 0xE80 };
constexpr u32 kFrom = 0x1000, kTo = 0x2000;

devices::pl330::Config with(void (*change)(devices::pl330::Config&)) {
  devices::pl330::Config config;
  change(config);
  return config;
}

/// A channel that faults in its first instruction but `before`, and how.
struct Precise {
  const char* what;
  Microcode program;
  u32 offset;  ///< of the instruction that faults
  u32 fault;
};

TEST(Pl330Faults, PreciseAborts) {
  const Precise cases[] = {
      {"undefined", Microcode().nop().raw({0xFF}), 1, 1u << 0},
      {"DMAGO of a channel", Microcode().nop().go(1, true, 0), 1, 1u << 0},
      {"bs without x", Microcode().raw({0x06}), 0, 1u << 0},
      {"event beyond the configuration", Microcode().send_event(8), 0, 1u << 1},
      {"event to wait for", Microcode().wait_event(31), 0, 1u << 1},
      {"peripheral beyond the configuration", Microcode().wait_single(2), 0, 1u << 1},
      {"to load for", Microcode().load_peripheral(2, false), 0, 1u << 1},
      {"to store for", Microcode().store_peripheral(31, true), 0, 1u << 1},
      {"to flush", Microcode().flush_peripheral(2), 0, 1u << 1},
      {"DMAMOV to nothing", Microcode().nop().raw({0xBC, 3, 0, 0, 0, 0}), 1, 1u << 1},
      {"beats wider than the bus", Microcode().move_control(control(4, 1)), 0, 1u << 1},
      {"Secure reads", Microcode().nop().move_control(control(2, 1) & ~(2u << 8)), 1, 1u << 7},
      {"Secure writes", Microcode().move_control(control(2, 1) & ~(2u << 22)), 0, 1u << 7},
      {"a store without a load", Microcode().move_control(control(2, 1)).store(), 6, 1u << 13},
      {"Secure event", Microcode().send_event(7), 0, 1u << 5},
      {"Secure event to wait for", Microcode().wait_event(7), 0, 1u << 5},
      {"Secure peripheral", Microcode().wait_burst(1), 0, 1u << 6},
      {"Secure peripheral to load for", Microcode().load_peripheral(1, true), 0, 1u << 6},
      {"Secure peripheral to flush", Microcode().flush_peripheral(1), 0, 1u << 6},
  };
  for (const Precise& one : cases) {
    Pl330Rig rig(with([](auto& c) {
      c.peripherals = 2;
      c.events_nonsecure = 0x7F;
      c.peripherals_nonsecure = 1;
    }));
    rig.go(3, one.program);
    rig.run();
    EXPECT_EQ(rig.state(3), kFaulting) << one.what;
    EXPECT_EQ(rig.fault(3), one.fault) << one.what;
    EXPECT_EQ(rig.pc(3), Pl330Rig::kCode + 3 * Pl330Rig::kCodeBytes + one.offset) << one.what;
    EXPECT_EQ(rig.read(kFsrc), 1u << 3) << one.what;
    EXPECT_EQ(rig.read(kFsrd), 0u) << one.what;
    EXPECT_TRUE(rig.abort) << one.what;

    rig.debug(true, 3, Microcode().kill());
    rig.run();
    EXPECT_EQ(rig.state(3), kStopped) << one.what;
    EXPECT_EQ(rig.fault(3), 0u) << one.what;
    EXPECT_EQ(rig.read(kFsrc), 0u) << one.what;
    EXPECT_FALSE(rig.abort) << one.what;
  }
}

TEST(Pl330Faults, WhatASecureChannelMay) {
  Pl330Rig rig(with([](auto& c) {
    c.peripherals = 2;
    c.manager_nonsecure = false;
    c.events_nonsecure = 0;
    c.peripherals_nonsecure = 0;
  }));
  rig.go(
      0,
      Microcode().move_control(control(2, 1) & ~(2u << 8) & ~(2u << 22)).send_event(7).flush_peripheral(1).load().end(),
      false);
  rig.run();
  EXPECT_EQ(rig.read(kFsrc, Security::Secure), 0u);
  EXPECT_EQ(rig.read(0x024, Security::Secure), 1u << 7);
  EXPECT_TRUE(rig.log.front().secure) << "its fetches";
  EXPECT_TRUE(rig.transfers().front().secure);
}

TEST(Pl330Faults, FetchError) {
  Pl330Rig rig;
  rig.debug(false, 0, Microcode().go(5, true, Pl330Rig::kBytes + 0x123));
  rig.run();
  EXPECT_EQ(rig.state(5), kFaulting);
  EXPECT_EQ(rig.fault(5), 1u << 16);
  EXPECT_EQ(rig.pc(5), Pl330Rig::kBytes + 0x123);
}

TEST(Pl330Faults, ReadAndWriteErrors) {
  for (const bool write : {false, true}) {
    Pl330Rig rig;
    rig.go(0, Microcode()
                  .move_source(write ? kFrom : Pl330Rig::kBytes)
                  .move_destination(write ? Pl330Rig::kBytes : kTo)
                  .move_control(control(3, 4))
                  .loop(0, 8)
                  .load()
                  .store()
                  .loop_end(0, 2)
                  .end());
    rig.run();
    EXPECT_EQ(rig.state(0), kFaulting);
    EXPECT_EQ(rig.fault(0), write ? 1u << 17 : 1u << 18);
    EXPECT_TRUE(rig.abort);
    if (!write) {
      for (const auto& transfer : rig.transfers()) {
        EXPECT_EQ(transfer.kind, devices::pl330::Transaction::Kind::Read) << "no data, no store";
      }
    }
    // Another channel goes on all the same.
    rig.pattern(kFrom, 32);
    rig.go(1, Microcode().move_source(kFrom).move_destination(kTo).move_control(control(3, 4)).load().store().end());
    rig.run();
    EXPECT_EQ(rig.part(kTo, 32), rig.part(kFrom, 32));
    EXPECT_EQ(rig.read(kFsrc), 1u);
  }
}

TEST(Pl330Faults, AnAbortWaitsForTheBus) {
  Pl330Rig rig({}, false);
  rig.place(Pl330Rig::kCode, Microcode().move_control(control(2, 1)).load().store().store().end().bytes());
  rig.debug(false, 0, Microcode().go(0, true, Pl330Rig::kCode));
  rig.run(10);
  const auto fetch = rig.dmac.take();
  ASSERT_TRUE(fetch && rig.perform(*fetch->transaction));
  rig.dmac.finished(fetch->id, true, rig.now);
  rig.run(50);
  EXPECT_EQ(rig.state(0), kFaultingCompleting) << "the second store has no data, a load is on the bus";
  EXPECT_EQ(rig.read(kFsrc), 1u);
  const auto read = rig.dmac.take();
  ASSERT_TRUE(read);
  EXPECT_FALSE(rig.dmac.take()) << "what was queued is forgotten";
  rig.dmac.finished(read->id, false, rig.now);
  rig.run(50);
  EXPECT_EQ(rig.state(0), kFaulting);
  EXPECT_EQ(rig.fault(0), 1u << 13) << "the first one stays";
}

TEST(Pl330Faults, KillWaitsForTheBus) {
  Pl330Rig rig({}, false);
  rig.place(Pl330Rig::kCode, Microcode().load().load().wait_event(0).bytes());
  rig.debug(false, 0, Microcode().go(0, true, Pl330Rig::kCode));
  rig.run(10);
  const auto fetch = rig.dmac.take();
  ASSERT_TRUE(fetch && rig.perform(*fetch->transaction));
  rig.dmac.finished(fetch->id, true, rig.now);
  rig.run(50);
  const auto first = rig.dmac.take(), second = rig.dmac.take();
  ASSERT_TRUE(first && second);
  rig.debug(true, 0, Microcode().kill());
  rig.run(50);
  EXPECT_EQ(rig.state(0), kKilling);
  rig.debug(false, 0, Microcode().go(0, true, Pl330Rig::kCode));
  rig.run(50);
  EXPECT_EQ(rig.state(0), kKilling) << "it cannot start yet";
  rig.dmac.finished(second->id, true, rig.now);
  rig.run(50);
  EXPECT_EQ(rig.state(0), kKilling);
  rig.dmac.finished(first->id, true, rig.now);
  rig.run(50);
  EXPECT_EQ(rig.state(0), kStopped);
}

TEST(Pl330Faults, BurstsLargerThanTheMfifo) {
  for (const bool load : {true, false}) {
    Pl330Rig rig(with([](auto& c) { c.mfifo_depth = 4; }));
    Microcode program;
    program.move_control(control(3, 5));
    if (load) {
      program.load();
    } else {
      program.store();
    }
    rig.go(0, program);
    rig.run();
    EXPECT_EQ(rig.fault(0), 1u << 12) << "mfifo_err";
    EXPECT_EQ(rig.state(0), kFaulting);
  }
}

/// Two loads of three quarters: the second has no room, and nothing is on the way that makes some.
constexpr u32 kThreeOfFour = control(3, 3);
Microcode locks_up() { return Microcode().move_control(kThreeOfFour).load().load().store().store().end(); }

TEST(Pl330Faults, LockUp) {
  Pl330Rig rig(with([](auto& c) { c.mfifo_depth = 4; }));
  rig.go(2, locks_up());
  EXPECT_GE(rig.run(), rig.config.watchdog);
  EXPECT_EQ(rig.fault(2), 1u << 31) << "lockup_err";
  EXPECT_EQ(rig.state(2), kFaulting);
  EXPECT_TRUE(rig.abort);
}

TEST(Pl330Faults, LockUpAsAnInterruptOnly) {
  Pl330Rig rig(with([](auto& c) { c.mfifo_depth = 4; }));
  rig.write(kWd, 1);
  EXPECT_EQ(rig.read(kWd), 1u);
  rig.go(2, locks_up());
  rig.run();
  EXPECT_EQ(rig.state(2), kExecuting);
  EXPECT_EQ(rig.read(kFsrc), 0u);
  EXPECT_TRUE(rig.abort);
  rig.debug(true, 2, Microcode().kill());
  rig.run();
  EXPECT_FALSE(rig.abort);
  EXPECT_EQ(rig.state(2), kStopped);
}

TEST(Pl330Faults, TheMfifoDrainsWithoutALockUp) {
  Pl330Rig rig(with([](auto& c) { c.mfifo_depth = 4; }));
  rig.latency = 3000;  // longer than the watchdog's time
  rig.pattern(kFrom, 256);
  rig.go(0, Microcode()
                .move_source(kFrom)
                .move_destination(kTo)
                .move_control(kThreeOfFour)
                .loop(0, 8)
                .load()
                .store()
                .loop_end(0, 2)
                .end());
  rig.run(1'000'000);
  EXPECT_EQ(rig.fault(0), 0u);
  EXPECT_EQ(rig.part(kTo, 192), rig.part(kFrom, 192));
}

TEST(Pl330Faults, TheLoadLock) {
  Pl330Rig rig;
  rig.pattern(kFrom, 256);
  // Channel 0 has loaded and waits with the lock... which a wait gives back.
  rig.go(0, Microcode()
                .move_source(kFrom)
                .move_destination(kTo)
                .move_control(control(3, 4))
                .load()
                .wait_event(0)
                .store()
                .end());
  rig.run();
  rig.go(1, Microcode().move_source(kFrom).move_destination(kTo + 64).move_control(control(3, 4)).load().store().end());
  rig.run();
  EXPECT_EQ(rig.part(kTo + 64, 32), rig.part(kFrom, 32));
  // So does a barrier.
  rig.go(4, Microcode().move_control(control(3, 4)).load().read_barrier().nop().loop_forever(1));
  rig.run(200);
  rig.go(5, Microcode().move_source(kFrom).move_control(control(3, 4)).load().wait_event(1));
  rig.run(200);
  EXPECT_EQ(rig.state(5), kWaitingForEvent);
  rig.debug(true, 4, Microcode().kill());
  rig.run(200);
  // Here it keeps it, and does something else; the other has to wait for the store.
  rig.go(2, Microcode().move_control(control(3, 4)).load().nop().loop_forever(1));
  rig.run(100);
  rig.go(3, Microcode().move_source(kFrom).move_control(control(3, 4)).load().wait_event(1));
  rig.run(500);
  EXPECT_EQ(rig.state(3), kExecuting);
  EXPECT_EQ(rig.source(3), kFrom) << "not loaded";
  rig.debug(true, 2, Microcode().kill());
  rig.run(500);
  EXPECT_EQ(rig.state(3), kWaitingForEvent);
}

TEST(Pl330Faults, TheManager) {
  Pl330Rig rig(with([](auto& c) { c.events_nonsecure = 0x7F; }));
  EXPECT_EQ(rig.read(kDsr), 1u << 9) << "Non-secure, Stopped";
  rig.debug(false, 0, Microcode().go(1, false, 0));
  rig.run();
  EXPECT_EQ(rig.read(kFtrd), 1u << 30 | 1u << 4) << "dmago_err, of the debug interface";
  EXPECT_EQ(rig.read(kFsrd), 1u);
  EXPECT_EQ(rig.read(kDsr), 1u << 9 | kFaulting);
  EXPECT_TRUE(rig.abort);
  rig.debug(false, 0, Microcode().go(1, true, Pl330Rig::kCode));
  rig.run();
  EXPECT_EQ(rig.state(1), kStopped) << "a faulting manager starts nothing";
  rig.debug(false, 0, Microcode().kill());
  rig.run();
  EXPECT_EQ(rig.read(kDsr), 1u << 9);
  EXPECT_EQ(rig.read(kFtrd), 0u);
  EXPECT_FALSE(rig.abort);

  rig.debug(false, 0, Microcode().send_event(7));
  rig.run();
  EXPECT_EQ(rig.read(kFtrd), 1u << 30 | 1u << 5) << "mgr_evnt_err";
  rig.debug(false, 0, Microcode().kill());
  rig.debug(false, 0, Microcode().go(1, true, 0));
  rig.run();
  EXPECT_EQ(rig.read(kDsr), 1u << 9);
  EXPECT_EQ(rig.state(1), kStopped) << "DBGCMD is ignored while DBGSTATUS says busy";
}

TEST(Pl330Faults, TheManagersOwnProgram) {
  const auto boot = [](auto& c) {
    c.boot_from_pc = true;
    c.boot_address = 0x4000;
  };
  Pl330Rig rig(with(boot));
  rig.pattern(kFrom, 64);
  rig.place(0x4000, Microcode().nop().go(0, true, 0x5000).wait_event(2).send_event(3).end().bytes());
  rig.place(0x5000, Microcode().move_source(1).send_event(2).wait_event(3).move_source(2).end().bytes());
  rig.run();
  EXPECT_EQ(rig.source(0), 2u);
  EXPECT_EQ(rig.read(kDsr), 1u << 9);

  // What only channels execute is undefined.
  for (const Microcode& program : {Microcode().load(), Microcode().move_source(0), Microcode().loop(0, 1)}) {
    Pl330Rig other(with(boot));
    other.place(0x4000, Microcode(program).bytes());
    other.run();
    EXPECT_EQ(other.read(kFtrd), 1u << 0);
    EXPECT_EQ(other.read(kDpc), 0x4000u);
    EXPECT_EQ(other.read(kDsr) & 15, u64{kFaulting});
  }
}

}  // namespace
}  // namespace tw::test
