// Non-blocking transactions through the fabric: the same times as blocking ones, turns, back-pressure.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tlm/at_bench.hpp"

namespace tw::test {
namespace {

using Sent = Master::Sent;

struct NonBlocking : testing::Test {
  AtBench& bench = at_bench();
  void SetUp() override {
    for (Master* master : {&bench.a, &bench.b, &bench.c, &bench.low, &bench.high}) master->clear();
    bench.violations.clear();
  }
  void TearDown() override { EXPECT_TRUE(bench.violations.empty()) << tlm::row(bench.violations.front()).text; }
  u64 cycles(u64 ps) const { return bench.clock.cycles_up(tlm::picoseconds(ps)); }
  u64 latency(const Sent& sent) const { return cycles(sent.ended - sent.begun); }
  u64 now_ps() const { return tlm::to_picoseconds(sc_core::sc_time_stamp()); }
};

TEST_F(NonBlocking, ALoneTransactionTakesWhatABlockingOneTakes) {
  for (const Pa base : {AtBench::kRam, AtBench::kLimited, AtBench::kDram}) {
    for (const unsigned bytes : {4u, 64u, 100u, 1024u}) {
      for (const bool write : {false, true}) {
        bench.a.clear();
        bench.blocking.transport_time(base, 64, write, {});  // opens the row
        run();
        std::vector<unsigned char> data(bytes);
        const auto answer = bench.blocking.transport_block(base, data, write, {});
        run();
        bench.a.send(base, bytes, write);
        run();
        ASSERT_EQ(bench.a.sent().size(), 1u);
        const Sent& sent = bench.a.sent().front();
        EXPECT_EQ(sent.status, ::tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(tlm::picoseconds(sent.ended - sent.begun), answer.delay)
            << std::hex << base.value << std::dec << " " << bytes << (write ? " written" : " read");
        EXPECT_EQ(sent.accepted, sent.begun) << "nobody is in its way";
      }
    }
  }
}

TEST_F(NonBlocking, ADeviceThatKnowsBlockingTransactionsOnlyIsReachedToo) {
  for (const bool write : {false, true}) {
    bench.a.send(AtBench::kDevice + 8, 4, write);
    run();
  }
  EXPECT_EQ(latency(bench.a.sent()[0]), 10u + 3u);
  EXPECT_EQ(latency(bench.a.sent()[1]), 10u + 5u);
}

TEST_F(NonBlocking, DataArrive) {
  bench.a.data[0] = 0x5A;
  bench.a.send(AtBench::kRam + 0x123, 1, true);
  run();
  EXPECT_EQ(bench.bytes.bytes()[0x123], 0x5A);
  bench.bytes.bytes()[0x124] = 0xA5;
  bench.b.send(AtBench::kRam + 0x124, 1, false);
  run();
  EXPECT_EQ(bench.b.data[0], 0xA5);
}

TEST_F(NonBlocking, NobodyAnswersOutsideTheMap) {
  bench.a.send(AtBench::kNothing, 4, false);
  run();
  EXPECT_EQ(bench.a.sent().front().status, ::tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_F(NonBlocking, BothReachTheBandwidthOfTheLink) {
  constexpr unsigned kCount = 300;
  for (const Pa base : {AtBench::kRam, AtBench::kLimited}) {
    for (const bool write : {false, true}) {
      run();
      u64 blocking_end = 0;
      for (unsigned n = 0; n < kCount; ++n) {
        blocking_end = std::max(blocking_end,
                                cycles(tlm::to_picoseconds(bench.blocking.transport_time(base, 64, write, {}).delay)));
      }
      run();
      bench.a.clear();
      bench.b.clear();
      const u64 begin = now_ps();
      for (unsigned n = 0; n < kCount; ++n) (n % 2 == 0 ? bench.a : bench.b).send(base + 64 * n, 64, write);
      run();
      u64 end = 0;
      for (const Master* master : {&bench.a, &bench.b}) {
        for (const Sent& sent : master->sent()) end = std::max(end, cycles(sent.ended - begin));
      }
      EXPECT_EQ(end, blocking_end) << std::hex << base.value << (write ? " written" : " read");
      if (base == AtBench::kRam) {
        EXPECT_EQ(end, 10 + AtBench::kRamLatency + kCount * 8 - 2);
      }
    }
  }
}

TEST_F(NonBlocking, EndOfRequestIsWithheldWhileTheLimitIsReached) {
  for (unsigned n = 0; n < 3; ++n) bench.a.send(AtBench::kLimited, 16, false);
  run();
  const auto& sent = bench.a.sent();
  EXPECT_EQ(sent[1].accepted, sent[1].begun);
  EXPECT_EQ(sent[2].accepted, sent[0].ended) << "two are under way until then";
}

TEST_F(NonBlocking, ATargetThatIsFullHoldsTheFabric) {
  for (unsigned n = 0; n < 5; ++n) bench.a.send(AtBench::kDram + 64 * n, 64, false);
  sc_core::sc_start(bench.clock.time(AtBench::kLink.latency + 1));  // the fifth stands at the door
  bench.b.send(AtBench::kDram, 64, false);
  run();
  const auto& sent = bench.a.sent();
  ASSERT_EQ(sent.size(), 5u);
  for (const Sent& one : sent) EXPECT_EQ(one.accepted, one.begun) << "the fabric takes what it may";
  const Sent& last = bench.b.sent()[0];
  // The controller has a queue of 4: until one of them has left it, nobody passes.
  EXPECT_GT(last.accepted, last.begun);
  EXPECT_LT(last.accepted, sent[0].ended);
  for (const Sent& one : sent) EXPECT_EQ(one.status, ::tlm::TLM_OK_RESPONSE);
}

TEST_F(NonBlocking, EqualsTakeTurns) {
  for (unsigned n = 0; n < 5; ++n) {
    for (Master* master : {&bench.a, &bench.b, &bench.c}) master->send(AtBench::kLimited, 64, true);
  }
  run();
  for (unsigned n = 1; n < 5; ++n) {
    const u64 first = std::min({bench.a.sent()[n].accepted, bench.b.sent()[n].accepted, bench.c.sent()[n].accepted});
    for (const Master* master : {&bench.a, &bench.b, &bench.c}) {
      EXPECT_GE(first, master->sent()[n - 1].accepted) << "nobody has its turn " << n << " before all had the last one";
    }
  }
}

TEST_F(NonBlocking, PriorityGoesFirst) {
  for (unsigned n = 0; n < 5; ++n) {
    bench.low.send(AtBench::kRam, 64, false);
    bench.high.send(AtBench::kRam, 64, false);
  }
  run();
  // The limit is one: whoever came first is under way, then the favoured one has all its turns.
  EXPECT_LT(bench.high.sent()[4].ended, bench.low.sent()[1].ended);
}

TEST_F(NonBlocking, AnInitiatorThatKeepsAResponseHoldsTheNextOne) {
  bench.a.keeps_response = bench.clock.time(100);
  for (unsigned n = 0; n < 3; ++n) bench.a.send(AtBench::kLimited, 16, false);
  run();
  const auto& sent = bench.a.sent();
  EXPECT_EQ(cycles(sent[1].ended - sent[0].ended), 100u) << "response exclusion";
  EXPECT_EQ(cycles(sent[2].accepted - sent[0].ended), 100u) << "it is outstanding until END_RESP";
}

TEST_F(NonBlocking, BlockingOnesTakeTheirShareOfTheSameChannels) {
  u64 blocking_end = 0;
  const u64 begin = now_ps();
  for (unsigned n = 0; n < 10; ++n) {
    blocking_end = std::max(
        blocking_end, cycles(tlm::to_picoseconds(bench.blocking.transport_time(AtBench::kRam, 64, false, {}).delay)));
  }
  bench.a.send(AtBench::kRam, 64, false);
  run();
  EXPECT_EQ(cycles(bench.a.sent()[0].ended - begin), blocking_end + 8) << "behind ten reservations";
}

TEST_F(NonBlocking, ATransactionForItsDataOnlyIsInNobodysWay) {
  for (const Pa base : {AtBench::kLimited, AtBench::kDram}) {
    bench.blocking.transport_time(base, 64, false, {});
    run();
    const auto alone = bench.blocking.transport_time(base, 64, false, {});
    run();
    for (unsigned n = 0; n < 10; ++n) {
      const u64 row = n % 8 * 0x2'0000;  // others of the same bank
      EXPECT_TRUE(bench.blocking.transport(base + row, 8, true, n, {.data_only = true}).ok);
      u64 value = 0;
      ASSERT_TRUE(bench.bytes.read(row, 8, value));
      EXPECT_EQ(value, n);
    }
    EXPECT_EQ(bench.blocking.transport_time(base, 64, false, {}).delay, alone.delay);
    run();
  }
}

}  // namespace
}  // namespace tw::test
