#include <gtest/gtest.h>

#include "tlm/bench.hpp"

namespace tw::test {
namespace {

u64 cycles_of(Pa pa, unsigned size, bool write) {
  return bench().clock.cycles_up(bench().first.transport(pa, size, write, 0, {}).delay);
}

TEST(Time, LatencyIsLinkAndTarget) {
  EXPECT_EQ(cycles_of(Bench::kRam, 4, false), 10u + 7u);
  EXPECT_EQ(cycles_of(Bench::kRam, 8, false), 10u + 2u + 7u) << "two beats of four bytes";
  EXPECT_EQ(cycles_of(Bench::kDevice + 16, 4, false), 20u + 3u);
  EXPECT_EQ(cycles_of(Bench::kDevice + 16, 4, true), 20u + 5u);
}

TEST(Time, TransactionsAnnotateAndDoNotWait) {
  const sc_core::sc_time before = sc_core::sc_time_stamp();
  ::tlm::tlm_generic_payload payload;
  u32 word = 0;
  payload.set_command(::tlm::TLM_READ_COMMAND);
  payload.set_address(Bench::kRam.value);
  payload.set_data_ptr(reinterpret_cast<u8*>(&word));
  payload.set_data_length(4);
  payload.set_streaming_width(4);
  sc_core::sc_time delay = tlm::picoseconds(123);
  bench().first.socket->b_transport(payload, delay);
  EXPECT_EQ(delay, tlm::picoseconds(123 + 17 * Bench::kPeriodPs));
  EXPECT_EQ(sc_core::sc_time_stamp(), before);
}

TEST(Time, TheLeadOfAnInitiatorIsNotPartOfTheLatency) {
  const sc_core::sc_time lead = tlm::picoseconds(12'345);
  EXPECT_EQ(bench().first.transport(Bench::kRam, 4, false, 0, {}, lead).delay, bench().clock.time(17));
  u8 line[64];
  EXPECT_EQ(bench().first.transport_block(Bench::kRam, line, true, {}, lead).delay, bench().clock.time(10 + 30 + 7));
}

TEST(Time, LeadIsAheadOfScTimeOrNothing) {
  const tlm::Clock& clock = bench().clock;
  const u64 now = clock.cycles_up(sc_core::sc_time_stamp());
  EXPECT_EQ(clock.lead(now + 10), clock.time(now + 10) - sc_core::sc_time_stamp());
  EXPECT_EQ(clock.lead(0), sc_core::SC_ZERO_TIME);
}

TEST(Time, ATransactionForItsTimeOnlyTakesThatTimeAndMovesNothing) {
  ASSERT_TRUE(bench().ram.write(0x40, 8, 0x1234'5678));
  const auto fill = bench().first.transport_time(Bench::kRam + 0x40, 64, false, {});
  EXPECT_TRUE(fill.ok);
  EXPECT_EQ(fill.delay, bench().clock.time(10 + 30 + 7));
  EXPECT_EQ(fill.served_by, cost::ServedBy::Memory);
  EXPECT_EQ(bench().first.transport_time(Bench::kRam + 0x40, 64, true, {}).delay, fill.delay);
  u64 value = 0;
  ASSERT_TRUE(bench().ram.read(0x40, 8, value));
  EXPECT_EQ(value, 0x1234'5678u);
  EXPECT_FALSE(bench().first.transport_time(Pa{0}, 64, false, {}).ok) << "there is nobody";
  EXPECT_FALSE(bench().first.transport_time(Bench::kRam + (Bench::kRamBytes - 8), 64, false, {}).ok) << "nor here";
}

TEST(Time, CyclesAndPicosecondsAreExact) {
  const tlm::Clock clock = tlm::Clock::from_mhz(2000);
  EXPECT_EQ(clock.period_ps(), 500u);
  EXPECT_EQ(tlm::Clock::from_mhz(3000).period_ps(), 333u);
  EXPECT_EQ(tlm::Clock::from_mhz(1500).period_ps(), 667u);
  const u64 many = 123'456'789'012'345;
  EXPECT_EQ(clock.cycles_up(clock.time(many)), many);
  EXPECT_EQ(clock.cycles_down(clock.time(many)), many);
  EXPECT_EQ(clock.cycles_up(tlm::picoseconds(501)), 2u);
  EXPECT_EQ(clock.cycles_down(tlm::picoseconds(999)), 1u);
  EXPECT_EQ(clock.cycles_up(tlm::picoseconds(0)), 0u);
}

}  // namespace
}  // namespace tw::test
