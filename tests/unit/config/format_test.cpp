#include "platforms/report/format.hpp"

#include <gtest/gtest.h>

namespace tw::report {
namespace {

TEST(Format, ThousandSeparators) {
  EXPECT_EQ(grouped(u64{0}), "0");
  EXPECT_EQ(grouped(u64{999}), "999");
  EXPECT_EQ(grouped(u64{1000}), "1,000");
  EXPECT_EQ(grouped(u64{123456}), "123,456");
  EXPECT_EQ(grouped(~u64{0}), "18,446,744,073,709,551,615");
  EXPECT_EQ(grouped(i64{-1234}), "-1,234");
  EXPECT_EQ(grouped(std::numeric_limits<i64>::min()), "-9,223,372,036,854,775,808");
}

TEST(Format, Decimals) {
  EXPECT_EQ(decimal(0), "0.0");
  EXPECT_EQ(decimal(175), "175.0");
  EXPECT_EQ(decimal(1234.56), "1,234.6");
  EXPECT_EQ(decimal(-0.26), "-0.3");
  EXPECT_EQ(decimal(-0.01), "0.0");
  EXPECT_EQ(decimal(9999.94), "9,999.9");
  EXPECT_EQ(decimal(9999.96), "10,000");
}

TEST(Format, PercentNeverShowsSomethingAsNothing) {
  EXPECT_EQ(percent(1, 3), "33.3 %");
  EXPECT_EQ(percent(0, 3), "0.0 %");
  EXPECT_EQ(percent(3, 0), "0.0 %");
  EXPECT_EQ(percent(1, 1000000), "<0.1 %");
}

TEST(Format, Durations) {
  EXPECT_EQ(duration(999), "999 ps");
  EXPECT_EQ(duration(1500), "1.500 ns");
  EXPECT_EQ(duration(6'173'000'000), "6.173 ms");
  EXPECT_EQ(duration(2'000'000'000'000), "2.000 s");
}

TEST(TextTable, AlignsCutsAndCountsColumnsNotBytes) {
  TextTable table({{"name", Align::Left, 6}, {"n"}, {"empty"}});
  table.row({"abcdefgh", "1", ""});
  table.row({"·", "1,000", ""});
  table.drop_empty_columns();
  EXPECT_EQ(table.text(), "  name        n\n  abcde…      1\n  ·       1,000\n");
}

}  // namespace
}  // namespace tw::report
