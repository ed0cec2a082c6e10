// The shell of the SMMU: what a master sees of translation, and what the rest of the machine sees of the SMMU.
#include <gtest/gtest.h>

#include <numeric>

#include "tlm/smmu_bench.hpp"

namespace tw::test {
namespace {

using Bench = SmmuBench;

struct SmmuShell : testing::Test {
  SmmuBench& bench = smmu_bench();
  SmmuShell() { bench.set_up(); }
  ~SmmuShell() override { EXPECT_TRUE(bench.violations.empty()) << tlm::row(bench.violations.front()).text; }

  u64 events() { return bench.get(0x1'00A8); }
  u64 event(u64 n) const { return bench.word(Bench::kEvents + 32 * n); }
  u64 event_high(u64 n) const { return bench.word(Bench::kEvents + 32 * n + 8); }
  static std::vector<u8> pattern(u64 count, u8 first = 7) {
    std::vector<u8> data(count);
    std::iota(data.begin(), data.end(), first);
    return data;
  }
  unsigned pulses(smmu::Wire wire) const { return bench.pulses[static_cast<unsigned>(wire)]; }
  /// SMMU_EVENTQ_IRQ_CFG0 to CFG2, which are fixed while the interrupt is on.
  void send_events_to(u64 address, u32 data) {
    bench.set(0x50, 0);
    bench.set(0xB0, address, 8);
    bench.set(0xB8, data);
    bench.set(0xBC, 0);
    bench.set(0x50, 5);
  }
  static constexpr u64 kOne = Bench::kData + 0x3000, kTwo = Bench::kData + 0x8000, kThree = Bench::kData;
};

TEST_F(SmmuShell, AnAccessGoesToWhereTheTablesSay) {
  bench.map(0x5000, kOne);
  EXPECT_TRUE(bench.first.transport(Pa{0x5010}, 8, true, 0x1122'3344'5566'7788, Bench::of(Bench::kTranslated)).ok);
  EXPECT_EQ(bench.word(kOne + 0x10), 0x1122'3344'5566'7788u);
  const tlm::Initiator::Answer answer = bench.first.transport(Pa{0x5012}, 2, false, 0, Bench::of(Bench::kTranslated));
  EXPECT_TRUE(answer.ok);
  EXPECT_EQ(answer.value, 0x5566u);
  EXPECT_EQ(answer.served_by, cost::ServedBy::Memory);
  EXPECT_TRUE(bench.first.transport(Pa{kTwo}, 8, true, 5, Bench::of(Bench::kBypassing)).ok);
  EXPECT_EQ(bench.word(kTwo), 5u);
  EXPECT_EQ(events(), 0u);
}

TEST_F(SmmuShell, ABurstIsTranslatedPageByPage) {
  bench.map(0x5000, kOne);
  bench.map(0x6000, kTwo);
  bench.map(0x7000, kThree);
  std::vector<u8> data = pattern(0x1800);
  EXPECT_TRUE(bench.first.transport_block(Pa{0x5C00}, data, true, Bench::of(Bench::kTranslated)).ok);
  EXPECT_TRUE(bench.filled(kOne + 0xC00, 0x400, 7));
  EXPECT_TRUE(bench.filled(kTwo, 0x1000, 7));
  EXPECT_TRUE(bench.filled(kThree, 0x400, 7));
  EXPECT_FALSE(bench.filled(kThree + 0x400, 8, 7));
  std::vector<u8> back(0x1800);
  EXPECT_TRUE(bench.second.transport_block(Pa{0x5C00}, back, false, Bench::of(Bench::kTranslated)).ok);
  EXPECT_EQ(back, data);
}

TEST_F(SmmuShell, AFaultIsABusErrorAndAnEvent) {
  bench.map(0x5000, kOne);
  bench.map(0x7000, kThree);
  std::vector<u8> data = pattern(0x3000);
  EXPECT_FALSE(bench.first.transport_block(Pa{0x5000}, data, true, Bench::of(Bench::kTranslated)).ok);
  EXPECT_TRUE(bench.filled(kOne, 0x1000, 7)) << "what was before the fault is done";
  EXPECT_FALSE(bench.filled(kThree, 8, 7)) << "what is behind it is not";
  ASSERT_EQ(events(), 1u);
  EXPECT_EQ(event(0) & 0xFF, 0x10u);
  EXPECT_EQ(event(0) >> 32, Bench::kTranslated);
  EXPECT_EQ(bench.word(Bench::kEvents + 16), 0x6000u);
  EXPECT_EQ(pulses(smmu::Wire::EventQueue), 1u);
  EXPECT_FALSE(bench.first.transport(Pa{0x5000}, 8, false, 0, Bench::of(Bench::kAborting)).ok);
  EXPECT_EQ(events(), 1u) << "STE.Config = abort says nothing";
  EXPECT_FALSE(bench.first.transport(Pa{0x5000}, 8, false, 0, Bench::of(15)).ok) << "no valid STE";
  EXPECT_EQ(event(1) & 0xFF, 0x04u);
}

TEST_F(SmmuShell, WithoutAbortAFaultReadsAsZero) {
  std::vector<u8> data = pattern(16);
  EXPECT_TRUE(bench.first.transport_block(Pa{0x9000}, data, false, Bench::of(Bench::kDropping)).ok);
  EXPECT_EQ(data, std::vector<u8>(16, 0));
  data = pattern(16);
  EXPECT_TRUE(bench.first.transport_block(Pa{0x9000}, data, true, Bench::of(Bench::kDropping)).ok);
  EXPECT_EQ(data, pattern(16)) << "a write's data stay the master's";
  EXPECT_EQ(events(), 2u);
}

TEST_F(SmmuShell, ADebuggerLeavesNoTrace) {
  bench.map(0x5000, kOne);
  bench.map(0x6000, kTwo);
  bench.fill(kOne, 0x1000, 1);
  bench.fill(kTwo, 0x1000, 1);
  std::vector<u8> data(0x1800);
  EXPECT_EQ(bench.first.debug(Pa{0x5800}, data.data(), 0x1000, false), 0u) << "no attributes: stream 0 has no STE";
  // Stream 0 becomes what stream 1 is.
  for (u64 n = 0; n < 64; n += 8) {
    bench.set_word(Bench::kStreams + n, bench.word(Bench::kStreams + 64 * Bench::kTranslated + n));
  }
  EXPECT_EQ(bench.first.debug(Pa{0x5800}, data.data(), 0x1800, false), 0x1800u);
  EXPECT_EQ(data[0], (1 + 0x800) & 0xFF);
  EXPECT_EQ(data[0x800], 1);
  EXPECT_EQ(bench.first.debug(Pa{0x6800}, data.data(), 0x1800, false), 0x800u) << "as far as something is mapped";
  EXPECT_EQ(events(), 0u);
  const smmu::Statistics statistics = bench.smmu.core().statistics();
  EXPECT_TRUE(statistics.streams.empty());
  EXPECT_EQ(statistics.tlb.lookups, 0u);
}

TEST_F(SmmuShell, NobodyGetsAPointer) {
  bench.map(0x5000, kOne);
  EXPECT_FALSE(bench.first.is_memory(Pa{0x5000}, false));
  EXPECT_EQ(bench.first.host_page(Pa{0x5000}, false), nullptr);
}

TEST_F(SmmuShell, AHitTakesTheTimeOfTheTbu) {
  bench.map(0x5000, kOne);
  const auto time = [&](u32 stream, u64 address) {
    const tlm::Initiator::Answer answer = bench.first.transport(Pa{address}, 8, false, 0, Bench::of(stream));
    EXPECT_TRUE(answer.ok);
    bench.run(1000);  // until it is over: who comes earlier finds the page on its way
    return bench.clock.cycles_up(answer.delay);
  };
  const u64 direct = bench.clock.cycles_up(bench.cpu.transport(Pa{kOne}, 8, false, 0, {}).delay);
  const u64 cold = time(Bench::kTranslated, 0x5000), warm = time(Bench::kTranslated, 0x5008);
  EXPECT_EQ(warm, direct + Bench::kTbuLatency);
  EXPECT_GE(cold, direct + 5 * (10 + Bench::kRamLatency)) << "an STE, a CD, three descriptors";
}

TEST_F(SmmuShell, PagesOfABurstAreTranslatedAtOnce) {
  bench.map(0x5000, kOne);
  bench.map(0x6000, kTwo);
  const auto time = [&](u64 address, u64 count) {
    std::vector<u8> data(count);
    const tlm::Initiator::Answer answer =
        bench.first.transport_block(Pa{address}, data, false, Bench::of(Bench::kTranslated));
    EXPECT_TRUE(answer.ok);
    bench.run(1000);
    return bench.clock.cycles_up(answer.delay);
  };
  time(0x5000, 8);
  time(0x6000, 8);
  const u64 hits = time(0x5000, 0x2000);
  bench.forget_translations();
  const u64 misses = time(0x5000, 0x2000);
  bench.forget_translations();
  const u64 one_miss = time(0x5000, 0x1000), one_hit = time(0x5000, 0x1000);
  EXPECT_GT(misses, hits);
  EXPECT_LT(misses - hits, 2 * (one_miss - one_hit)) << "the second page's walk is not behind the first one's data";
}

TEST_F(SmmuShell, AStalledMasterWaitsForSoftware) {
  std::vector<u8> data = pattern(0x1800);
  bench.map(0x5000, kOne);
  bench.patient.begin(0x5800, data, true, StreamId{Bench::kStalling});
  bench.run(100'000);
  EXPECT_FALSE(bench.patient.answer());
  ASSERT_EQ(events(), 1u);
  EXPECT_EQ(event(0) & 0xFF, 0x10u);
  EXPECT_TRUE(event_high(0) >> 31 & 1) << "STALL";
  const u64 stag = event_high(0) & 0xFFFF;
  // Others go on meanwhile, at the same TBU too.
  bench.map(0xA000, kThree);
  EXPECT_TRUE(bench.second.transport(Pa{0xA000}, 8, false, 0, Bench::of(Bench::kTranslated)).ok);
  bench.map(0x6000, kTwo);
  bench.command(0x44 | 1u << 12 | u64{Bench::kStalling} << 32, stag);  // CMD_RESUME, retry
  bench.run(100'000);
  ASSERT_TRUE(bench.patient.answer());
  EXPECT_TRUE(bench.patient.answer()->ok);
  EXPECT_TRUE(bench.filled(kOne + 0x800, 0x800, 7));
  EXPECT_TRUE(bench.filled(kTwo, 0x1000, 7));
  EXPECT_EQ(events(), 1u);
}

TEST_F(SmmuShell, AStalledMasterIsAborted) {
  std::vector<u8> data = pattern(8);
  bench.patient.begin(0x5000, data, false, StreamId{Bench::kStalling});
  bench.run(1000);
  ASSERT_EQ(events(), 1u);
  bench.command(0x44 | 2u << 12 | u64{Bench::kStalling} << 32, event_high(0) & 0xFFFF);  // CMD_RESUME, abort
  bench.run(1000);
  ASSERT_TRUE(bench.patient.answer());
  EXPECT_FALSE(bench.patient.answer()->ok);
}

TEST_F(SmmuShell, AMasterThatCannotWaitIsNotStalled) {
  EXPECT_FALSE(bench.first.transport(Pa{0x5000}, 8, false, 0, Bench::of(Bench::kStalling)).ok);
  ASSERT_EQ(events(), 1u);
  EXPECT_FALSE(event_high(0) >> 31 & 1);
}

TEST_F(SmmuShell, CommandsTakeTime) {
  const u64 before = bench.get(0x9C);
  bench.synchronise();
  EXPECT_EQ(bench.get(0x9C), before) << "not from inside the access";
  bench.run(10'000);
  EXPECT_EQ(bench.get(0x9C), before + 1);
  bench.command(0x46 | 1u << 12, 0);  // CMD_SYNC with an interrupt
  bench.run(10'000);
  EXPECT_EQ(pulses(smmu::Wire::CommandSync), 1u);
  bench.command(0x46 | 2u << 12, 0);  // with an event
  bench.run(10'000);
  EXPECT_EQ(bench.send_events, 1u);
}

TEST_F(SmmuShell, AMessageIsAWriteOfItsOwnStream) {
  MmioAccess seen;
  bench.on_device = [&](const MmioAccess& access) {
    seen = access;
    return MmioResult{};
  };
  send_events_to(Bench::kDevice.value + 0x40, 0x77);
  EXPECT_FALSE(bench.first.transport(Pa{0x5000}, 8, false, 0, Bench::of(Bench::kTranslated)).ok);
  bench.run(1000);
  EXPECT_TRUE(seen.write);
  EXPECT_EQ(seen.offset, 0x40u);
  EXPECT_EQ(seen.size, 4u);
  EXPECT_EQ(seen.value, 0x77u);
  EXPECT_EQ(seen.stream, StreamId{0x99});
  send_events_to(0, 0);
}

TEST_F(SmmuShell, WhatItsOwnAccessesSetOffDoesNotComeBackToIt) {
  bool answered = true;
  bench.on_device = [&](const MmioAccess&) {  // a register that makes its device a master, and one that reads registers
    answered = bench.second.transport(Pa{0x5000}, 8, false, 0, Bench::of(Bench::kBypassing)).ok ||
               bench.cpu.transport(Bench::kFrame, 4, false, 0, {}).ok;
    return MmioResult{};
  };
  send_events_to(Bench::kDevice.value, 0);
  EXPECT_FALSE(bench.first.transport(Pa{0x5000}, 8, false, 0, Bench::of(Bench::kTranslated)).ok);
  bench.run(1000);
  EXPECT_FALSE(answered);
  send_events_to(Bench::kFrame.value + 0x20, 0);  // its own registers as the address of a message
  EXPECT_FALSE(bench.first.transport(Pa{0x6000}, 8, false, 0, Bench::of(Bench::kTranslated)).ok);
  bench.run(1000);
  EXPECT_EQ(bench.get(0x24), 0xDu) << "CR0 is as it was";
  send_events_to(0, 0);
  bench.set(0x60 + 4, bench.get(0x60));  // GERRORN: whatever error that was is acknowledged
}

TEST_F(SmmuShell, MastersMayShareATbu) {
  EXPECT_EQ(bench.smmu.tbu_of(0), 0u);
  EXPECT_EQ(bench.smmu.tbu_of(1), 1u);
  EXPECT_EQ(bench.smmu.tbu_of(2), 0u);
}

}  // namespace
}  // namespace tw::test
