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
