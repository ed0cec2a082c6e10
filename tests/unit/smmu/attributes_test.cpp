// Attributes of what leaves the SMMU: defaults, overrides of GBPA and STE, stage 1, stage 2, and their hints (IHI 0070,
// chapter 13).
#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "unit/smmu/flow.hpp"

namespace tw {
namespace {

using namespace test;

constexpr u64 kUser = s1::kUserAccess;

struct Attributes {
  u64 mair, sh;
  bool operator==(const Attributes&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Attributes& attributes) {
  return out << std::hex << attributes.mair << " SH " << attributes.sh;
}

struct SmmuAttributes : testing::Test {
  Flow f;
  Attributes go(const smmu::Request& request = reading(0x1000)) {
    const Passage passage = f.go(request);
    EXPECT_EQ(name_of(passage.event), "none");
    return {passage.response.attributes.mair, passage.response.attributes.shareability};
  }
};

/// MTCFG, MemAttr, ALLOCCFG, SHCFG -> MAIR, SH.
struct Row {
  u64 mtcfg, memattr, alloccfg, shcfg;
  Attributes is;
};
constexpr u64 kNsh = 0, kIncoming = 1, kOsh = 2, kIsh = 3;
const Row kRows[] = {
    {0, 0, 0, kIncoming, {0xFF, 0}},   {0, 0, 0, kIsh, {0xFF, 3}},        {0, 0, 0, kOsh, {0xFF, 2}},
    {0, 0, 0, kNsh, {0xFF, 0}},        {1, 0x0, 0, kIsh, {0x00, 2}},      {1, 0x1, 0, kIsh, {0x04, 2}},
    {1, 0x3, 0, kNsh, {0x0C, 2}},      {1, 0x5, 0, kIsh, {0x44, 2}},      {1, 0xF, 0, kIsh, {0xFF, 3}},
    {1, 0xA, 0, kIsh, {0xBB, 3}},      {1, 0xE, 0, kIsh, {0xFB, 3}},      {1, 0x7, 0, kIsh, {0x4F, 3}},
    {1, 0x4, 0, kIsh, {0x00, 2}},      {1, 0x8, 0, kIsh, {0x00, 2}},      {1, 0xC, 0, kIsh, {0x00, 2}},
    {0, 0, 0b1000, kIsh, {0xCC, 3}},   {0, 0, 0b1100, kIsh, {0xEE, 3}},   {0, 0, 0b1010, kIsh, {0xDD, 3}},
    {0, 0, 0b1111, kIsh, {0x77, 3}},   {0, 0, 0b1001, kIsh, {0xCC, 3}},   {0, 0, 0b0111, kIsh, {0xFF, 3}},
    {1, 0x5, 0b1000, kIsh, {0x44, 2}}, {1, 0x2, 0b1110, kIsh, {0x08, 2}}, {1, 0xA, 0b1101, kIsh, {0x22, 3}},
    {1, 0x7, 0b1100, kNsh, {0x4E, 0}},
};

Ste with(const Ste& ste, const Row& row) {
  return ste.with({{ste::kMTCFG, row.mtcfg},
                   {ste::kMemAttr, row.memattr},
                   {ste::kALLOCCFG, row.alloccfg},
                   {ste::kSHCFG, row.shcfg}});
}

TEST_F(SmmuAttributes, OverridesOfABypass) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(testing::Message() << row.mtcfg << " " << row.memattr << " " << row.alloccfg << " " << row.shcfg);
    f.use(with(bypass_ste(), row));
    EXPECT_EQ(go(), row.is);
    // The same fields in SMMU_GBPA.
    f.state.cr0_ack = 0;
    f.state.gbpa = static_cast<u32>(row.mtcfg << 4 | row.memattr | row.alloccfg << 8 | row.shcfg << 12);
    EXPECT_EQ(go(), row.is);
    f.state.cr0_ack = 1;
  }
}

TEST_F(SmmuAttributes, OverridesBeforeStage2Alone) {
  TableTree& stage2 = f.tree(12, 40, 1);
  const Ste ste = with_stage2(bypass_ste(), stage2.root());
  stage2.map(0x1000, 0x5000, 3, s2::kPlain);  // Write-Back, Non-shareable
  for (const Row& row : kRows) {
    SCOPED_TRACE(testing::Message() << row.mtcfg << " " << row.memattr << " " << row.alloccfg << " " << row.shcfg);
    f.use(with(ste, row));
    EXPECT_EQ(go(), row.is);
  }
  stage2.map(0x1000, 0x5000, 3, s2::kReadWrite | u64{0x5} << 2);  // Non-cacheable
  f.use(ste);
  EXPECT_EQ(go(), (Attributes{0x44, 2}));
  stage2.map(0x1000, 0x5000, 3, s2::kReadWrite | u64{0xA} << 2 | u64{3} << 8);  // Write-Through, Inner Shareable
  EXPECT_EQ(go(), (Attributes{0xBB, 3}));
  f.use(ste.with({{ste::kALLOCCFG, 0b1100}}));
  EXPECT_EQ(go(), (Attributes{0xAA, 3}));
  // S2FWB: 0b110 is Write-Back whatever comes in.
  f.use(ste.with({{ste::kS2FWB, 1}, {ste::kMTCFG, 1}, {ste::kMemAttr, 0}}));
  stage2.map(0x1000, 0x5000, 3, s2::kReadWrite | u64{0x6} << 2 | u64{3} << 8);
  EXPECT_EQ(go().mair, 0xFFu);
}

TEST_F(SmmuAttributes, Stage1Replaces) {
  TableTree& stage1 = f.tree();
  const Cd cd = cd_of(stage1.root());
  struct Case {
    unsigned index;  ///< in MAIR
    u64 sh;
    Attributes is;
  };
  for (const Case& c :
       {Case{kWb, 3, {0xFF, 3}}, {kNc, 3, {0x44, 2}}, {kDeviceNGnRE, 0, {0x04, 2}}, {kWt, 0, {0xAA, 0}}}) {
    stage1.map(0x1000, 0x5000, 3, kUser | s1::index(c.index) | c.sh << 8);
    for (const Row& row : {Row{0, 0, 0, kIncoming, {}}, {1, 0x0, 0, kOsh, {}}, {1, 0x5, 0b1000, kIsh, {}}}) {
      f.use_stage1(cd, with(stage1_ste(0), row));
      EXPECT_EQ(go(), c.is);
    }
  }
}

TEST_F(SmmuAttributes, HintsOfTheTransactionBesideThoseOfStage1) {
  TableTree& stage1 = f.tree();
  struct Case {
    u64 mair, alloccfg, is;
  };
  for (const Case& c : {Case{0xFF, 0b1000, 0xCC},
                        {0xFF, 0b1100, 0xEE},
                        {0xEE, 0b1010, 0xCC},
                        {0xFF, 0b1111, 0x77},
                        {0xFF, 0b1001, 0xCC},
                        {0x77, 0b1110, 0x77},
                        {0xBB, 0b1100, 0xAA},
                        {0x44, 0b1000, 0x44},
                        {0x4F, 0b1100, 0x4E},
                        {0x04, 0b1000, 0x04}}) {
    stage1.map(0x1000, 0x5000, 3, kUser);
    f.use_stage1(cd_of(stage1.root()).with({{cd::kMAIR, c.mair}}), stage1_ste(0).with({{ste::kALLOCCFG, c.alloccfg}}));
    EXPECT_EQ(go().mair, c.is) << std::hex << c.mair << " " << c.alloccfg;
  }
  // Those of a transaction that is not cacheable say nothing.
  f.use_stage1(cd_of(stage1.root()).with({{cd::kMAIR, 0xFF}}),
               stage1_ste(0).with({{ste::kALLOCCFG, 0b1000}, {ste::kMTCFG, 1}, {ste::kMemAttr, 5}}));
  EXPECT_EQ(go().mair, 0xFFu);
}

TEST_F(SmmuAttributes, ReservedMairEncodings) {
  TableTree& stage1 = f.tree();
  stage1.map(0x1000, 0x5000, 3, kUser);
  struct Case {
    u64 mair, is;
  };
  for (const Case& c : {Case{0x01, 0x00}, {0x07, 0x04}, {0x0B, 0x08}, {0x0E, 0x0C}, {0xF0, 0xF3}, {0x40, 0x43}}) {
    f.use_stage1(cd_of(stage1.root()).with({{cd::kMAIR, c.mair}}));
    EXPECT_EQ(go().mair, c.is) << std::hex << c.mair;
  }
}

TEST_F(SmmuAttributes, BothStages) {
  TableTree &stage1 = f.tree(), &stage2 = f.tree(12, 40, 1);
  stage1.map(0x1000, 0x5000, 3, kUser | s1::index(kWb));
  stage2.map(0x5000, 0x7000, 3, s2::kReadWrite | u64{0xA} << 2 | u64{3} << 8);
  const u64 table = f.use_nested(cd_of(stage1.root()), stage1, stage2);
  EXPECT_EQ(go(), (Attributes{0xBB, 3}));
  stage1.map(0x1000, 0x5000, 3, kUser | s1::index(kNc));
  EXPECT_EQ(go(), (Attributes{0x44, 2}));
  f.use(with_stage2(stage1_ste(table), stage2.root()).with({{ste::kS2FWB, 1}}));
  stage2.map(table, table, 3, s2::kReadWrite | u64{0x6} << 2);
  for (const u64 at : stage1.tables) stage2.map(at, at, 3, s2::kReadWrite | u64{0x6} << 2);
  stage2.map(0x5000, 0x7000, 3, s2::kReadWrite | u64{0x6} << 2 | u64{3} << 8);
  EXPECT_EQ(go().mair, 0xFFu);
  stage2.map(0x5000, 0x7000, 3, s2::kReadWrite | u64{0x7} << 2 | u64{3} << 8);
  EXPECT_EQ(go(), (Attributes{0x44, 2}));
}

}  // namespace
}  // namespace tw
