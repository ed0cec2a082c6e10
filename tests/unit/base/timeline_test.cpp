#include "base/timeline.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <vector>

#include "base/slots.hpp"

namespace tw {
namespace {

unsigned seed() {
  const char* const text = std::getenv("TW_SEED");
  return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 0)) : 4;
}

/// One flag a unit, searched one by one.
class Naive {
 public:
  u64 first_free(u64 from, u64 length) const {
    for (u64 start = from;; ++start) {
      bool free = true;
      for (u64 at = start; at < start + length; ++at) free = free && !busy(at);
      if (free) return start;
    }
  }
  void occupy(u64 begin, u64 end) {
    if (busy_.size() < end) busy_.resize(end);
    for (u64 at = begin; at < end; ++at) busy_[at] = true;
  }
  bool busy(u64 at) const { return at < busy_.size() && busy_[at]; }

 private:
  std::vector<bool> busy_;
};

TEST(Timeline, AFreeResourceServesAtOnce) {
  Timeline line;
  EXPECT_EQ(line.reserve(100, 4), 100u);
  EXPECT_EQ(line.reserve(104, 4), 104u);  // N cycles later: no wait
}

TEST(Timeline, ABusyOneServesWhenItIsFreeAgain) {
  Timeline line;
  line.reserve(100, 4);
  EXPECT_EQ(line.reserve(103, 4), 104u);  // N-1 cycles later: one cycle
}

TEST(Timeline, ALateComerTakesTheGapBeforeTheFuture) {
  Timeline line;
  line.reserve(1000, 10);
  EXPECT_EQ(line.reserve(20, 10), 20u);
  EXPECT_EQ(line.first_free(990, 10), 990u);   // fits exactly
  EXPECT_EQ(line.first_free(991, 10), 1010u);  // does not
}

TEST(Timeline, AReservationOfNoTimeNeitherWaitsNorCounts) {
  Timeline line;
  line.reserve(100, 4);
  EXPECT_EQ(line.reserve(101, 0), 101u);
  EXPECT_EQ(line.first_free(104, 1), 104u);
}

TEST(Timeline, ALongReservationCoversManyWords) {
  Timeline line;
  EXPECT_EQ(line.reserve(63, 1000), 63u);
  EXPECT_EQ(line.first_free(0, 63), 0u);
  EXPECT_EQ(line.first_free(0, 64), 1063u);
}

TEST(Timeline, WhatIsOlderThanTheWindowIsForgottenAndFree) {
  Timeline line(64 * 4);
  line.reserve(0, 64);
  line.reserve(255, 1);
  EXPECT_EQ(line.first_free(10, 1), 64u);  // the window is [0, 256)
  line.reserve(256, 1);
  EXPECT_EQ(line.first_free(10, 1), 10u);  // [64, 320)
  EXPECT_EQ(line.reserve(10, 20), 10u);    // and cannot be reserved
  EXPECT_EQ(line.first_free(10, 1), 10u);
}

TEST(Timeline, AJumpFarAheadLeavesNothingBehind) {
  Timeline line(256);
  line.occupy(0, 256);
  line.reserve(1'000'000, 3);
  EXPECT_EQ(line.first_free(999'990, 10), 999'990u);
  EXPECT_EQ(line.first_free(1'000'002, 1), 1'000'003u);
}

TEST(Timeline, ClearForgetsAll) {
  Timeline line;
  line.reserve(1'000'000, 3);
  line.clear();
  EXPECT_EQ(line.reserve(0, 3), 0u);
  EXPECT_EQ(line.reserve(1'000'001, 3), 1'000'001u);
}

TEST(Timeline, AgreesWithASearchUnitByUnit) {
  std::mt19937 random(seed());
  const auto below = [&](u64 n) { return std::uniform_int_distribution<u64>(0, n - 1)(random); };
  for (unsigned run = 0; run < 20; ++run) {
    Timeline line(8192);
    Naive naive;
    for (unsigned n = 0; n < 200; ++n) {
      const u64 from = below(4000);
      const u64 length = 1 + below(run % 2 == 0 ? 8 : 150);
      const u64 expected = naive.first_free(from, length);
      if (expected + length > 8192) continue;
      ASSERT_EQ(line.first_free(from, length), expected) << "run " << run << ", request " << n << ", seed " << seed();
      ASSERT_EQ(line.reserve(from, length), expected);
      naive.occupy(expected, expected + length);
      const u64 at = below(8192);
      ASSERT_EQ(line.next_free(at) == at, !naive.busy(at));
    }
  }
}

TEST(Slots, AsManyAsThereAreStartAtOnceAndTheNextWaitsForTheFirstEnd) {
  Slots slots(2);
  EXPECT_EQ(slots.first_free(10), 10u);
  slots.occupy(10, 110);
  EXPECT_EQ(slots.first_free(11), 11u);
  slots.occupy(11, 61);
  EXPECT_EQ(slots.first_free(12), 61u);
  EXPECT_EQ(slots.first_free(60), 61u);  // N-1
  EXPECT_EQ(slots.first_free(61), 61u);  // N
}

TEST(Slots, WithoutAServerThereIsNoLimit) {
  Slots slots(0);
  for (unsigned n = 0; n < 100; ++n) {
    EXPECT_EQ(slots.first_free(5), 5u);
    slots.occupy(5, 1000);
  }
}

TEST(Slots, ALateComerDoesNotWaitForTheFuture) {
  Slots slots(1);
  slots.occupy(1000, 1100);
  EXPECT_EQ(slots.first_free(50), 50u);
  slots.occupy(50, 150);
  EXPECT_EQ(slots.first_free(100), 150u);
}

TEST(Slots, ARequestTakesTheServerThatIsFreeToItsEnd) {
  Slots slots(2);
  slots.occupy(100, 200);
  slots.occupy(50, 150);  // runs into the first server's: goes to the second
  EXPECT_EQ(slots.first_free(99), 99u);
  EXPECT_EQ(slots.first_free(120), 150u);
}

TEST(Slots, WithoutLateComersNeverMoreAreBusyThanThereAre) {
  std::mt19937 random(seed());
  const auto below = [&](u64 n) { return std::uniform_int_distribution<u64>(0, n - 1)(random); };
  constexpr unsigned kCount = 3;
  Slots slots(kCount);
  std::vector<unsigned> busy(20'000);
  u64 now = 0;
  for (unsigned n = 0; n < 500; ++n) {
    now += below(12);
    u64 expected = now;
    while (busy[expected] >= kCount) ++expected;
    const u64 start = slots.first_free(now);
    ASSERT_EQ(start, expected) << "request " << n << ", seed " << seed();
    now = start;
    const u64 end = start + 1 + below(60);
    slots.occupy(start, end);
    for (u64 at = start; at < end; ++at) ++busy[at];
  }
}

}  // namespace
}  // namespace tw
