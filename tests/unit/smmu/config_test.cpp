#include <gtest/gtest.h>

#include "smmu/config.hpp"

namespace tw::smmu {
namespace {

TEST(SmmuConfig, DefaultsAreValid) { EXPECT_TRUE(validate(Config{}).empty()); }

TEST(SmmuConfig, EachComplaintNamesItsKey) {
  const auto key_of_complaint = [](auto change) {
    Config config;
    change(config);
    const std::vector<Complaint> complaints = validate(config);
    return complaints.size() == 1 ? complaints.front().where : std::to_string(complaints.size());
  };
  EXPECT_EQ(key_of_complaint([](Config& c) { c.pa_bits = 39; }), "smmu.pa_bits");
  EXPECT_EQ(key_of_complaint([](Config& c) { c.stage1 = c.stage2 = false; }), "smmu.stage1");
  EXPECT_EQ(key_of_complaint([](Config& c) { c.ats = false; }), "smmu.pri");
  EXPECT_EQ(key_of_complaint([](Config& c) { c.tlb_entries = 1023; }), "smmu.tlb.entries");
  EXPECT_EQ(key_of_complaint([](Config& c) { c.replacement = "plru", c.tbu_entries = 80; }), "smmu.tbu.entries");
  EXPECT_EQ(key_of_complaint([](Config& c) { c.granule_4k = c.granule_16k = c.granule_64k = false; }),
            "smmu.granule_4k");
}

}  // namespace
}  // namespace tw::smmu
