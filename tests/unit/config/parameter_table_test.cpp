#include "platforms/config/parameter_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace tw::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Gadget {
  u64 load = 4;
  u64 size = 65536;
  bool fast = false;
  std::string colour = "red";
};
constexpr ParameterRow<Gadget> kRows[] = {
    {"gadget.cost.load", &Gadget::load, "cycles", 1, 100, Provenance::Placeholder, "a guess"},
    {"gadget.size", &Gadget::size, "bytes", 0, 1 << 30, Provenance::Trm, "TRM 1.2"},
    {"gadget.fast", &Gadget::fast, "", 0, 1, Provenance::Choice, ""},
    {"gadget.colour", &Gadget::colour, "", 0, 0, Provenance::Choice, "", "red|green|blue"},
};

struct Table : testing::Test {
  Gadget gadget;
  ParameterTable table;
  void SetUp() override { table.add(kRows, gadget); }
  std::vector<std::string> complaints() const {
    std::vector<std::string> lines;
    for (const Complaint& complaint : table.complaints()) lines.push_back(complaint.where + ": " + complaint.message);
    return lines;
  }
  void load(std::string_view toml) { table.load_text(toml, "a.toml"); }
};

TEST_F(Table, DefaultsCarryTheRow) {
  const Parameter* load = table.find("gadget.cost.load");
  ASSERT_NE(load, nullptr);
  EXPECT_EQ(load->value, Value(u64{4}));
  EXPECT_EQ(load->provenance, Provenance::Placeholder);
  EXPECT_EQ(load->source, "a guess");
  EXPECT_TRUE(load->is_default());
  EXPECT_EQ(range(*load), "1..100");
  EXPECT_EQ(range(*table.find("gadget.colour")), "red | green | blue");
  EXPECT_THAT(table.keys(), ElementsAre("gadget.cost.load", "gadget.size", "gadget.fast", "gadget.colour"));
}

TEST_F(Table, PlainAndDescribedValues) {
  load(
      "[gadget]\n"
      "fast = true\n"
      "size = 0x1_000\n"
      "cost.load = { value = 7, provenance = \"paper\", source = \"X'99, table 2\" }\n"
      "colour = \"blue\"\n");
  EXPECT_THAT(complaints(), IsEmpty());
  EXPECT_NO_THROW(table.require_valid());
  EXPECT_EQ(gadget.load, 7u);
  EXPECT_EQ(gadget.size, 4096u);
  EXPECT_TRUE(gadget.fast);
  EXPECT_EQ(gadget.colour, "blue");
  const Parameter& load = *table.find("gadget.cost.load");
  EXPECT_EQ(load.set_by, "a.toml:4");
  EXPECT_EQ(load.provenance, Provenance::Paper);
  EXPECT_EQ(load.source, "X'99, table 2");
  EXPECT_EQ(load.default_value, Value(u64{4}));
  EXPECT_EQ(table.find("gadget.fast")->provenance, Provenance::Choice);
}

TEST_F(Table, LaterWinsAndSetWinsOverFiles) {
  load("gadget.cost.load = 5");
  load("gadget.cost.load = 6");
  EXPECT_EQ(gadget.load, 6u);
  table.set("gadget.cost.load=9");
  EXPECT_EQ(gadget.load, 9u);
  EXPECT_EQ(table.find("gadget.cost.load")->set_by, "--set");
}

TEST_F(Table, SetParsesByType) {
  table.set("gadget.size = 64K");
  EXPECT_EQ(gadget.size, 65536u);
  table.set("gadget.size=2m");
  EXPECT_EQ(gadget.size, u64{2} << 20);
  table.set("gadget.size=0x40");
  EXPECT_EQ(gadget.size, 64u);
  table.set("gadget.fast=on");
  EXPECT_TRUE(gadget.fast);
  table.set("gadget.colour=green");
  EXPECT_EQ(gadget.colour, "green");
  EXPECT_THAT(complaints(), IsEmpty());
}

TEST_F(Table, SetSaysWhatIsWrong) {
  table.set("gadget.cost.load=4K");
  table.set("gadget.cost.load");
  table.set("gadget.cost.laod=5");
  table.set("gadget.cost.load=-3");
  table.set("gadget.size=99999999999999999999");
  table.set("gadget.size=17179869185G");
  table.set("gadget.fast=2");
  table.set("gadget.colour=gren");
  table.set("=1");
  EXPECT_THAT(complaints(),
              ElementsAre(HasSubstr("whole number is needed, not \"4K\""), HasSubstr("key=value is needed"),
                          HasSubstr("did you mean \"gadget.cost.load\"?"),
                          HasSubstr("gadget.cost.load: -3 is out of range, allowed is 1..100 cycles"),
                          HasSubstr("gadget.size: 99999999999999999999 is out of range"), HasSubstr("whole number"),
                          HasSubstr("true or false"),
                          HasSubstr("not one of red | green | blue, did you mean \"green\"?"), HasSubstr("unknown")));
  EXPECT_EQ(gadget.load, 4u);
  EXPECT_EQ(gadget.colour, "red");
}

TEST_F(Table, AllComplaintsAtOnceWithFileLineColumn) {
  load(
      "[gadget]\n"
      "fasst = true\n"
      "size = \"big\"\n"
      "  colour = 3\n"
      "[gadget.cost]\n"
      "load = 101\n"
      "[gizmo.cost]\n"
      "load = 1\n");
  EXPECT_THAT(complaints(),
              ElementsAre("a.toml:4:12: gadget.colour: a string is needed, not a whole number",
                          "a.toml:6:8: gadget.cost.load: 101 is out of range, allowed is 1..100 cycles",
                          "a.toml:2:1: unknown parameter \"gadget.fasst\", did you mean \"gadget.fast\"?",
                          "a.toml:3:8: gadget.size: a whole number is needed, not a string",
                          "a.toml:8:1: unknown parameter \"gizmo.cost.load\", did you mean \"gadget.cost.load\"?"));
  EXPECT_THROW(table.require_valid(), UserError);
}

TEST_F(Table, WrongTypesAndDescriptions) {
  load("gadget.cost.load = 1.5");
  load("gadget.cost.load = [1]");
  load("gadget.cost.load = -1");
  load("gadget.cost.load = { source = \"x\" }");
  load("gadget.cost.load = { value = 5, provenance = \"rumour\" }");
  load("gadget.cost.load = { value = 5, sorce = \"x\" }");
  load("gadget.cost.load = { value = 5, source = 3 }");
  load("gadget = 3");
  load("gadget.unknown = { value = 3 }");
  EXPECT_THAT(complaints(), ElementsAre(HasSubstr("floating-point"), HasSubstr("array"),
                                        HasSubstr("-1 is out of range"), HasSubstr("no \"value\""),
                                        HasSubstr("\"rumour\" is not one of"), HasSubstr("did you mean \"source\"?"),
                                        HasSubstr("source must be a string"), HasSubstr("unknown parameter \"gadget\""),
                                        HasSubstr("unknown parameter \"gadget.unknown\"")));
  EXPECT_EQ(gadget.load, 4u);
}

TEST_F(Table, MalformedTomlHasLineAndColumn) {
  load("[gadget]\nfast = tru\n");
  ASSERT_EQ(complaints().size(), 1u);
  EXPECT_THAT(complaints()[0], testing::MatchesRegex("a\\.toml:2:[0-9]+: malformed TOML: .*"));
}

TEST_F(Table, GarbageNeverCrashes) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::string text;
    static constexpr std::string_view kPieces[] = {"gadget", ".",  "=",    "[",    "]",     "{",    "}",
                                                   "\"",     "\n", "5",    "-",    "value", "load", " ",
                                                   "'",      "#",  "\xff", "true", ",",     "cost", "1e9"};
    for (u64 i = random() % 40; i > 0; --i) text += kPieces[random() % std::size(kPieces)];
    load(text);
    table.set(text);
  }
  EXPECT_FALSE(table.complaints().empty());
}

TEST_F(Table, FilesThatAreNotThere) {
  table.load_file("/nonexistent/x.toml");
  table.load_file("/tmp");
  table.load_builtin("cortex-a75");
  EXPECT_THAT(complaints(), ElementsAre("/nonexistent/x.toml: no such file", "/tmp: is a folder, not a TOML file",
                                        HasSubstr("no parameter set is named \"cortex-a75\", did you mean")));
}

TEST_F(Table, TwoOfOneNameIsAHostBug) { EXPECT_THROW(table.add(kRows, gadget), std::logic_error); }

TEST_F(Table, APrefixTellsInstancesApart) {
  Gadget other;
  table.add(kRows, other, "second.");
  load("second.gadget.cost.load = 50");
  EXPECT_EQ(other.load, 50u);
  EXPECT_EQ(gadget.load, 4u);
}

}  // namespace
}  // namespace tw::config
