// Where slices and the parts of traps lie in a trace, against times worked out by hand.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "platforms/report/perfetto/perfetto.hpp"
#include "platforms/report/perfetto/tracks.hpp"
#include "platforms/report/perfetto/trap_parts.hpp"

namespace tw::report::perfetto {
namespace {

Slice from_to(u64 begin, u64 end) { return {begin, end, "", {}, {}}; }

TEST(PerfettoLanes, WhatNestsSharesALane) {
  std::vector<std::size_t> order;
  const auto lanes = lanes_of({from_to(10, 20), from_to(0, 100), from_to(20, 30), from_to(0, 50)}, order);
  EXPECT_EQ(lanes, (std::vector<std::size_t>{0, 0, 0, 0}));
  EXPECT_EQ(order, (std::vector<std::size_t>{1, 3, 0, 2}));  // what contains comes first
}

TEST(PerfettoLanes, WhatOverlapsDoesNot) {
  std::vector<std::size_t> order;
  EXPECT_EQ(lanes_of({from_to(0, 10), from_to(5, 15), from_to(9, 20), from_to(10, 30)}, order),
            (std::vector<std::size_t>{0, 1, 2, 0}));
}

/// A trap of guest 1 from 100 to 200, in which guest 2 runs from 130 to 160, and traps itself from 150.
CoreEvents switched_out() {
  CoreEvents core;
  core.period_ps = 500;
  core.trap_keys = {{{El::El1, true, Vmid{1}}, El::El2, 1, "WFI", ""},
                    {{El::El1, true, Vmid{2}}, El::El2, 0x16, "HVC", ""}};
  core.worlds.begin = {0, 130, 160};
  core.worlds.cycles = {130, 30, 140};
  core.worlds.guest = {1, 1, 1};
  core.worlds.vmid = {1, 2, 1};
  core.traps.key = {1, 0};
  core.traps.begin = {150, 100};
  core.traps.cycles = {10, 100};
  core.traps.away = {0, 30};
  core.traps.returned = {0, 1};
  core.traps.inside.columns = {{"entry", {4, 20}}, {"return", {0, 15}}, {"gic", {6, 35}}};
  return core;
}

void expect_part(const Part& part, std::string_view name, u64 begin, u64 end) {
  EXPECT_EQ(part.name, name);
  EXPECT_EQ(part.when.begin, begin);
  EXPECT_EQ(part.when.end, end);
}

TEST(PerfettoParts, LieAroundTheTimeAway) {
  const CoreEvents core = switched_out();  // the parts have its columns' names
  const std::vector<TrapLayout> layouts = layouts_of(core);
  ASSERT_EQ(layouts.size(), 2u);
  ASSERT_EQ(layouts[1].away.size(), 1u);
  EXPECT_EQ(layouts[1].away[0].begin, 130u);
  EXPECT_EQ(layouts[1].away[0].end, 160u);
  ASSERT_EQ(layouts[1].parts.size(), 4u);
  expect_part(layouts[1].parts[0], "entry", 100, 120);
  expect_part(layouts[1].parts[1], "gic", 120, 130);
  expect_part(layouts[1].parts[2], "gic", 160, 185);
  expect_part(layouts[1].parts[3], "return", 185, 200);  // the last, though its column is not
  ASSERT_EQ(layouts[0].parts.size(), 2u);
  expect_part(layouts[0].parts[1], "gic", 154, 160);
}

TEST(PerfettoParts, NoneWhereSomethingIsMissing) {
  CoreEvents core = switched_out();
  core.worlds.begin = {160};  // the log begins later
  core.worlds.cycles = {140};
  core.worlds.guest = core.worlds.vmid = {1};
  const std::vector<TrapLayout> layouts = layouts_of(core);
  EXPECT_TRUE(layouts[1].parts.empty());
  EXPECT_EQ(layouts[0].parts.size(), 2u);
}

TEST(Perfetto, NeedsEvents) { EXPECT_THROW(to_perfetto(Report{}, "run.json"), UserError); }

}  // namespace
}  // namespace tw::report::perfetto
