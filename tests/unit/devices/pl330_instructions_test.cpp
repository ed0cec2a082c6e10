// The PL330's instructions against DDI 0424, 4.3: what each does to registers and memory.
#include <gtest/gtest.h>

#include <map>

#include "support/pl330_rig.hpp"

namespace tw::test {
namespace {

using devices::pl330::Transaction;

enum State : unsigned { kStopped = 0, kExecuting = 1, kWaitingForEvent = 4, kWaitingForPeripheral = 7 };
constexpr u32 kFrom = 0x1000, kTo = 0x2000;

TEST(Pl330Encodings, AreDisjointAndComplete) {
  using devices::pl330::instruction_rows;
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned matches = 0;
    for (const auto& row : instruction_rows()) matches += (byte & row.mask) == row.match;
    EXPECT_LE(matches, 1u) << byte;
    EXPECT_EQ(devices::pl330::find_instruction(static_cast<u8>(byte)) != nullptr, matches == 1) << byte;
  }
  // Length and who may execute it: c channel, m manager (DDI 0424, table 4-1).
  const std::map<unsigned, std::pair<unsigned, std::string>> wanted = {
      {0x00, {1, "cm"}}, {0x01, {1, "cm"}}, {0x04, {1, "c"}}, {0x05, {1, "c"}},  {0x07, {1, "c"}}, {0x08, {1, "c"}},
      {0x09, {1, "c"}},  {0x0B, {1, "c"}},  {0x0C, {1, "c"}}, {0x12, {1, "c"}},  {0x13, {1, "c"}}, {0x18, {1, "cm"}},
      {0x20, {2, "c"}},  {0x22, {2, "c"}},  {0x25, {2, "c"}}, {0x27, {2, "c"}},  {0x28, {2, "c"}}, {0x29, {2, "c"}},
      {0x2B, {2, "c"}},  {0x2C, {2, "c"}},  {0x2D, {2, "c"}}, {0x2F, {2, "c"}},  {0x30, {2, "c"}}, {0x31, {2, "c"}},
      {0x32, {2, "c"}},  {0x34, {2, "cm"}}, {0x35, {2, "c"}}, {0x36, {2, "cm"}}, {0x38, {2, "c"}}, {0x39, {2, "c"}},
      {0x3B, {2, "c"}},  {0x3C, {2, "c"}},  {0x3D, {2, "c"}}, {0x3F, {2, "c"}},  {0x54, {3, "c"}}, {0x56, {3, "c"}},
      {0x5C, {3, "c"}},  {0x5E, {3, "c"}},  {0xA0, {6, "m"}}, {0xA2, {6, "m"}},  {0xBC, {6, "c"}}};
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto* row = devices::pl330::find_instruction(static_cast<u8>(byte));
    const auto expected = wanted.find(byte);
    ASSERT_EQ(row != nullptr, expected != wanted.end()) << byte;
    if (row == nullptr) continue;
    EXPECT_EQ(row->bytes, expected->second.first) << byte;
    EXPECT_EQ((row->by & devices::pl330::kByChannel) != 0, expected->second.second[0] == 'c') << byte;
    EXPECT_EQ((row->by & devices::pl330::kByManager) != 0, expected->second.second.back() == 'm') << byte;
  }
}

TEST(Pl330, CopiesMemory) {
  Pl330Rig rig;
  rig.pattern(kFrom, 512);
  rig.go(0, Microcode()
                .move_source(kFrom)
                .move_destination(kTo)
                .move_control(control(3, 16))
                .loop(0, 4)
                .load()
                .store()
                .loop_end(0, 2)
                .end());
  rig.run();
  EXPECT_EQ(rig.state(0), kStopped);
  EXPECT_EQ(rig.part(kTo, 512), rig.part(kFrom, 512));
  EXPECT_EQ(rig.memory[kTo + 512], 0);
  EXPECT_EQ(rig.source(0), kFrom + 512);
  EXPECT_EQ(rig.destination(0), kTo + 512);
}

TEST(Pl330, GoStartsAStoppedChannelOnly) {
  Pl330Rig rig;
  rig.go(2, Microcode().move_source(7).wait_event(0));
  rig.run();
  EXPECT_EQ(rig.state(2), kWaitingForEvent);
  EXPECT_EQ(rig.read(0x110) >> 21 & 1, 1u) << "CNS";
  EXPECT_EQ(rig.read(0x408 + 0x40), 0x0080'0200u) << "CCR";
  rig.go(2, Microcode().move_source(8).end());
  rig.run();
  EXPECT_EQ(rig.source(2), 7u) << "DMAGO to a channel that is not Stopped is DMANOP";
  EXPECT_EQ(rig.state(2), kWaitingForEvent);
  EXPECT_EQ(rig.read(0x030), 0u);
}

TEST(Pl330, MovesAndAdds) {
  Pl330Rig rig;
  rig.go(1, Microcode()
                .move_source(0x1234'5678)
                .move_destination(0xFFFF'FFF0)
                .move_control(control(2, 5))
                .add_source(0xFFFF)
                .add_destination(0x20)
                .wait_event(3));
  rig.run();
  EXPECT_EQ(rig.source(1), 0x1235'5677u);
  EXPECT_EQ(rig.destination(1), 0x10u) << "modulo 2^32";
  EXPECT_EQ(rig.read(0x428), control(2, 5));

  rig.go(2, Microcode().move_source(0x10).move_destination(8).add_negative_source(0xFFF0).add_negative_destination(0));
  rig.run(200);
  EXPECT_EQ(rig.source(2), 0u) << "0xFFFF'FFF0 is -16";
  EXPECT_EQ(rig.destination(2), 0xFFFF'0008u);
}

TEST(Pl330, LoopsNest) {
  Pl330Rig rig;
  // 3 x (2 x DMAADDH 1, DMAADDH 16)
  rig.go(0, Microcode()
                .move_source(0)
                .loop(1, 3)
                .loop(0, 2)
                .add_source(1)
                .loop_end(0, 3)
                .add_source(16)
                .loop_end(1, 10)
                .wait_event(0));
  rig.run();
  EXPECT_EQ(rig.source(0), 3u * (2 + 16));
  EXPECT_EQ(rig.read(0x40C), 0u);
  EXPECT_EQ(rig.read(0x410), 0u);
}

TEST(Pl330, ALoopOf256) {
  Pl330Rig rig;
  rig.go(0, Microcode().move_source(0).loop(0, 256).add_source(1).loop_end(0, 3).wait_event(0));
  rig.run();
  EXPECT_EQ(rig.source(0), 256u);
}

TEST(Pl330, ALoopForEverTakesTime) {
  for (const u64 ahead : {u64{0}, u64{64}}) {
    devices::pl330::Config config;
    config.run_ahead = ahead;
    Pl330Rig rig(config);
    rig.go(0, Microcode().nop().loop_forever(1));
    EXPECT_EQ(rig.run(5000), 5000u);
    EXPECT_EQ(rig.state(0), kExecuting);
    rig.debug(true, 0, Microcode().kill());
    EXPECT_LT(rig.run(5000), 5000u);
    EXPECT_EQ(rig.state(0), kStopped);
  }
}

TEST(Pl330, StoreZero) {
  Pl330Rig rig;
  rig.pattern(kTo, 64);
  rig.go(0, Microcode().move_destination(kTo + 4).move_control(control(2, 4)).store_zero().store_zero().end());
  rig.run();
  std::vector<u8> expected(64);
  for (u32 i = 0; i < 64; ++i) expected[i] = i < 4 || i >= 36 ? static_cast<u8>(1 + i * 7) : u8{0};
  EXPECT_EQ(rig.part(kTo, 64), expected);
}

TEST(Pl330, FixedAddresses) {
  Pl330Rig rig;
  rig.pattern(kFrom, 64);
  // Four beats of a word from one address, into eight half-words.
  const u32 from_fixed = 2u << 1 | 3u << 4 | 2u << 8;
  const u32 to_moving = (1u | 1u << 1 | 7u << 4 | 2u << 8) << 14;
  rig.go(
      0,
      Microcode().move_source(kFrom).move_destination(kTo).move_control(from_fixed | to_moving).load().store().end());
  rig.run();
  for (u32 i = 0; i < 16; ++i) EXPECT_EQ(rig.memory[kTo + i], rig.memory[kFrom + i % 4]) << i;
  EXPECT_EQ(rig.source(0), kFrom);
  EXPECT_EQ(rig.destination(0), kTo + 16);
  ASSERT_EQ(rig.transfers().size(), 2u);
  EXPECT_EQ(rig.transfers()[0].beat_bytes, 4u);
  EXPECT_EQ(rig.transfers()[1].beat_bytes, 0u);

  // And back to one address: the last beat stays.
  rig.go(0, Microcode()
                .move_source(kFrom)
                .move_destination(kTo + 64)
                .move_control(control(2, 4, true, false))
                .load()
                .store()
                .end());
  rig.run();
  EXPECT_EQ(rig.part(kTo + 64, 4), rig.part(kFrom + 12, 4));
  EXPECT_EQ(rig.memory[kTo + 68], 0);
}

/// The first burst ends where an aligned one would (AMBA AXI, 9.3); the data are realigned.
TEST(Pl330, UnalignedAddresses) {
  for (const u32 from : {0u, 1u, 3u, 5u, 7u}) {
    for (const u32 to : {0u, 2u, 5u, 7u}) {
      Pl330Rig rig;
      rig.pattern(kFrom, 256);
      // One more load, then the loop has always enough; what is left over is forgotten.
      rig.go(0, Microcode()
                    .move_source(kFrom + from)
                    .move_destination(kTo + to)
                    .move_control(control(3, 4))
                    .load()
                    .loop(0, 3)
                    .load()
                    .store()
                    .loop_end(0, 2)
                    .end());
      rig.run();
      ASSERT_EQ(rig.fault(0), 0u) << from << " " << to;
      EXPECT_EQ(rig.part(kTo + to, 96 - to), rig.part(kFrom + from, 96 - to)) << from << " " << to;
      EXPECT_EQ(rig.memory[kTo + 96], 0);
      EXPECT_EQ(rig.source(0), kFrom + 128);
      EXPECT_EQ(rig.destination(0), kTo + 96);
    }
  }
}

TEST(Pl330, BurstsAreSplitAt4K) {
  Pl330Rig rig;
  rig.pattern(kFrom - 24, 128);
  rig.go(0, Microcode()
                .move_source(kFrom - 24)
                .move_destination(0x3000 - 40)
                .move_control(control(3, 16))
                .load()
                .store()
                .end());
  rig.run();
  EXPECT_EQ(rig.part(0x3000 - 40, 128), rig.part(kFrom - 24, 128));
  const std::vector<Transaction> transfers = rig.transfers();
  ASSERT_EQ(transfers.size(), 4u);
  EXPECT_EQ(transfers[0].bytes, 24u);
  EXPECT_EQ(transfers[1].address, Iova{kFrom});
  EXPECT_EQ(transfers[1].bytes, 104u);
  EXPECT_EQ(transfers[2].bytes, 40u);
  EXPECT_EQ(transfers[3].address, Iova{0x3000});
}

TEST(Pl330, SwapsBytes) {
  for (unsigned log2 = 0; log2 <= 3; ++log2) {
    Pl330Rig rig;
    rig.pattern(kFrom, 32);
    rig.go(0, Microcode()
                  .move_source(kFrom)
                  .move_destination(kTo)
                  .move_control(control(3, 4) | log2 << 28)
                  .load()
                  .store()
                  .end());
    rig.run();
    for (u32 i = 0; i < 32; ++i) EXPECT_EQ(rig.memory[kTo + i], rig.memory[kFrom + (i ^ ((1u << log2) - 1))]) << log2;
  }
}

TEST(Pl330, AddressesAndAttributesOnTheBus) {
  Pl330Rig rig;
  const u32 source = 1u | 3u << 1 | 1u << 4 | 0b111u << 8 | 0b110u << 11;
  const u32 destination = (1u | 3u << 1 | 1u << 4 | 0b010u << 8 | 0b101u << 11) << 14;
  rig.go(0,
         Microcode().move_source(kFrom).move_destination(kTo).move_control(source | destination).load().store().end());
  rig.run();
  ASSERT_GE(rig.log.size(), 3u);
  const Transaction& fetch = rig.log[0];
  EXPECT_EQ(fetch.kind, Transaction::Kind::Fetch);
  EXPECT_TRUE(fetch.privileged && fetch.instruction && !fetch.secure);
  EXPECT_EQ(fetch.bytes, 32u);
  EXPECT_EQ(fetch.thread, 0u);
  const Transaction read = rig.transfers()[0], write = rig.transfers()[1];
  EXPECT_TRUE(read.privileged && read.instruction && !read.secure);
  EXPECT_EQ(read.cache, 0b0110) << "ARCACHE[2:0], [3] is LOW";
  EXPECT_TRUE(!write.privileged && !write.instruction && !write.secure);
  EXPECT_EQ(write.cache, 0b1001) << "AWCACHE[3,1:0], [2] is LOW";
  EXPECT_EQ(write.address, Iova{kTo});
}

TEST(Pl330, BarriersWait) {
  Pl330Rig rig({}, false);
  rig.go(0, Microcode().move_source(kFrom).move_control(control(0, 1)).load().read_barrier().wait_event(0));
  const auto fetch = [&] {
    rig.run(10);
    auto ticket = rig.dmac.take();
    EXPECT_TRUE(ticket && rig.perform(*ticket->transaction));
    rig.dmac.finished(ticket->id, true, rig.now);
    rig.run(20);
  };
  fetch();
  const auto read = rig.dmac.take();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->transaction->kind, Transaction::Kind::Read);
  rig.run(1000);
  EXPECT_EQ(rig.state(0), 5u) << "At barrier";
  rig.dmac.finished(read->id, true, rig.now);
  rig.run(100);
  EXPECT_EQ(rig.state(0), kWaitingForEvent);
}

/// A rig whose bus the test is, with the program's line of microcode there.
void start_by_hand(Pl330Rig& rig, const Microcode& program) {
  rig.go(0, program);
  rig.run(10);
  const auto fetch = rig.dmac.take();
  ASSERT_TRUE(fetch && rig.perform(*fetch->transaction));
  rig.dmac.finished(fetch->id, true, rig.now);
  rig.run(50);
}

TEST(Pl330, ReadsOfAChannelEndInOrder) {
  Pl330Rig rig({}, false);
  rig.pattern(kFrom, 16);
  start_by_hand(rig, Microcode()
                         .move_source(kFrom)
                         .move_destination(kTo)
                         .move_control(control(3, 1))
                         .load()
                         .load()
                         .store()
                         .wait_event(0));
  const auto first = rig.dmac.take(), second = rig.dmac.take();
  ASSERT_TRUE(first && second && rig.perform(*first->transaction) && rig.perform(*second->transaction));
  rig.dmac.finished(second->id, true, rig.now);
  rig.run(50);
  EXPECT_FALSE(rig.dmac.take()) << "the first word is not there";
  rig.dmac.finished(first->id, true, rig.now);
  rig.run(50);
  const auto write = rig.dmac.take();
  ASSERT_TRUE(write && rig.perform(*write->transaction));
  EXPECT_EQ(rig.part(kTo, 8), rig.part(kFrom, 8));
}

TEST(Pl330, StoresOfAChannelGoOutInOrder) {
  Pl330Rig rig({}, false);
  start_by_hand(rig, Microcode().move_destination(kTo).move_control(control(3, 1)).load().store().store_zero().end());
  const auto read = rig.dmac.take();
  ASSERT_TRUE(read);
  EXPECT_FALSE(rig.dmac.take()) << "zeroes do not overtake";
  rig.dmac.finished(read->id, true, rig.now);
  rig.run(50);
  const auto first = rig.dmac.take(), second = rig.dmac.take();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->transaction->address, Iova{kTo});
  EXPECT_EQ(second->transaction->address, Iova{kTo + 8});
}

TEST(Pl330, EventsBetweenThreads) {
  Pl330Rig rig;
  rig.go(0, Microcode().move_source(1).wait_event(4).move_source(2).end());
  rig.go(1, Microcode().move_source(1).wait_event(4).move_source(2).end());
  rig.run();
  EXPECT_EQ(rig.state(0), kWaitingForEvent);
  EXPECT_EQ(rig.read(0x100) >> 4 & 31, 4u) << "which event";
  rig.go(2, Microcode().send_event(4).end());
  rig.run();
  EXPECT_EQ(rig.source(0), 2u);
  EXPECT_EQ(rig.source(1), 2u) << "all that wait go on";
  EXPECT_EQ(rig.read(0x024), 0u);

  // Sent before anybody waits, it stays for the first one.
  rig.debug(false, 0, Microcode().send_event(6));
  rig.run();
  EXPECT_EQ(rig.read(0x024), 1u << 6);
  EXPECT_EQ(rig.read(0x028), 0u) << "no interrupt";
  rig.go(0, Microcode().wait_event(6).move_source(3).wait_event(6).move_source(4));
  rig.run();
  EXPECT_EQ(rig.source(0), 3u);
  EXPECT_EQ(rig.read(0x024), 0u);
  EXPECT_EQ(rig.interrupts, 0u);
}

TEST(Pl330, EventsAsInterrupts) {
  Pl330Rig rig;
  rig.write(0x020, 1u << 5);
  rig.go(0, Microcode().send_event(5).send_event(4).end());
  rig.run();
  EXPECT_EQ(rig.interrupts, 1u << 5);
  EXPECT_EQ(rig.read(0x024), 3u << 4);
  EXPECT_EQ(rig.read(0x028), 1u << 5);
  rig.go(1, Microcode().wait_event(5).end());
  rig.run();
  EXPECT_EQ(rig.state(1), kWaitingForEvent) << "an interrupt is no event";
  rig.write(0x02C, ~0u);
  EXPECT_EQ(rig.interrupts, 0u);
  EXPECT_EQ(rig.read(0x024), 1u << 4) << "INTCLR leaves events";
}

TEST(Pl330, MicrocodeIsCached) {
  Pl330Rig rig;
  const u32 code = Pl330Rig::kCode;
  // The second part of the line changes while the thread waits: without `invalid` it does not see that.
  for (const bool invalid : {false, true}) {
    rig.go(0, Microcode().wait_event(0, invalid).move_source(1).wait_event(1).end());
    rig.run();
    rig.place(code + 2, Microcode().move_source(2).bytes());
    rig.debug(false, 0, Microcode().send_event(0));
    rig.run();
    EXPECT_EQ(rig.source(0), invalid ? 2u : 1u);
    rig.debug(false, 0, Microcode().send_event(1));
    rig.run();
    EXPECT_EQ(rig.state(0), kStopped);
  }
}

TEST(Pl330, AnInstructionAcrossTwoLines) {
  Pl330Rig rig;
  Microcode program;
  for (unsigned i = 0; i < 29; ++i) program.nop();
  rig.go(0, program.move_source(0x1234'5678).end());
  rig.run();
  EXPECT_EQ(rig.source(0), 0x1234'5678u);
  EXPECT_EQ(rig.log.size(), 2u);
}

struct Peripherals : testing::Test {
  static devices::pl330::Config with_peripherals() {
    devices::pl330::Config config;
    config.peripherals = 4;
    return config;
  }
  Pl330Rig rig{with_peripherals()};
  using Acknowledged = std::vector<std::pair<unsigned, bool>>;
};

TEST_F(Peripherals, BurstRequest) {
  rig.pattern(kFrom, 64);
  rig.go(0, Microcode()
                .move_source(kFrom)
                .move_destination(kTo)
                .move_control(control(2, 4))
                .wait_burst(3)
                .load_peripheral(3, false)
                .load_peripheral(3, true)
                .store_single()
                .store_burst()
                .end());
  rig.run();
  EXPECT_EQ(rig.state(0), kWaitingForPeripheral);
  EXPECT_EQ(rig.read(0x100) >> 4 & 31, 3u);
  EXPECT_EQ(rig.read(0x100) >> 14 & 3, 1u) << "dmawfp_b_ns, not dmawfp_periph";
  EXPECT_TRUE(rig.dmac.request(3, {.burst = false}));
  rig.run();
  EXPECT_EQ(rig.state(0), kWaitingForPeripheral) << "single requests are dropped";
  EXPECT_TRUE(rig.dmac.request(3, {.burst = true}));
  rig.run();
  EXPECT_EQ(rig.state(0), kStopped);
  EXPECT_EQ(rig.part(kTo, 16), rig.part(kFrom, 16));
  EXPECT_EQ(rig.memory[kTo + 16], 0) << "the S forms were DMANOP";
  EXPECT_EQ(rig.acknowledged, (Acknowledged{{3, true}}));
}

TEST_F(Peripherals, SingleRequest) {
  rig.pattern(kFrom, 64);
  EXPECT_TRUE(rig.dmac.request(1, {.burst = false}));
  rig.go(0, Microcode()
                .move_source(kFrom)
                .move_destination(kTo)
                .move_control(control(2, 4))
                .wait_single(1)
                .load_single()
                .load_burst()
                .store_peripheral(1, true)
                .store_peripheral(1, false)
                .end());
  rig.run();
  EXPECT_EQ(rig.part(kTo, 4), rig.part(kFrom, 4)) << "one beat, whatever the burst length is";
  EXPECT_EQ(rig.memory[kTo + 4], 0);
  EXPECT_EQ(rig.acknowledged, (Acknowledged{{1, false}}));
}

TEST_F(Peripherals, SingleSeesABurstAndLeavesIt) {
  EXPECT_TRUE(rig.dmac.request(0, {.burst = true}));
  rig.go(0, Microcode().wait_single(0).wait_single(0).wait_burst(0).move_source(1).wait_burst(0));
  rig.run();
  EXPECT_EQ(rig.source(0), 1u);
  EXPECT_EQ(rig.state(0), kWaitingForPeripheral);
}

TEST_F(Peripherals, ThePeripheralEndsTheLoop) {
  rig.pattern(kFrom, 64);
  // The peripheral says how much, and which is the last (DDI 0424, "Peripheral request interface").
  rig.go(0, Microcode()
                .move_source(kFrom)
                .move_destination(kTo)
                .move_control(control(2, 4))
                .wait_peripheral(2)
                .load_single()
                .store_peripheral(2, false)
                .load_burst()
                .store_peripheral(2, true)
                .loop_forever(8)
                .move_source(0)
                .end());
  for (const auto& request : {devices::pl330::PeripheralRequest{true, false}, {false, false}, {false, true}}) {
    EXPECT_TRUE(rig.dmac.request(2, request));
    rig.run();
  }
  EXPECT_EQ(rig.state(0), kStopped);
  EXPECT_EQ(rig.source(0), 0u);
  EXPECT_EQ(rig.part(kTo, 24), rig.part(kFrom, 24));
  EXPECT_EQ(rig.memory[kTo + 24], 0);
  EXPECT_EQ(rig.acknowledged, (Acknowledged{{2, true}, {2, false}, {2, false}}));
}

TEST_F(Peripherals, ConditionalLoopEnds) {
  EXPECT_TRUE(rig.dmac.request(0, {.burst = true}));
  rig.go(0, Microcode()
                .move_source(0)
                .wait_burst(0)
                .loop(0, 3)
                .add_source(1)
                .loop_end_single(0, 3)
                .loop(1, 3)
                .add_source(16)
                .loop_end_burst(1, 3)
                .wait_event(0));
  rig.run();
  EXPECT_EQ(rig.source(0), 1u + 3 * 16);
}

TEST_F(Peripherals, FlushForgetsRequests) {
  for (unsigned i = 0; i < devices::pl330::Peripheral::kDepth; ++i) EXPECT_TRUE(rig.dmac.request(1, {.burst = true}));
  EXPECT_FALSE(rig.dmac.request(1, {.burst = true})) << "the queue is full";
  rig.go(0, Microcode().flush_peripheral(1).wait_peripheral(1));
  rig.run();
  EXPECT_EQ(rig.flushed, std::vector<unsigned>{1});
  EXPECT_EQ(rig.state(0), kWaitingForPeripheral);
}

}  // namespace
}  // namespace tw::test
