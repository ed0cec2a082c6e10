#include "unit/cache/support.hpp"

namespace tw {
namespace {

using namespace test;

TEST(CacheConfig, IsValidated) {
  cache::Config config;
  EXPECT_TRUE(cache::validate(config).empty());
  EXPECT_TRUE(cache::validate(small()).empty());
  config.l1d_size = 40 << 10;  // 320 sets
  config.l1i_policy = "plru";  // of 3 ways
  config.directory_entries = 24;
  config.directory_ways = 8;
  config.l1d_write_back = false;
  config.l2_inclusion = "exclusive";
  std::vector<std::string> where;
  for (const Complaint& complaint : cache::validate(config)) where.push_back(complaint.where);
  EXPECT_EQ(where, (std::vector<std::string>{"cache.l1i.policy", "cache.l1d.size", "cache.directory.entries",
                                             "cache.l2.inclusion"}));
  EXPECT_THROW(Rig{config}, UserError);
  EXPECT_THROW(Rig(small(), 65), UserError);
  config = {};
  config.line = 48;
  ASSERT_EQ(cache::validate(config).size(), 1u);
  EXPECT_EQ(cache::validate(config)[0].where, "cache.line");
}

TEST(CacheConfig, EveryParameterHasARowWithinItsBounds) {
  const cache::Config defaults;
  for (const auto& row : cache::kParameters) {
    if (const auto* member = std::get_if<u64 cache::Config::*>(&row.member)) {
      EXPECT_GE(defaults.**member, row.min) << row.key;
      EXPECT_LE(defaults.**member, row.max) << row.key;
    } else if (const auto* name = std::get_if<std::string cache::Config::*>(&row.member)) {
      EXPECT_NE(("|" + std::string(row.choices) + "|").find("|" + defaults.**name + "|"), std::string::npos) << row.key;
    }
    EXPECT_TRUE(row.key.starts_with("cache."));
  }
}

TEST(CacheConfig, EveryCounterIsARow) {
  std::size_t counters = (sizeof(cache::LevelStatistics) - sizeof(cache::EvictionsByOwner)) / sizeof(u64);
  EXPECT_EQ(std::size(cache::kLevelStatistics), counters);
}

}  // namespace
}  // namespace tw
