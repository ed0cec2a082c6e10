// Estimates from samples: Student's t, means and intervals against figures worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "platforms/report/sampling.hpp"

namespace tw::report {
namespace {

Core sample(u64 instructions, u64 busy, u64 idle, u64 lookups = 0, u64 misses = 0) {
  Core core;
  core.instructions = instructions;
  ContextTotals totals;
  totals.instructions = instructions;
  totals.cycles[static_cast<unsigned>(cost::Cause::Integer)] = busy;
  totals.cycles[static_cast<unsigned>(cost::Cause::Idle)] = idle;
  core.contexts = {totals};
  TlbStatistics tlb;
  tlb.name = "L2";
  tlb.entries = 16;
  tlb.lookups = lookups;
  tlb.misses = misses;
  core.tlbs = {tlb};
  core.elapsed = core.accounted = busy + idle;
  return core;
}

const Metric* find(const Sampling& sampling, const std::string& name) {
  for (const Metric& metric : sampling.metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

TEST(Sampling, StudentsT) {
  // One and two degrees of freedom have closed forms.
  EXPECT_NEAR(t_of_95_percent(2), std::tan(0.95 * std::numbers::pi / 2), 1e-9);
  EXPECT_NEAR(t_of_95_percent(3), std::sqrt(2 * 0.95 * 0.95 / (1 - 0.95 * 0.95)), 1e-9);
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, column 0.975.
  EXPECT_NEAR(t_of_95_percent(4), 3.182, 5e-4);
  EXPECT_NEAR(t_of_95_percent(6), 2.571, 5e-4);
  EXPECT_NEAR(t_of_95_percent(11), 2.228, 5e-4);
  EXPECT_NEAR(t_of_95_percent(31), 2.042, 5e-4);
  EXPECT_NEAR(t_of_95_percent(101), 1.984, 5e-4);
  EXPECT_NEAR(t_of_95_percent(100'000), 1.960, 5e-4);
}

TEST(Sampling, MeanAndIntervalOfThree) {
  Samples samples;
  for (const u64 busy : {100, 200, 300}) {
    const Core cores[] = {sample(100, busy, 1000)};
    samples.add(cores);
  }
  Sampling result;
  samples.estimate(result, 10'000, 77);
  EXPECT_EQ(result.samples, 3u);
  const Metric* cpi = find(result, "cycles per instruction");
  ASSERT_NE(cpi, nullptr);
  EXPECT_DOUBLE_EQ(cpi->mean, 2.0);                             // idle time is no cost of instructions
  EXPECT_NEAR(cpi->half_width, 4.302653 / std::sqrt(3), 1e-6);  // variance 1
  EXPECT_DOUBLE_EQ(result.cycles, 20'077);
  EXPECT_NEAR(result.cycles_half_width, 10'000 * cpi->half_width, 1e-6);
  EXPECT_DOUBLE_EQ(find(result, "share of cycles: integer")->mean, 1.0);
  EXPECT_EQ(find(result, "share of cycles: idle"), nullptr);
  EXPECT_EQ(find(result, "L2: misses per lookup"), nullptr) << "nobody looked";
}

TEST(Sampling, CoresOfASampleAreOne) {
  Samples samples;
  const Core cores[] = {sample(100, 100, 0, 10, 1), sample(300, 900, 0, 30, 19)};
  samples.add(cores);
  Sampling result;
  samples.estimate(result, 400, 0);
  EXPECT_DOUBLE_EQ(find(result, "cycles per instruction")->mean, 2.5);
  EXPECT_DOUBLE_EQ(find(result, "L2: misses per lookup")->mean, 0.5);
  EXPECT_DOUBLE_EQ(find(result, "L2: misses per 1000 instructions")->mean, 50);
  EXPECT_EQ(find(result, "cycles per instruction")->half_width, 0) << "one sample says nothing of its error";
}

/// Of many estimates with 95 % confidence, about 95 % hold what they estimate.
TEST(Sampling, TheIntervalHoldsTheMeanAsOftenAsItSays) {
  std::mt19937_64 random(2026);
  std::uniform_int_distribution<u64> busy(1000, 5000);
  unsigned held = 0;
  constexpr unsigned kTrials = 2000;
  for (unsigned trial = 0; trial < kTrials; ++trial) {
    Samples samples;
    for (unsigned i = 0; i < 8; ++i) {
      const Core cores[] = {sample(1000, busy(random), 0)};
      samples.add(cores);
    }
    Sampling result;
    samples.estimate(result, 1000, 0);
    const Metric& cpi = *find(result, "cycles per instruction");
    held += std::abs(cpi.mean - 3.0) <= cpi.half_width;
  }
  EXPECT_GT(held, kTrials * 93 / 100);
  EXPECT_LT(held, kTrials * 97 / 100);
}

}  // namespace
}  // namespace tw::report
