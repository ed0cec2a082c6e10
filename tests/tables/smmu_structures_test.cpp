// Fields of STE and CD against the tests' own, which builders use.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "smmu/context_descriptor.hpp"
#include "smmu/ste.hpp"
#include "unit/smmu/structures.hpp"

namespace tw {
namespace {

using test::Field;
using test::Structure;

std::string upper(std::string_view name) {
  std::string result(name);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::toupper(c); });
  return result;
}

template <std::size_t N>
void check(const smmu::FieldRow (&rows)[N], const std::map<std::string, Field>& expected) {
  std::array<u64, 8> taken{};
  for (const smmu::FieldRow& row : rows) {
    SCOPED_TRACE(row.name);
    const auto field = expected.find(upper(row.name));
    ASSERT_NE(field, expected.end());
    EXPECT_EQ(row.lo, field->second.at);
    EXPECT_EQ(row.hi - row.lo + 1, field->second.width);
    Structure ones;
    ones.set(field->second, ~u64{0});
    EXPECT_EQ(row.of(ones.words), field->second.width == 64 ? ~u64{0} : (u64{1} << field->second.width) - 1);
    for (unsigned word = 0; word < 8; ++word) {
      EXPECT_EQ(taken[word] & ones.words[word], 0u) << "two fields share a bit";
      taken[word] |= ones.words[word];
    }
    for (u64& word : ones.words) word = ~word;
    EXPECT_EQ(row.of(ones.words), 0u);
  }
}

TEST(SmmuStructureTables, Ste) {
  using namespace test::ste;
  check(smmu::ste::kFields, {{"V", kV},
                             {"CONFIG", kConfig},
                             {"S1FMT", kS1Fmt},
                             {"S1CDMAX", kS1CDMax},
                             {"S1DSS", kS1DSS},
                             {"PPAR", kPPAR},
                             {"MEV", kMEV},
                             {"S2FWB", kS2FWB},
                             {"S1STALLD", kS1STALLD},
                             {"EATS", kEATS},
                             {"STRW", kSTRW},
                             {"MEMATTR", kMemAttr},
                             {"MTCFG", kMTCFG},
                             {"ALLOCCFG", kALLOCCFG},
                             {"SHCFG", kSHCFG},
                             {"NSCFG", kNSCFG},
                             {"PRIVCFG", kPRIVCFG},
                             {"INSTCFG", kINSTCFG},
                             {"S2VMID", kS2VMID},
                             {"S2T0SZ", kS2T0SZ},
                             {"S2SL0", kS2SL0},
                             {"S2IR0", kS2IR0},
                             {"S2OR0", kS2OR0},
                             {"S2SH0", kS2SH0},
                             {"S2TG", kS2TG},
                             {"S2PS", kS2PS},
                             {"S2AA64", kS2AA64},
                             {"S2ENDI", kS2ENDI},
                             {"S2AFFD", kS2AFFD},
                             {"S2PTW", kS2PTW},
                             {"S2HD", kS2HD},
                             {"S2HA", kS2HA},
                             {"S2S", kS2S},
                             {"S2R", kS2R}});
}

TEST(SmmuStructureTables, Cd) {
  using namespace test::cd;
  check(smmu::cd::kFields,
        {{"T0SZ", kT0SZ}, {"TG0", kTG0},   {"IR0", kIR0}, {"OR0", kOR0},   {"SH0", kSH0},   {"EPD0", kEPD0},
         {"ENDI", kENDI}, {"T1SZ", kT1SZ}, {"TG1", kTG1}, {"IR1", kIR1},   {"OR1", kOR1},   {"SH1", kSH1},
         {"EPD1", kEPD1}, {"V", kV},       {"IPS", kIPS}, {"AFFD", kAFFD}, {"WXN", kWXN},   {"UWXN", kUWXN},
         {"TBI0", kTBI0}, {"TBI1", kTBI1}, {"PAN", kPAN}, {"AA64", kAA64}, {"HD", kHD},     {"HA", kHA},
         {"S", kS},       {"R", kR},       {"A", kA},     {"ASET", kASET}, {"ASID", kASID}, {"HAD0", kHAD0},
         {"HAD1", kHAD1}, {"MAIR", kMAIR}});
}

}  // namespace
}  // namespace tw
