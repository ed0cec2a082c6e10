// The Interrupt Translation Service. Expectations: IHI 0069, 5.2, 5.3, 12.18 to 12.20.
#include <random>

#include "unit/gic/v3_memory.hpp"

namespace tw::gic::test {
namespace {

struct ItsV3 : BenchIts {};

TEST_F(ItsV3, Identification) {
  EXPECT_EQ(gits.read(GITS_PIDR2) >> 4 & 0xF, 3u);
  EXPECT_EQ(gits.read(GITS_CTLR), u64{1} << 31) << "disabled and quiescent";
  const u64 typer = gits.read(GITS_TYPER, 0, 8);
  EXPECT_EQ(typer & 3, 1u) << "physical LPIs";
  EXPECT_EQ(typer >> 4 & 0xF, 7u) << "8 bytes an event";
  EXPECT_EQ(typer >> 8 & 0x1F, 15u);
  EXPECT_EQ(typer >> 13 & 0x1F, 15u);
  EXPECT_EQ(typer >> 19 & 1, 0u) << "cores by number";
  EXPECT_EQ(gits.read(GITS_BASER0, 0, 8) >> 56 & 7, 1u) << "devices";
  EXPECT_EQ(gits.read(GITS_BASER1, 0, 8) >> 56 & 7, 4u) << "collections";
  EXPECT_EQ(gits.read(GITS_BASER0, 0, 8) >> 48 & 0x1F, 7u) << "8 bytes an entry";
  EXPECT_EQ(gits.read(GITS_BASER1 + 8, 0, 8), 0u);
}

TEST_F(ItsV3, BasesKeepWhatTheyHave) {
  gits.write(GITS_BASER0, ~u64{0}, 0, 8);
  const u64 value = gits.read(GITS_BASER0, 0, 8);
  EXPECT_EQ(value >> 56 & 7, 1u);
  EXPECT_EQ(value >> 48 & 0x1F, 7u);
  EXPECT_EQ(value >> 8 & 3, 2u) << "reserved page size: 64 KB";
  EXPECT_EQ(value >> 62 & 1, 1u) << "two levels";
  gits.write(GITS_BASER1 + 8, ~u64{0}, 0, 8);
  EXPECT_EQ(gits.read(GITS_BASER1 + 8, 0, 8), 0u);
  gits.write(GITS_BASER0 + 4, 0x80000000);
  EXPECT_EQ(gits.read(GITS_BASER0 + 4), 0x81070000u) << "by halves";
}

TEST_F(ItsV3, TranslatesMessages) {
  start();
  map_two();
  message(kDevice, 0);
  EXPECT_TRUE(irq(0));
  EXPECT_FALSE(irq(1));
  EXPECT_EQ(read(IccIar1, 0), 8200u);
  message(kDevice, 1, 2);
  EXPECT_EQ(read(IccIar1, 1), 8201u);
  message(kDevice + 1, 0);
  message(kDevice, 2);
  message(kDevice, 0x10000);
  EXPECT_FALSE(irq(0) || irq(1)) << "nothing is mapped there";
  gits.write(GITS_CTLR, 0);
  message(kDevice, 0);
  EXPECT_FALSE(irq(0)) << "disabled";
}

TEST_F(ItsV3, MapiHasTheEventAsInterrupt) {
  start();
  property(8300, 0x80);
  EXPECT_TRUE(run({ItsCommand::mapc(0, 0), ItsCommand::mapd(kDevice, kItt, 16), ItsCommand::mapi(kDevice, 8300, 0),
                   ItsCommand::interrupt(kDevice, 8300)}));
  EXPECT_EQ(read(IccIar1), 8300u);
}

TEST_F(ItsV3, IntClearAndDiscard) {
  start();
  map_two();
  EXPECT_TRUE(run({ItsCommand::interrupt(kDevice, 0)}));
  EXPECT_TRUE(irq());
  EXPECT_TRUE(run({ItsCommand::clear(kDevice, 0)}));
  EXPECT_FALSE(irq());
  EXPECT_TRUE(run({ItsCommand::interrupt(kDevice, 0), ItsCommand::discard(kDevice, 0)}));
  EXPECT_FALSE(irq());
  message(kDevice, 0);
  EXPECT_FALSE(irq()) << "no longer mapped";
}

TEST_F(ItsV3, MoviTakesThePendingStateAlong) {
  start();
  map_two();
  message(kDevice, 0);
  EXPECT_TRUE(run({ItsCommand::movi(kDevice, 0, 1)}));
  EXPECT_FALSE(irq(0));
  EXPECT_TRUE(irq(1));
  EXPECT_EQ(read(IccIar1, 1), 8200u);
  write(IccEoir1, 8200, 1);
  message(kDevice, 0);
  EXPECT_TRUE(irq(1));
}

TEST_F(ItsV3, MovallMovesPendingOnes) {
  start();
  map_two();
  message(kDevice, 0);
  EXPECT_TRUE(run({ItsCommand::movall(0, 1)}));
  EXPECT_FALSE(irq(0));
  EXPECT_EQ(read(IccIar1, 1), 8200u);
}

TEST_F(ItsV3, CollectionsCanBeRemapped) {
  start();
  map_two();
  EXPECT_TRUE(run({ItsCommand::mapc(0, 1)}));
  message(kDevice, 0);
  EXPECT_TRUE(irq(1));
  EXPECT_TRUE(run({ItsCommand::mapc(0, 0, false)}));
  message(kDevice, 0);
  EXPECT_FALSE(irq(0));
  EXPECT_TRUE(run({ItsCommand::mapd(kDevice, 0, 1, false), ItsCommand::mapc(0, 0)}));
  message(kDevice, 0);
  EXPECT_FALSE(irq(0)) << "the device is unmapped";
}

TEST_F(ItsV3, TwoLevelDeviceTable) {
  start(kValid | kIndirect | kDevices | 0 << 8);  // pages of 4 KB: 512 devices each
  property(8192, 0x80);
  const u32 device = 3 * 512 + 5;
  EXPECT_TRUE(run({ItsCommand::mapc(0, 0), ItsCommand::mapd(device, kItt, 4), ItsCommand::mapti(device, 0, 8192, 0)}));
  message(device, 0);
  EXPECT_FALSE(irq()) << "no second level there yet";
  memory.word(kDevices + 3 * 8, kValid | 0x400A0000);
  EXPECT_TRUE(run({ItsCommand::mapd(device, kItt, 4), ItsCommand::mapti(device, 0, 8192, 0)}));
  EXPECT_NE(memory.word(0x400A0000 + 5 * 8), 0u);
  message(device, 0);
  EXPECT_TRUE(irq());
  message(0xFFFF, 0);
  EXPECT_TRUE(run({ItsCommand::mapd(0x10000 + device, kItt, 4)})) << "beyond 16 bits: ignored";
}

TEST_F(ItsV3, WrongParametersAreIgnored) {
  start();
  map_two();
  EXPECT_TRUE(run({
      ItsCommand::mapd(kDevice + 1, kItt, 17),             // more event bits than there are
      ItsCommand::mapd(0xFFFFFFFF, kItt, 8),               // no such DeviceID
      ItsCommand::mapc(3, 2),                              // no such core
      ItsCommand::mapti(kDevice, 256, 8200, 0),            // beyond the device's events
      ItsCommand::mapti(kDevice, 2, 8191, 0),              // no LPI
      ItsCommand::mapti(kDevice, 2, 0x10000, 0),           // beyond the INTIDs
      ItsCommand::mapti(kDevice + 1, 0, 8200, 0),          // no such device
      ItsCommand::movi(kDevice, 0, 77),                    // no such collection
      ItsCommand::movall(0, 9), ItsCommand::movall(9, 0),  // no such core
      ItsCommand::interrupt(kDevice, 9), ItsCommand::inv(1, 1), ItsCommand::invall(99), ItsCommand::sync(99),
      ItsCommand{{0xFF, 1, 2, 3}},  // no such command
  }));
  message(kDevice, 2);
  message(kDevice + 1, 0);
  EXPECT_FALSE(irq(0) || irq(1));
  message(kDevice, 0);
  EXPECT_TRUE(irq(0));
}

TEST_F(ItsV3, TheQueueWrapsAround) {
  start();
  map_two();
  for (unsigned n = 0; n < 300; ++n) ASSERT_TRUE(run({ItsCommand::interrupt(kDevice, 0)}));
  EXPECT_TRUE(irq());
}

TEST_F(ItsV3, StallsWhereNoMemoryAnswers) {
  start();
  EXPECT_FALSE(run({ItsCommand::mapd(kDevice, TableMemory::kReadOnly, 4), ItsCommand::mapc(0, 0),
                    ItsCommand::mapti(kDevice, 0, 8192, 0), ItsCommand::sync(0)}));
  EXPECT_EQ(gits.read(GITS_CREADR, 0, 8), 0x40u | 1u) << "stalled at MAPTI, whose table cannot be written";
  const u64 end = gits.read(GITS_CWRITER, 0, 8);
  EXPECT_EQ(end, 0x80u);
  gits.write(GITS_CWRITER, end, 0, 8);
  EXPECT_EQ(gits.read(GITS_CREADR, 0, 8), 0x41u) << "stays so without Retry";
  memory.word(kDevices + kDevice * 8, 0);
  gits.write(GITS_CWRITER, end | 1, 0, 8);
  EXPECT_EQ(gits.read(GITS_CREADR, 0, 8), 0x80u) << "the device is gone, the command is ignored";
}

TEST_F(ItsV3, AQueueOutsideMemoryStalls) {
  start();
  gits.write(GITS_CTLR, 0);
  gits.write(GITS_CBASER, kValid | 0x08080000, 0, 8);
  gits.write(GITS_CTLR, 1);
  gits.write(GITS_CWRITER, 0x20, 0, 8);
  EXPECT_EQ(gits.read(GITS_CREADR, 0, 8), 1u);
  gits.write(GITS_CWRITER, 0xFFFE0, 0, 8);
  EXPECT_EQ(gits.read(GITS_CREADR, 0, 8), 1u) << "an offset beyond the queue: nothing happens";
}

TEST_F(ItsV3, BasesAreReadOnlyWhileEnabled) {
  start();
  gits.write(GITS_BASER0, 0, 0, 8);
  gits.write(GITS_CBASER, 0, 0, 8);
  EXPECT_EQ(gits.read(GITS_BASER0, 0, 8) & kValid, kValid);
  EXPECT_EQ(gits.read(GITS_CBASER, 0, 8), kValid | kQueue);
}

TEST_F(ItsV3, TablesWithGarbageAreHarmless) {
  start();
  map_two();
  memory.word(kCollections, kValid | 0x7FFFFFFFFFFFFFFF);
  message(kDevice, 0);
  EXPECT_TRUE(run({ItsCommand::movi(kDevice, 1, 0), ItsCommand::invall(0)}));
  memory.word(kItt + 8, ~u64{0});
  message(kDevice, 1);
  memory.word(kDevices + kDevice * 8, ~u64{0});
  message(kDevice, 1);
  EXPECT_FALSE(irq(0) || irq(1));
}

/// A queue of commands that are nearly right, over tables in which anything may stand.
TEST_F(ItsV3, StormOfCommandsHarmsNothing) {
  constexpr u64 kSeed = 20261127;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937_64 random(kSeed);
  for (unsigned round = 0; round < 300; ++round) {
    gic.reset();
    const auto base = [&](u64 usual) { return random() % 4 ? usual : random() | kValid; };
    const u64 levels = random() % 2 ? kIndirect : 0;
    start(base(kValid | levels | kDevices | random() % 3 << 8), base(kValid | levels | kCollections));
    gits.write(GITS_CTLR, 0);
    gits.write(GITS_CBASER, kValid | kQueue | random() % 4, 0, 8);
    gits.write(GITS_CTLR, 1);
    for (u64 at = kQueue; at < kQueue + 0x1000; at += 32) {
      memory.word(at, random() % 32 | random() % 64 << 32);
      memory.word(at + 8, random() % 16 | (8192 + random() % 16) << 32);
      memory.word(at + 16,
                  random() % 4 | random() % 3 << 16 | (random() % 2 ? kValid | (kItt + random() % 64 * 0x100) : 0));
      memory.word(at + 24, random() % 8 ? random() % 3 << 16 : random());
    }
    for (unsigned n = 0; n < 64; ++n) {
      const u64 tables[] = {kDevices, kCollections, kItt, kProperties};
      memory.word(tables[random() % 4] + random() % 64 * 8, random() % 2 ? random() : kValid | TableMemory::kBase);
    }
    for (unsigned n = 0; n < 8; ++n) {
      gits.write(GITS_CWRITER, random() % 0x4000 & ~u64{0x1E}, 0, 8);
      message(static_cast<u32>(random() % 64), static_cast<u32>(random() % 16));
      const u64 intid = read(IccIar1);
      if (intid != 1023) write(IccEoir1, intid);
    }
    log.take();
  }
}

struct WithoutMemory : BenchV3 {};

TEST_F(WithoutMemory, ThereIsNoIts) {
  FrameUnderTest gits{gic.its()};
  EXPECT_EQ(gits.read(GITS_TYPER, 0, 8), 0u);
  gits.write(GITS_CTLR, 1);
  EXPECT_EQ(gits.read(GITS_CTLR), 0u);
  EXPECT_EQ(gicr.read(GICR_TYPER) & 1, 0u);
  gicr.write(GICR_CTLR, 1);
  EXPECT_EQ(gicr.read(GICR_CTLR), 0u);
}

}  // namespace
}  // namespace tw::gic::test
