// The parameter sets that come with the program load without a complaint and say where their values come from.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "mmu/config.hpp"
#include "platforms/config/all_parameters.hpp"

namespace tw::config {
namespace {

struct Builtins : testing::TestWithParam<std::string> {
  PlatformConfig config;
  ParameterTable table;
  void SetUp() override {
    add_all(table, config);
    table.load_builtin(GetParam());
  }
};

TEST_P(Builtins, Loads) {
  EXPECT_NO_THROW(table.require_valid());
  // Sets of cores whose ID registers Trapwalk lacks run on the nearest model that it has, and say so.
  const std::map<std::string, std::string> stand_ins = {
      {"cortex-a7", "cortex-a53"}, {"cortex-a15", "cortex-a57"}, {"x-gene-1-like", "cortex-a57"}};
  const auto stand_in = stand_ins.find(GetParam());
  EXPECT_EQ(config.core.model, stand_in == stand_ins.end() ? GetParam() : stand_in->second);
}

TEST_P(Builtins, EverySetValueButTheModelNamesItsSource) {
  for (const Parameter& parameter : table.parameters()) {
    if (parameter.is_default() || parameter.key == "core.model") continue;
    EXPECT_FALSE(parameter.source.empty()) << parameter.key;
    EXPECT_TRUE(parameter.set_by.starts_with("platforms/" + GetParam() + ".toml:")) << parameter.set_by;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Builtins,
                         testing::Values("generic", "cortex-a7", "cortex-a15", "cortex-a53", "cortex-a55", "cortex-a57",
                                         "cortex-a72", "cortex-a76", "neoverse-n1", "x-gene-1-like", "max"));

// ANCHORS.md, "Core structures".
TEST(BuiltinStructures, AreThoseOfTheTechnicalReferenceManuals) {
  struct Row {
    std::string_view name;
    u64 l1i, l1d, l2, ways, walk, ipa;
  };
  static constexpr Row kRows[] = {{"cortex-a7", 10, 10, 256, 2, 64, 64},  {"cortex-a15", 32, 32, 512, 4, 0, 0},
                                  {"cortex-a53", 10, 10, 512, 4, 64, 64}, {"cortex-a55", 15, 16, 1024, 4, 64, 64},
                                  {"cortex-a57", 48, 32, 1024, 4, 0, 0},  {"cortex-a72", 48, 32, 1024, 4, 0, 0},
                                  {"cortex-a76", 48, 48, 1280, 5, 0, 0},  {"neoverse-n1", 48, 48, 1280, 5, 0, 0}};
  for (const Row& row : kRows) {
    PlatformConfig config;
    ParameterTable table;
    add_all(table, config);
    table.load_builtin(row.name);
    EXPECT_EQ(config.mmu.l1i_entries, row.l1i) << row.name;
    EXPECT_EQ(config.mmu.l1d_entries, row.l1d) << row.name;
    EXPECT_EQ(config.mmu.l2_entries, row.l2) << row.name;
    EXPECT_EQ(config.mmu.l2_ways, row.ways) << row.name;
    EXPECT_EQ(config.mmu.walk_cache_entries, row.walk) << row.name;
    EXPECT_EQ(config.mmu.ipa_entries, row.ipa) << row.name;
  }
}

/// platforms/memory/*.toml with their data rate in transfers a second and channel widths.
TEST(MemorySets, LoadAndHaveTheBandwidthOfTheirName) {
  struct Row {
    std::string_view name;
    u64 megatransfers, bytes;
  };
  for (const Row& row :
       {Row{"ddr3-1600", 1600, 8}, Row{"ddr4-2400", 2400, 8}, Row{"ddr4-3200", 3200, 8}, Row{"lpddr4-3200", 3200, 8}}) {
    PlatformConfig config;
    ParameterTable table;
    add_all(table, config);
    table.load_file("platforms/memory/" + std::string(row.name) + ".toml");
    EXPECT_NO_THROW(table.require_valid()) << row.name;
    EXPECT_TRUE(memory::validate(config.dram).empty()) << row.name;
    EXPECT_EQ(config.memory.model, "dram");
    EXPECT_EQ(2 * config.dram.clock_mhz, row.megatransfers) << row.name;
    EXPECT_EQ(config.dram.channels * config.dram.width, row.bytes) << row.name;
    for (const Parameter& parameter : table.parameters()) {
      if (parameter.is_default()) continue;
      EXPECT_FALSE(parameter.source.empty()) << parameter.key;
    }
  }
}

struct SmmuSets : testing::TestWithParam<std::string> {};

TEST_P(SmmuSets, LoadValidateAndNameTheirSources) {
  PlatformConfig config;
  ParameterTable table;
  add_all(table, config);
  table.load_smmu_builtin(GetParam());
  EXPECT_NO_THROW(table.require_valid());
  const std::vector<Complaint> complaints = smmu::validate(config.smmu);
  EXPECT_TRUE(complaints.empty()) << complaints.front().where << ": " << complaints.front().message;
  unsigned set = 0;
  for (const Parameter& parameter : table.parameters()) {
    if (parameter.set_by.empty()) continue;
    ++set;
    EXPECT_TRUE(parameter.key.starts_with("smmu.")) << parameter.key;
    EXPECT_TRUE(parameter.set_by.starts_with("platforms/smmu/" + GetParam() + ".toml:")) << parameter.set_by;
    EXPECT_FALSE(parameter.source.empty()) << parameter.key;
  }
  EXPECT_GT(set, 20u);
}

INSTANTIATE_TEST_SUITE_P(All, SmmuSets, testing::Values("mmu-500-like", "mmu-600-like", "gem5-default-like"));

TEST(SmmuSetNames, AreNotThoseOfCores) {
  PlatformConfig config;
  ParameterTable table;
  add_all(table, config);
  table.load_smmu_builtin("cortex-a57");
  EXPECT_THROW(table.require_valid(), UserError);
  EXPECT_EQ(smmu_builtins().size(), 3u);
}

// ANCHORS.md, row 16.
TEST(SmmuSetStructures, AreThoseOfTheManuals) {
  const auto load = [](std::string_view name) {
    PlatformConfig config;
    ParameterTable table;
    add_all(table, config);
    table.load_smmu_builtin(name);
    return config.smmu;
  };
  const smmu::Config mmu500 = load("mmu-500-like"), mmu600 = load("mmu-600-like");
  EXPECT_EQ(mmu500.tbu_latency, 2u);
  EXPECT_EQ(mmu500.tbu_walks, 8u);
  EXPECT_NE(mmu500.ipa_entries, 0u);
  EXPECT_EQ(mmu600.walk_cache_entries, 256u);
  EXPECT_EQ(mmu600.walk_cache2_entries, 256u);
  EXPECT_TRUE(mmu600.walk_cache_per_level);
  EXPECT_EQ(mmu600.ste_entries, 256u);
  EXPECT_EQ(mmu600.slots, 64u);
}

TEST(AllParameters, DefaultsAreInRangeAndSourcesAreGiven) {
  PlatformConfig config;
  ParameterTable table;
  add_all(table, config);
  for (const Parameter& p : table.parameters()) {
    if (const u64* number = std::get_if<u64>(&p.value)) {
      EXPECT_GE(*number, p.min) << p.key;
      EXPECT_LE(*number, p.max) << p.key;
    }
    if (const std::string* text = std::get_if<std::string>(&p.value); text && !p.choices.empty()) {
      EXPECT_NE(("|" + p.choices + "|").find("|" + *text + "|"), std::string::npos) << p.key;
    }
    EXPECT_FALSE(p.source.empty()) << p.key;
  }
}

TEST(AllParameters, EveryKeyCanBeSetToItsDefault) {
  PlatformConfig config;
  ParameterTable table;
  add_all(table, config);
  for (const Parameter& p : table.parameters()) table.set(p.key + "=" + text(p.default_value));
  EXPECT_NO_THROW(table.require_valid());
  for (const Parameter& p : table.parameters()) EXPECT_EQ(p.value, p.default_value) << p.key;
}

}  // namespace
}  // namespace tw::config
