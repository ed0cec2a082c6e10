#include "cost/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tw::cost {
namespace {

u64 exact_quantile(std::vector<u64> values, unsigned percent) {
  std::sort(values.begin(), values.end());
  const std::size_t rank = std::max<std::size_t>((values.size() * percent + 99) / 100, 1);
  return values[rank - 1];
}

TEST(Histogram, EmptyIsZero) {
  const Histogram h;
  EXPECT_EQ(h.count(), 0u);
  EXPECT_EQ(h.min(), 0u);
  EXPECT_EQ(h.max(), 0u);
  EXPECT_EQ(h.quantile(0.5), 0u);
  EXPECT_EQ(h.mean(), 0.0);
}

TEST(Histogram, SmallValuesAreExact) {
  std::vector<u64> values;
  Histogram h;
  for (u64 v = 0; v < 128; ++v) {
    for (u64 i = 0; i <= v % 5; ++i) {
      values.push_back(v);
      h.add(v);
    }
  }
  for (unsigned p = 0; p <= 100; ++p) EXPECT_EQ(h.quantile(p / 100.0), exact_quantile(values, p)) << p;
}

TEST(Histogram, QuantilesOfAnyValuesAreWithinASixtyFourth) {
  std::mt19937_64 random(20261121);
  for (const unsigned shift : {0u, 20u, 40u, 54u, 63u}) {
    std::vector<u64> values;
    Histogram h;
    for (int i = 0; i < 5000; ++i) {
      const u64 v = random() >> (shift == 0 ? random() % 64 : shift);
      values.push_back(v);
      h.add(v);
    }
    for (unsigned p = 0; p <= 100; ++p) {
      const u64 exact = exact_quantile(values, p);
      const u64 got = h.quantile(p / 100.0);
      EXPECT_GE(got, exact) << "shift " << shift << " p" << p;
      EXPECT_LE(got - exact, exact / 64) << "shift " << shift << " p" << p;
    }
    EXPECT_EQ(h.max(), *std::max_element(values.begin(), values.end()));
    EXPECT_EQ(h.min(), *std::min_element(values.begin(), values.end()));
  }
}

TEST(Histogram, BucketsTileTheNumbers) {
  for (u64 v = 0; v < 5000;) {
    EXPECT_EQ(Histogram::lower_bound(v), v);
    const u64 last = Histogram::upper_bound(v);
    EXPECT_EQ(Histogram::lower_bound(last), v);
    EXPECT_EQ(Histogram::upper_bound(last), last);
    v = last + 1;
  }
  EXPECT_EQ(Histogram::upper_bound(~u64{0}), ~u64{0});
}

TEST(Histogram, MergeEqualsAddingAll) {
  Histogram a, b, all;
  for (u64 v = 1; v < 4000; v += 7) {
    (v % 2 ? a : b).add(v, v % 3);
    all.add(v, v % 3);
  }
  a.merge(b);
  EXPECT_EQ(a, all);
  a.merge(Histogram{});
  EXPECT_EQ(a, all);
}

}  // namespace
}  // namespace tw::cost
