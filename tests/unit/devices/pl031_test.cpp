// PL031 against DDI 0224.
#include "devices/pl031.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace tw::devices {
namespace {

struct Clock final : SecondsPort {
  u64 seconds() const override { return now; }
  u64 now = 0;
};

struct Pl031Test : testing::Test {
  Clock clock;
  bool level = false;
  Pl031 rtc{Config{}, clock, [this](bool value) { level = value; }};

  u64 read(u64 offset) { return rtc.access({.offset = offset, .size = 4}).value; }
  void write(u64 offset, u64 value) {
    EXPECT_TRUE(rtc.access({.offset = offset, .size = 4, .write = true, .value = value}).ok);
  }
};

TEST_F(Pl031Test, ResetValues) {
  EXPECT_EQ(read(0x00), 1767225600u) << "2026-01-01 00:00 UTC";
  for (const u64 offset : {0x04, 0x08, 0x10, 0x14, 0x18, 0x1C}) EXPECT_EQ(read(offset), 0u) << offset;
  EXPECT_EQ(read(0x0C), 1u);
  const u64 identification[] = {0x31, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1};
  for (u64 i = 0; i < 8; ++i) EXPECT_EQ(read(0xFE0 + 4 * i), identification[i]);
}

TEST_F(Pl031Test, RowsAreSortedAndDisjoint) {
  u64 end = 0;
  for (const auto& row : Pl031::rows()) {
    EXPECT_GE(row.offset, end) << row.name;
    end = row.offset + row.bytes;
  }
  EXPECT_EQ(end, 0x1000u);
}

TEST_F(Pl031Test, CountsSimulatedSecondsAndCanBeSet) {
  clock.now = 5;
  EXPECT_EQ(read(0x00), 1767225605u);
  write(0x08, 100);
  EXPECT_EQ(read(0x08), 100u);
  EXPECT_EQ(read(0x00), 100u);
  clock.now = 12;
  EXPECT_EQ(read(0x00), 107u);
  write(0x00, 3);
  EXPECT_EQ(read(0x00), 107u) << "RTCDR is read-only";
  write(0x0C, 0);
  clock.now = 13;
  EXPECT_EQ(read(0x00), 108u) << "a started clock cannot be stopped";
}

TEST_F(Pl031Test, MatchRaisesTheInterruptAtItsSecond) {
  write(0x08, 1000);
  write(0x04, 1010);
  write(0x10, 1);
  EXPECT_EQ(rtc.next_match(), 10u);
  clock.now = 9;
  rtc.update();
  EXPECT_FALSE(level);
  EXPECT_EQ(read(0x14), 0u);
  clock.now = 10;
  rtc.update();
  EXPECT_TRUE(level);
  EXPECT_EQ(read(0x14), 1u);
  EXPECT_EQ(read(0x18), 1u);
  write(0x10, 0);
  EXPECT_FALSE(level);
  EXPECT_EQ(read(0x18), 0u);
  write(0x10, 1);
  write(0x1C, 0);
  EXPECT_TRUE(level) << "a zero clears nothing";
  write(0x1C, 1);
  EXPECT_FALSE(level);
  EXPECT_EQ(rtc.next_match(), 10 + (u64{1} << 32)) << "the counter must wrap first";
}

TEST_F(Pl031Test, MatchInThePastSecondIsNotMissed) {
  write(0x08, 0);
  write(0x04, 10);
  write(0x10, 1);
  clock.now = 50;
  EXPECT_EQ(read(0x14), 1u);
  EXPECT_TRUE(level);
}

TEST_F(Pl031Test, MatchOfThePresentSecondIsNow) {
  write(0x10, 1);
  write(0x04, read(0x00));
  EXPECT_TRUE(level);
}

TEST_F(Pl031Test, CounterWraps) {
  write(0x08, 0xFFFF'FFFF);
  clock.now = 1;
  EXPECT_EQ(read(0x00), 0u);
}

TEST_F(Pl031Test, RandomAccessesNeverCrash) {
  std::mt19937_64 random(31);
  for (int i = 0; i < 100000; ++i) {
    const u8 size = static_cast<u8>(1u << (random() % 4));
    const u64 offset = (random() % 4 ? random() % 0x20 : random()) & ~u64{size - 1u};
    static_cast<void>(rtc.access(
        {.offset = offset, .size = size, .write = (random() & 1) != 0, .value = random(), .debug = random() % 8 == 0}));
    clock.now += random() % 100 == 0 ? random() % (u64{1} << 34) : random() % 3;
    rtc.update();
    ASSERT_GT(rtc.next_match(), clock.now);
    ASSERT_EQ(level, read(0x18) == 1);
  }
}

}  // namespace
}  // namespace tw::devices
