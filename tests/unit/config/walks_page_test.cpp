// The explained walk, and the inside of a trap: the parts add up to the whole, in the figures and on the page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "platforms/report/format.hpp"
#include "platforms/report/text.hpp"
#include "platforms/report/walks.hpp"

namespace tw::report {
namespace {

using cost::ServedBy;
using testing::HasSubstr;
using testing::Not;

/// Two levels of stage 1 below two of stage 2; the last are those of the page that the access needs.
ExplainedWalk nested() {
  ExplainedWalk walk;
  walk.key = {.regime = cost::WalkRegime::El10,
              .stage1 = true,
              .stage2 = true,
              .purpose = cost::WalkFor::Data,
              .context = {.el = El::El1, .guest = true, .vmid = Vmid{3}}};
  walk.va = 0xffff'8000'0123'4000;
  walk.fetches = {
      {2, 2, 2, ServedBy::L2, 0x4800'0000, 0x4800'1003, 10},
      {2, 3, 2, ServedBy::L1, 0x4800'1008, 0x4900'07ff, 4},
      {1, 2, -1, ServedBy::Memory, 0x4900'0010, 0x5000'1003, 100},
      {2, 3, 3, ServedBy::L1, 0x4800'1010, 0x4900'17ff, 5},
      {1, 3, -1, ServedBy::L1, 0x4900'1010, 0x6000'0783, 6},
      {2, 2, -1, ServedBy::L3, 0x4800'0018, 0x4a00'0781, 40},
  };
  for (const Fetch& fetch : walk.fetches) walk.cycles += fetch.cycles;
  return walk;
}

TEST(ExplainedWalk, IsATreeWhoseSumIsTheSpan) {
  EXPECT_EQ(tree(nested()), R"(  VA 0xffff800001234000, EL1&0, stages 1+2, data, EL1 VMID 3: 165 cycles in 6 fetches
  fetch                            at          descriptor  is      points to  served by  cycles  until then
  ├─ stage 1, level 2                                                                     = 114
  │   ├─ stage 2, level 2  0x48000000  0x0000000048001003  table  0x48001000  L2             10          10
  │   ├─ stage 2, level 3  0x48001008  0x00000000490007ff  page   0x49000000  L1              4          14
  │   └─ descriptor        0x49000010  0x0000000050001003  table  0x50001000  memory        100         114
  ├─ stage 1, level 3                                                                      = 11
  │   ├─ stage 2, level 3  0x48001010  0x00000000490017ff  page   0x49001000  L1              5         119
  │   └─ descriptor        0x49001010  0x0000000060000783  page   0x60000000  L1              6         125
  └─ the final IPA
      └─ stage 2, level 2  0x48000018  0x000000004a000781  block  0x4a000000  L3             40         165
  sum                                                                                       165      = span
)");
}

TEST(ExplainedWalk, ASumThatIsNotTheSpanIsSaid) {
  ExplainedWalk walk = nested();
  EXPECT_THAT(tree(walk), Not(HasSubstr("NOT")));
  ++walk.cycles;
  EXPECT_THAT(tree(walk), HasSubstr("IS NOT THE SPAN"));
}

TEST(ExplainedWalk, WhatADescriptorIs) {
  EXPECT_EQ(descriptor_kind(0x1000, 1), "invalid");
  EXPECT_EQ(descriptor_kind(0x1001, 1), "block");
  EXPECT_EQ(descriptor_kind(0x1003, 1), "table");
  EXPECT_EQ(descriptor_kind(0x1003, 3), "page");
  EXPECT_EQ(descriptor_kind(0x1001, 3), "invalid");
}

TEST(ExplainedWalk, TheLastOnesAndTheLongest) {
  Report report;
  report.cores.resize(1);
  for (u64 va = 1; va <= 3; ++va) {
    report.cores[0].recent_walks.push_back(nested());
    report.cores[0].recent_walks.back().va = va << 12;
  }
  const std::string two = explained_walks(report, 2);
  EXPECT_THAT(two, Not(HasSubstr("VA 0x1000,")));
  EXPECT_LT(two.find("VA 0x2000,"), two.find("VA 0x3000,"));
  EXPECT_THAT(two, Not(HasSubstr("longest")));
  EXPECT_THAT(explained_walks(report, 4), HasSubstr("--keep-walks"));
  report.cores[0].longest_walks.push_back(nested());
  EXPECT_THAT(explained_walks(report, 1), HasSubstr("the longest walks"));
}

TEST(TrapPage, GroupsOfCausesLoseNothing) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100; ++i) {
    cost::ByCause cycles{};
    for (u64& c : cycles) c = random() % 1000;
    u64 sum = 0;
    for (const u64 group : by_group(cycles)) sum += group;
    EXPECT_EQ(sum, cost::total(cycles));
  }
}

/// The rows of "Inside a trap": each is as long as its parts together, but for their rounding to tenths.
TEST(TrapPage, PartsOfARowAreItsMean) {
  std::mt19937_64 random(11);
  Core core;
  for (u8 exception_class = 1; exception_class <= 20; ++exception_class) {
    Trap trap;
    trap.exception_class = exception_class;
    trap.control = "class " + std::to_string(exception_class);
    trap.count = trap.returned = 1 + random() % 50;
    for (u64& c : trap.inside) c = random() % 3 == 0 ? random() % 5000 : 0;
    trap.cycles.add(cost::total(trap.inside) / trap.count, trap.count);
    core.traps.push_back(trap);
    core.accounted += cost::total(trap.inside);
  }
  Report report;
  report.cores = {core};
  const std::string page = to_text(report);
  std::istringstream lines(page.substr(page.find("Inside a trap")));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  std::istringstream titles(line);
  std::vector<std::string> columns;
  for (std::string word; titles >> word;) {
    if (word != "=") columns.push_back(word);
  }
  const auto mean_at = std::find(columns.begin(), columns.end(), "mean") - columns.begin();
  ASSERT_LT(mean_at, std::ssize(columns));
  int rows = 0;
  while (std::getline(lines, line) && !line.empty()) {
    std::istringstream cells(line);
    std::vector<double> numbers;
    for (std::string word; cells >> word;) {
      std::erase(word, ',');
      numbers.push_back(word == kNothing ? 0.0 : std::stod(word));
    }
    double sum = 0;
    for (std::ptrdiff_t c = 1; c < mean_at; ++c) sum += numbers[static_cast<std::size_t>(c)];
    EXPECT_NEAR(sum, numbers[static_cast<std::size_t>(mean_at)], 0.05 * static_cast<double>(mean_at) + 0.5) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 20);
}

}  // namespace
}  // namespace tw::report
