#include "memory/dram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tw::memory {
namespace {

/// No refresh and no controller around it: what is left is the device.
DramConfig device() {
  DramConfig config;
  config.refi = 0;
  config.front_end_ns = 0;
  config.back_end_ns = 0;
  config.read_queue = 0;
  config.write_queue = 0;
  return config;
}
constexpr u64 kCl = 17, kCwl = 12, kRcd = 17, kRp = 17, kRas = 39, kRrd = 4, kFaw = 26, kWr = 18, kWtr = 9, kRtp = 9,
              kRtw = 2;
constexpr u64 kBurst = 4;   ///< clocks
constexpr u64 kRow = 8192;  ///< the next one is in the next bank
constexpr u64 kBank = 16;   ///< this many rows further on it is the same bank again
constexpr u64 kOther = kRow * kBank;

TEST(Dram, ARowThatIsClosedHitOrInTheWayCostsItsFormula) {
  Dram dram(device());
  EXPECT_EQ(dram.access(0, 64, false, 1000), 1000 + kRcd + kCl + kBurst);
  EXPECT_EQ(dram.access(64, 64, false, 2000), 2000 + kCl + kBurst);
  EXPECT_EQ(dram.access(kOther, 64, false, 3000), 3000 + kRp + kRcd + kCl + kBurst);
  EXPECT_EQ(dram.access(kRow, 64, false, 4000), 4000 + kRcd + kCl + kBurst) << "another bank";
  EXPECT_EQ(dram.statistics().row_hits, 1u);
  EXPECT_EQ(dram.statistics().row_closed, 2u);
  EXPECT_EQ(dram.statistics().row_conflicts, 1u);
}

TEST(Dram, WritesHaveTheirOwnLatency) {
  Dram dram(device());
  EXPECT_EQ(dram.access(0, 64, true, 1000), 1000 + kRcd + kCwl + kBurst);
  EXPECT_EQ(dram.access(64, 64, true, 2000), 2000 + kCwl + kBurst);
  EXPECT_EQ(dram.statistics().writes, 2u);
}

TEST(Dram, ClosedPagesAlwaysActivate) {
  DramConfig config = device();
  config.page_policy = "closed";
  Dram dram(config);
  for (const u64 at : {1000, 2000, 3000}) {
    EXPECT_EQ(dram.access(at == 2000 ? kOther : 0, 64, false, at), at + kRcd + kCl + kBurst);
  }
  // The second one finds its bank ready again after tRAS and tRP.
  EXPECT_EQ(dram.access(kRow, 64, false, 4000), 4000 + kRcd + kCl + kBurst);
  EXPECT_EQ(dram.access(kRow, 64, false, 4000 + kRas + kRp - 1), 4000 + kRas + kRp + kRcd + kCl + kBurst);
  EXPECT_EQ(dram.access(2 * kRow, 64, false, 5000), 5000 + kRcd + kCl + kBurst);
  EXPECT_EQ(dram.access(2 * kRow, 64, false, 5000 + kRas + kRp), 5000 + kRas + kRp + kRcd + kCl + kBurst);
}

TEST(Dram, ARowStaysOpenForTras) {
  for (const u64 after : {kRas - 1, kRas, kRas + 1}) {
    Dram dram(device());
    dram.access(0, 64, false, 1000);
    const u64 precharge = std::max(1000 + after, 1000 + kRas);
    EXPECT_EQ(dram.access(kOther, 64, false, 1000 + after), precharge + kRp + kRcd + kCl + kBurst) << after;
  }
}

TEST(Dram, APrechargeWaitsForTheReadAndForTheWriteBefore) {
  for (const u64 after : {kRtp - 1, kRtp}) {
    Dram dram(device());
    dram.access(0, 64, false, 1000);
    dram.access(0, 64, false, 2000);
    const u64 precharge = 2000 + std::max(after, kRtp);
    EXPECT_EQ(dram.access(kOther, 64, false, 2000 + after), precharge + kRp + kRcd + kCl + kBurst);
  }
  constexpr u64 kRecovery = kCwl + kBurst + kWr;
  for (const u64 after : {kRecovery - 1, kRecovery}) {
    Dram dram(device());
    dram.access(0, 64, true, 1000);
    dram.access(0, 64, true, 2000);
    EXPECT_EQ(dram.access(kOther, 64, true, 2000 + after), 2000 + kRecovery + kRp + kRcd + kCwl + kBurst);
  }
}

TEST(Dram, ActivatesOfARankKeepTheirDistance) {
  Dram dram(device());
  EXPECT_EQ(dram.access(0, 64, false, 1000), 1000 + kRcd + kCl + kBurst);
  EXPECT_EQ(dram.access(kRow, 64, false, 1000), 1000 + kRrd + kRcd + kCl + kBurst);
  dram.access(2 * kRow, 64, false, 1000);
  dram.access(3 * kRow, 64, false, 1000);
  EXPECT_EQ(dram.access(4 * kRow, 64, false, 1000), 1000 + kFaw + kRcd + kCl + kBurst) << "the fifth within tFAW";
}

TEST(Dram, TheBusTurnsAround) {
  Dram dram(device());
  dram.access(0, 64, true, 1000);
  dram.access(0, 64, true, 2000);
  const u64 written = 2000 + kCwl + kBurst;
  EXPECT_EQ(dram.access(64, 64, false, 2001), written + kWtr + kCl + kBurst);
  dram.access(0, 64, false, 3000);
  EXPECT_EQ(dram.access(0, 64, true, 3004), 3000 + kCl + kBurst + kRtw + kBurst);
}

TEST(Dram, ColumnCommandsOfABankAreTccdApart) {
  DramConfig config = device();
  config.ccd = 6;  // as tCCD_L of DDR4-2400
  Dram dram(config);
  dram.access(0, 64, false, 1000);
  dram.access(0, 64, false, 2000);
  EXPECT_EQ(dram.access(64, 64, false, 2005), 2006 + kCl + kBurst);
  EXPECT_EQ(dram.access(64, 64, false, 2012), 2012 + kCl + kBurst);
}

TEST(Dram, AStreamReachesTheBusRate) {
  for (const bool write : {false, true}) {
    for (const char* mapping : {"row-rank-bank-column-channel", "row-column-rank-bank-channel"}) {
      DramConfig config = device();
      config.mapping = mapping;
      Dram dram(config);
      constexpr u64 kLines = 10'000;
      u64 last = 0;
      for (u64 n = 0; n < kLines; ++n) last = std::max(last, dram.access(n * 64, 64, write, n));
      // 64 bytes in 4 clocks; what is over is the first access, and rows that change.
      EXPECT_GE(last, kLines * kBurst);
      EXPECT_LE(last, kLines * kBurst * 101 / 100) << mapping;
      EXPECT_EQ(dram.statistics().bus_clocks, kLines * kBurst);
    }
  }
}

TEST(Dram, ChannelsMultiplyTheBandwidth) {
  DramConfig config = device();
  config.channels = 4;
  Dram dram(config);
  constexpr u64 kLines = 20'000;
  u64 last = 0;
  for (u64 n = 0; n < kLines; ++n) last = std::max(last, dram.access(n * 64, 64, false, n / 4));
  EXPECT_GE(last, kLines * kBurst / 4);
  EXPECT_LE(last, kLines * kBurst / 4 * 102 / 100);
}

TEST(Dram, RefreshTakesItsShareOfTheBandwidth) {
  DramConfig config = device();
  config.refi = 9360;
  config.rfc = 420;
  config.mapping = "row-column-rank-bank-channel";
  Dram dram(config);
  constexpr u64 kLines = 50'000;
  u64 last = 0;
  for (u64 n = 0; n < kLines; ++n) last = std::max(last, dram.access(n * 64, 64, false, n * kBurst));
  const double share = static_cast<double>(kLines * kBurst) / static_cast<double>(last);
  EXPECT_LE(share, 1.0 - 420.0 / 9360);
  EXPECT_GE(share, 1.0 - 420.0 / 9360 - 0.02);
}

TEST(Dram, ARefreshHoldsABankAndClosesItsRow) {
  DramConfig config = device();
  config.refi = 10'000;
  config.rfc = 400;
  Dram dram(config);
  dram.access(0, 64, false, 9000);
  EXPECT_EQ(dram.access(0, 64, false, 9999), 9999 + kCl + kBurst) << "N-1: before it";
  EXPECT_EQ(dram.access(0, 64, false, 10'000), 10'400 + kRcd + kCl + kBurst) << "N: in it, and the row is closed";
  EXPECT_EQ(dram.access(0, 64, false, 19'999), 19'999 + kCl + kBurst);
  EXPECT_EQ(dram.access(0, 64, false, 20'400), 20'400 + kRcd + kCl + kBurst) << "just behind it";
  EXPECT_EQ(dram.statistics().refresh_clocks, 400u);
}

TEST(Dram, RanksRefreshInTurn) {
  DramConfig config = device();
  config.refi = 10'000;
  config.rfc = 400;
  config.ranks = 2;
  Dram dram(config);
  constexpr u64 kSecondRank = kRow * kBank;
  EXPECT_EQ(dram.access(kSecondRank, 64, false, 10'000), 10'000 + kRcd + kCl + kBurst);
  EXPECT_EQ(dram.access(kSecondRank, 64, false, 15'000), 15'400 + kRcd + kCl + kBurst);
}

TEST(Dram, FrontAndBackEndAreInNanoseconds) {
  DramConfig config = device();
  config.front_end_ns = 10;  // 12 clocks of 1200 MHz
  config.back_end_ns = 7;    // 8.4: a begun clock counts
  Dram dram(config);
  EXPECT_EQ(dram.access(0, 64, false, 1000), 1000 + 12 + kRcd + kCl + kBurst + 9);
}

TEST(Dram, WritesArePostedWhileThereIsRoomInTheQueue) {
  DramConfig config = device();
  config.front_end_ns = 10;
  config.write_queue = 2;
  Dram dram(config);
  EXPECT_EQ(dram.access(0, 64, true, 1000), 1012u);
  EXPECT_EQ(dram.access(64, 64, true, 1000), 1012u);
  const u64 first_done = 1012 + kRcd + kCwl + kBurst;
  EXPECT_EQ(dram.access(128, 64, true, first_done - 1), first_done + 12) << "N-1";
  EXPECT_EQ(dram.access(192, 64, true, 5000), 5012u);
  EXPECT_EQ(dram.statistics().queued_clocks, 1u);
}

TEST(Dram, ReadsWaitForRoomInTheQueue) {
  DramConfig config = device();
  config.read_queue = 1;
  Dram dram(config);
  const u64 first = dram.access(0, 64, false, 1000);
  EXPECT_EQ(dram.access(64, 64, false, 1001), first + kCl + kBurst);
}

TEST(Dram, ALongAccessIsABurstAfterTheOther) {
  Dram dram(device());
  EXPECT_EQ(dram.access(0, 4096, false, 1000), 1000 + kRcd + kCl + 64 * kBurst);
  EXPECT_EQ(dram.access(8, 64, false, 3000), 3000 + kCl + 2 * kBurst) << "it lies in two";
}

TEST(Dram, ALateComerSeesItsOwnTime) {
  Dram dram(device());
  dram.access(0, 64, false, 1000);
  dram.access(kOther, 64, false, 20'000);
  EXPECT_EQ(dram.access(64, 64, false, 2000), 2000 + kCl + kBurst) << "the row that is open then";
  EXPECT_EQ(dram.access(kOther, 64, false, 21'000), 21'000 + kCl + kBurst);
}

TEST(Dram, EqualRunsAreEqualAndNoAnswerIsBeforeTheFormula) {
  DramConfig config = device();
  config.refi = 2000;
  config.rfc = 100;
  config.channels = 2;
  config.ranks = 2;
  config.bank_hash = true;
  const auto run = [&] {
    std::mt19937_64 random(7);
    Dram dram(config);
    u64 sum = 0;
    for (u64 n = 0; n < 5000; ++n) {
      const u64 at = n * 5 + random() % 3000;
      const bool write = random() % 3 == 0;
      const u64 done = dram.access(random() % (1 << 24) & ~u64{63}, 64, write, at);
      EXPECT_GE(done, at + (write ? kCwl : kCl) + kBurst);
      EXPECT_LE(done, at + 5000) << "nobody starves";
      sum = sum * 31 + done;
    }
    EXPECT_EQ(dram.statistics().row_hits + dram.statistics().row_closed + dram.statistics().row_conflicts, 5000u);
    return sum;
  };
  EXPECT_EQ(run(), run());
}

TEST(DramMap, AddressBitsChooseAsTheMappingSays) {
  DramConfig config;
  config.channels = 2;
  config.ranks = 2;
  const u64 columns = config.row_bytes / config.interleave;
  EXPECT_EQ(DramMap(config).place(64), (DramPlace{.channel = 1}));
  EXPECT_EQ(DramMap(config).place(128 * columns), (DramPlace{.bank = 1}));
  EXPECT_EQ(DramMap(config).place(128 * columns * 16), (DramPlace{.rank = 1}));
  EXPECT_EQ(DramMap(config).place(128 * columns * 32 * 5), (DramPlace{.row = 5}));
  config.mapping = "row-column-rank-bank-channel";
  EXPECT_EQ(DramMap(config).place(64), (DramPlace{.channel = 1}));
  EXPECT_EQ(DramMap(config).place(128), (DramPlace{.bank = 1}));
  EXPECT_EQ(DramMap(config).place(128 * 16), (DramPlace{.rank = 1}));
  EXPECT_EQ(DramMap(config).place(128 * 32 * columns * 3), (DramPlace{.row = 3}));
  config.mapping = "row-rank-bank-channel-column";
  EXPECT_EQ(DramMap(config).place(64), (DramPlace{}));
  EXPECT_EQ(DramMap(config).place(8192), (DramPlace{.channel = 1}));
  EXPECT_EQ(DramMap(config).place(2 * 8192), (DramPlace{.bank = 1}));
  config.bank_hash = true;
  EXPECT_EQ(DramMap(config).place(u64{2} * 8192 * 16 * 2 * 3), (DramPlace{.bank = 3, .row = 3}));
}

TEST(DramMap, WhatDoesNotFitTogetherIsSaid) {
  EXPECT_TRUE(validate(DramConfig{}).empty());
  DramConfig config;
  config.banks = 12;
  config.interleave = 32;
  config.rfc = config.refi;
  EXPECT_EQ(validate(config).size(), 3u);
}

}  // namespace
}  // namespace tw::memory
