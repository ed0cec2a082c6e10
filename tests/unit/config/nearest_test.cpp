#include "platforms/config/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tw::config {
namespace {

TEST(Nearest, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("laod", "load"), 1u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
}

TEST(Nearest, FindsTheLikelyName) {
  const std::vector<std::string> names = {"core.cost.load", "core.cost.store", "tlb.l2.entries"};
  EXPECT_EQ(nearest("core.cost.lod", names), "core.cost.load");
  EXPECT_EQ(nearest("core.cots.store", names), "core.cost.store");
  EXPECT_EQ(nearest("entries", names), "tlb.l2.entries");
  EXPECT_EQ(nearest("zzz", names), "");
  EXPECT_EQ(nearest(std::string(100000, 'x'), names), "");
  EXPECT_EQ(did_you_mean("zzz", names), "");
}

}  // namespace
}  // namespace tw::config
