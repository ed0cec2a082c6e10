// Translations by streams of every kind: stages, granules, halves, worlds, formats, substreams.
#include <gtest/gtest.h>

#include "unit/smmu/flow.hpp"

namespace tw {
namespace {

using namespace test;
using smmu::Outcome;

struct SmmuTranslator : testing::Test {
  Flow f;

  void expect(const smmu::Request& request, u64 pa) {
    const Passage passage = f.go(request);
    EXPECT_EQ(name_of(passage.event), "none");
    ASSERT_EQ(passage.response.outcome, Outcome::Ok);
    EXPECT_EQ(passage.response.pa.value, pa);
  }
  void expect(const smmu::Request& request, const char* event) {
    const Passage passage = f.go(request);
    EXPECT_EQ(name_of(passage.event), event);
    EXPECT_EQ(passage.response.outcome, Outcome::Abort);
  }
};

constexpr u64 kUser = s1::kUserAccess;

// ---- without tables

TEST_F(SmmuTranslator, SmmuOff) {
  f.state.cr0_ack = 0;
  expect(reading(0x1234'5678), 0x1234'5678);
  EXPECT_EQ(f.go(reading(0)).response.attributes.mair, 0xFF);
  const Passage large = f.go(reading(u64{1} << 44));
  EXPECT_EQ(large.response.outcome, Outcome::Abort);
  EXPECT_FALSE(large.event);
  f.state.gbpa |= 1u << 20;
  EXPECT_EQ(f.go(reading(0)).response.outcome, Outcome::Abort);
  EXPECT_FALSE(f.go(reading(0)).event);
}

TEST_F(SmmuTranslator, AbortAndBypass) {
  f.use({{ste::kV, 1}});
  EXPECT_EQ(f.go(reading(0)).response.outcome, Outcome::Abort);
  EXPECT_FALSE(f.go(reading(0)).event);
  f.use(bypass_ste());
  expect(writing(0xFFF'FFFF'F000), 0xFFF'FFFF'F000);
  const Passage large = f.go(writing(u64{1} << 44));
  EXPECT_EQ(name_of(large.event), "F_ADDR_SIZE");
  EXPECT_TRUE(large.recorded);
  EXPECT_FALSE(large.event->stage2);
  EXPECT_EQ(large.event->address.value, u64{1} << 44);
  EXPECT_EQ(large.response.outcome, Outcome::Abort);
}

// ---- stage 1

TEST_F(SmmuTranslator, Stage1OfEveryGranuleInBothHalves) {
  struct Row {
    unsigned page_bits, input_bits;
    int leaf;
  };
  for (const Row& row : {Row{12, 48, 3},
                         {12, 48, 2},
                         {12, 48, 1},
                         {12, 39, 3},
                         {12, 30, 3},
                         {12, 25, 3},
                         {14, 48, 3},
                         {14, 47, 2},
                         {14, 36, 3},
                         {16, 48, 3},
                         {16, 42, 2},
                         {16, 33, 3}}) {
    SCOPED_TRACE(testing::Message() << row.page_bits << " " << row.input_bits << " " << row.leaf);
    const int start = start_level(row.page_bits, row.input_bits);
    TableTree &lower = f.tree(row.page_bits, row.input_bits, start),
              &upper = f.tree(row.page_bits, row.input_bits, start);
    f.use_stage1(cd_of(lower.root(), row.page_bits, row.input_bits, upper.root()));
    const u64 low = 0x0000'7FFF'ED34'5678 & ((u64{1} << row.input_bits) - 1);
    const u64 high = ~((u64{1} << row.input_bits) - 1) | low;
    const u64 size = u64{1} << lower.shift(row.leaf);
    lower.map(low, 0x8'0000'0000, row.leaf, kUser);
    upper.map(low, 0x9'0000'0000, row.leaf, kUser);
    expect(reading(low), 0x8'0000'0000 / size * size + low % size);
    expect(writing(high), 0x9'0000'0000 / size * size + low % size);
    EXPECT_EQ(f.go(reading(low)).response.page_bits, lower.shift(row.leaf));
    if (row.input_bits < 48) expect(reading(low | u64{1} << row.input_bits), "F_TRANSLATION");
    expect(reading(high ^ u64{1} << 60), "F_TRANSLATION");
  }
}

TEST_F(SmmuTranslator, FieldsOfACd) {
  TableTree &lower = f.tree(), &upper = f.tree();
  const Cd cd = cd_of(lower.root(), 12, 48, upper.root());
  const u64 high = 0xFFFF'8000'0000'1000;
  lower.map(0x1000, 0x5000, 3, kUser, s1::kTableReadOnly);
  upper.map(high & 0xFFFF'FFFF'FFFF, 0x6000, 3, kUser);
  f.use_stage1(cd.with({{cd::kEPD0, 1}}));
  expect(reading(0x1000), "F_TRANSLATION");
  expect(reading(high), 0x6000);
  f.use_stage1(cd.with({{cd::kEPD1, 1}}));
  expect(reading(0x1000), 0x5000);
  expect(reading(high), "F_TRANSLATION");
  // TBI
  const u64 tagged = u64{0xAB} << 56;
  expect(reading(tagged | 0x1000), "F_TRANSLATION");
  f.use_stage1(cd.with({{cd::kTBI0, 1}}));
  expect(reading(tagged | 0x1000), 0x5000);
  expect(reading(high ^ tagged), "F_TRANSLATION");
  f.use_stage1(cd.with({{cd::kTBI1, 1}}));
  expect(reading(tagged | 0x1000), "F_TRANSLATION");
  expect(reading(high ^ tagged), 0x6000);
  // HAD
  f.use_stage1(cd);
  expect(writing(0x1000), "F_PERMISSION");
  f.use_stage1(cd.with({{cd::kHAD1, 1}}));
  expect(writing(0x1000), "F_PERMISSION");
  f.use_stage1(cd.with({{cd::kHAD0, 1}}));
  expect(writing(0x1000), 0x5000);
  // WXN, PAN
  f.use_stage1(cd);
  expect(fetching(reading(high)), 0x6000);
  expect(privileged(writing(high)), 0x6000);
  f.use_stage1(cd.with({{cd::kWXN, 1}}));
  expect(fetching(reading(high)), "F_PERMISSION");
  f.use_stage1(cd.with({{cd::kPAN, 1}}));
  expect(privileged(writing(high)), "F_PERMISSION");
  expect(writing(high), 0x6000);
  // AFFD
  lower.write_leaf(0x1000, 3, 0x5000 | kUser | 3);
  f.use_stage1(cd);
  expect(reading(0x1000), "F_ACCESS");
  f.use_stage1(cd.with({{cd::kAFFD, 1}}));
  expect(reading(0x1000), 0x5000);
  // IPS
  lower.map(0x1000, u64{1} << 36, 3, kUser);
  f.use_stage1(cd.with({{cd::kIPS, 1}}));
  expect(reading(0x1000), "F_ADDR_SIZE");
  f.use_stage1(cd.with({{cd::kIPS, 2}}));
  expect(reading(0x1000), u64{1} << 36);
}

TEST_F(SmmuTranslator, BigEndianTables) {
  TableTree &lower = f.tree(), &stage2 = f.tree(12, 40, 1);
  lower.map(0x1000, 0x5000, 3, kUser);
  stage2.map(0x5000, 0x7000, 3, s2::kPlain);
  for (const u64 at : lower.tables) stage2.map(at, at, 3, s2::kPlain);
  const u64 table = f.cd_table();
  stage2.map(table, table, 3, s2::kPlain);
  f.memory.words.swap_all_words();
  f.put_cd(table, 0, cd_of(lower.root()).with({{cd::kENDI, 1}}));
  f.use(stage1_ste(table));
  expect(reading(0x1000), 0x5000);
  f.use(with_stage2(stage1_ste(table), stage2.root()).with({{ste::kS2ENDI, 1}}));
  expect(reading(0x1000), 0x7000);
}

TEST_F(SmmuTranslator, HypervisorStreams) {
  TableTree &lower = f.tree(), &upper = f.tree();
  const u64 high = 0xFFFF'8000'0000'1000;
  lower.map(0x1000, 0x5000, 3, 0);  // AP[1] = 0
  upper.map(high & 0xFFFF'FFFF'FFFF, 0x6000, 3, kUser);
  const Cd cd = cd_of(lower.root(), 12, 48, upper.root());
  const Ste el2 = stage1_ste(0).with({{ste::kSTRW, ste::kEl2}});
  f.use_stage1(cd, el2);
  expect(reading(0x1000), 0x5000);  // whoever asks is privileged
  expect(reading(high), "F_TRANSLATION");
  EXPECT_EQ(f.go(reading(0x1000)).stream.regime, vmsa::Regime::El2);
  f.use_stage1(cd.with({{cd::kEPD0, 1}, {cd::kPAN, 1}}), el2);
  expect(writing(0x1000), 0x5000);
  f.state.cr2 = 1;  // E2H
  f.use_stage1(cd, el2);
  expect(reading(0x1000), "F_PERMISSION");
  expect(privileged(reading(0x1000)), 0x5000);
  expect(reading(high), 0x6000);
  EXPECT_EQ(f.go(reading(high)).stream.regime, vmsa::Regime::El20);
  EXPECT_EQ(f.go(reading(high)).stream.context.asid.value, 1);
  EXPECT_EQ(f.go(reading(high)).stream.context.vmid.value, 0);
}

TEST_F(SmmuTranslator, AArch32Stage1) {
  TableTree &lower = f.tree(12, 31, 1), &upper = f.tree(12, 31, 1);
  lower.map(0x7FFF'F000, 0x5000, 3, kUser);
  upper.map(0, 0xFF'0000'6000, 3, kUser);
  f.config.pa_bits = 40;
  f.use_stage1(cd32_of(lower.root(), 1, upper.root(), 1));
  expect(reading(0x7FFF'F008), 0x5008);
  expect(reading(0x8000'0010), 0xFF'0000'6010);
  expect(reading(0x1'7FFF'F000), "F_TRANSLATION");
  expect(reading(0xFFFF'FFFF'8000'0000), "F_TRANSLATION");
  lower.write_leaf(0x7FFF'F000, 3, (u64{1} << 40) | kUser | kAccessFlag | 3);
  expect(reading(0x7FFF'F008), "F_ADDR_SIZE");
  expect(privileged(fetching(reading(0x8000'0010))), 0xFF'0000'6010);
  f.use_stage1(cd32_of(lower.root(), 1, upper.root(), 1).with({{cd::kUWXN, 1}}));
  expect(privileged(fetching(reading(0x8000'0010))), "F_PERMISSION");
  // Hyp: one table, by T0SZ.
  f.use_stage1(cd32_of(lower.root(), 1), stage1_ste(0).with({{ste::kSTRW, ste::kEl2}}));
  lower.map(0x1000, 0x7000, 3, 0);
  expect(reading(0x1000), 0x7000);
  expect(reading(0x8000'0000), "F_TRANSLATION");
}

// ---- stage 2, nested

TEST_F(SmmuTranslator, Stage2OfEveryGranule) {
  struct Row {
    unsigned page_bits, input_bits;
    int start, leaf;
  };
  for (const Row& row : {Row{12, 40, 1, 3},
                         {12, 40, 1, 2},
                         {12, 40, 1, 1},
                         {12, 44, 0, 3},
                         {12, 34, 2, 3},
                         {14, 40, 2, 3},
                         {14, 42, 1, 2},
                         {16, 40, 2, 3},
                         {16, 44, 1, 2}}) {
    SCOPED_TRACE(testing::Message() << row.page_bits << " " << row.input_bits << " " << row.start);
    TableTree& stage2 = f.tree(row.page_bits, row.input_bits, row.start);
    f.use(with_stage2(bypass_ste(), stage2.root(), 3, row.page_bits, row.input_bits, row.start));
    const u64 ipa = 0x00ED'CBA9'8765 & ((u64{1} << row.input_bits) - 1);
    stage2.map(ipa, 0x8'0000'0000, row.leaf, s2::kPlain);
    const u64 size = u64{1} << stage2.shift(row.leaf);
    expect(reading(ipa), 0x8'0000'0000 / size * size + ipa % size);
    if (row.input_bits < 44) expect(reading(ipa | u64{1} << row.input_bits), "F_TRANSLATION");
    // Beyond IAS it is stage 1's fault.
    const Passage large = f.go(reading(ipa | u64{1} << 50));
    EXPECT_EQ(name_of(large.event), "F_ADDR_SIZE");
    EXPECT_FALSE(large.event->stage2);
    EXPECT_TRUE(large.recorded);
  }
}

TEST_F(SmmuTranslator, AArch32Stage2) {
  TableTree& stage2 = f.tree(12, 40, 1);
  stage2.map(u64{0xAB} << 32, 0x5000, 3, s2::kPlain);
  const Ste ste = with_stage2(bypass_ste(), stage2.root())
                      .with({{ste::kS2AA64, 0}, {ste::kS2T0SZ, 8}, {ste::kS2PS, 0}, {ste::kS2SL0, 1}});
  f.use(ste);
  expect(reading(u64{0xAB} << 32), 0x5000);
  expect(reading(u64{1} << 40), "F_TRANSLATION");
  // IAS is 40 bits where OAS is 36.
  f.config.pa_bits = 36;
  expect(reading(u64{0xAB} << 32), 0x5000);
  expect(reading(u64{1} << 40), "F_ADDR_SIZE");
}

TEST_F(SmmuTranslator, Nested) {
  TableTree &stage1 = f.tree(), &stage2 = f.tree(12, 40, 1);
  stage1.map(0x40'0000, 0x80'0000, 2, kUser);
  stage2.map(0x80'3000, 0x7000, 3, s2::kPlain);
  f.use_nested(cd_of(stage1.root()), stage1, stage2);
  f.memory.words.requests.clear();
  expect(reading(0x40'3010), 0x7010);
  EXPECT_EQ(f.memory.words.requests.size(), 3u + (3 + 1) * (3 + 1) - 1) << "the CD's page, the walk";
  EXPECT_EQ(f.go(reading(0x40'3010)).response.page_bits, 12);
  const vmsa::Context context = f.go(reading(0x40'3010)).stream.context;
  EXPECT_EQ(context.vmid.value, 1);
  EXPECT_EQ(context.asid.value, 1);
  EXPECT_TRUE(context.stage1 && context.stage2);
}

TEST_F(SmmuTranslator, AArch32OverBothStage2s) {
  TableTree &stage1 = f.tree(12, 32, 1), &stage2 = f.tree(12, 40, 1);
  stage1.map(0xC000'0000, u64{0xAB} << 32, 3, kUser);
  stage2.map(u64{0xAB} << 32, 0x5000, 3, s2::kPlain);
  const u64 table = f.use_nested(cd32_of(stage1.root()), stage1, stage2);
  expect(reading(0xC000'0000), 0x5000);
  f.use(with_stage2(stage1_ste(table), stage2.root())
            .with({{ste::kS2AA64, 0}, {ste::kS2T0SZ, 8}, {ste::kS2PS, 0}, {ste::kS2SL0, 1}}));
  expect(reading(0xC000'0000), 0x5000);
  f.put_cd(table, 0, cd_of(stage1.root()));
  expect(reading(0xC000'0000), "C_BAD_CD");
}

TEST_F(SmmuTranslator, TheVmidOfAStage1Alone) {
  TableTree& stage1 = f.tree();
  stage1.map(0x1000, 0x5000, 3, kUser);
  f.use_stage1(cd_of(stage1.root(), 12, 48, 0, 0x1234), stage1_ste(0).with({{ste::kS2VMID, 0x4321}}));
  const vmsa::Context context = f.go(reading(0x1000)).stream.context;
  EXPECT_EQ(context.vmid.value, 0x4321);
  EXPECT_EQ(context.asid.value, 0x1234);
  EXPECT_FALSE(context.private_set);
  f.use_stage1(cd_of(stage1.root()).with({{cd::kASET, 1}}));
  EXPECT_TRUE(f.go(reading(0x1000)).stream.context.private_set);
}

// ---- substreams

TEST_F(SmmuTranslator, Substreams) {
  TableTree &zero = f.tree(), &three = f.tree(), &stage2 = f.tree(12, 40, 1);
  zero.map(0x1000, 0x5000, 3, kUser);
  three.map(0x1000, 0x6000, 3, kUser);
  const u64 table = f.cd_table(2);
  f.put_cd(table, 0, cd_of(zero.root()));
  f.put_cd(table, 3, cd_of(three.root()));
  const Ste ste = stage1_ste(table, 2);
  f.use(ste);  // S1DSS: substream 0
  expect(reading(0x1000), 0x5000);
  expect(of_substream(reading(0x1000), 3), 0x6000);
  expect(of_substream(reading(0x1000), 0), "F_STREAM_DISABLED");
  expect(of_substream(reading(0x1000), 2), "C_BAD_CD");
  expect(of_substream(reading(0x1000), 4), "C_BAD_SUBSTREAMID");
  for (const u64 terminate : {0, 3}) {
    f.use(ste.with({{ste::kS1DSS, terminate}}));
    expect(reading(0x1000), "F_STREAM_DISABLED");
    expect(of_substream(reading(0x1000), 0), 0x5000);
  }
  f.use(ste.with({{ste::kS1DSS, ste::kBypassStage1}}));
  expect(reading(0x1000), 0x1000);
  expect(of_substream(reading(0x1000), 0), 0x5000);
  // Bypassing stage 1 alone: beyond IAS an address size fault, between OAS and IAS cut off.
  f.config.pa_bits = 36;
  expect(reading(u64{1} << 40), "F_ADDR_SIZE");
  expect(reading(u64{1} << 38 | 0x1000), 0x1000);
  f.config.pa_bits = 44;
  stage2.map(0x1000, 0x7000, 3, s2::kPlain);
  f.use(with_stage2(ste.with({{ste::kS1DSS, ste::kBypassStage1}}), stage2.root()));
  expect(reading(0x1000), 0x7000);
  EXPECT_FALSE(f.go(reading(0x1000)).stream.context.stage1);
  // No substreams
  f.use(stage1_ste(table));
  expect(of_substream(reading(0x1000), 0), "C_BAD_SUBSTREAMID");
  f.use(bypass_ste());
  expect(of_substream(reading(0x1000), 0), "C_BAD_SUBSTREAMID");
  f.use(with_stage2(bypass_ste(), stage2.root()));
  expect(of_substream(reading(0x1000), 0), "C_BAD_SUBSTREAMID");
  f.use({{ste::kV, 1}});
  EXPECT_FALSE(f.go(of_substream(reading(0x1000), 0)).event);
  f.config.ssid_bits = 0;
  f.use(ste);
  expect(of_substream(reading(0x1000), 3), "C_BAD_SUBSTREAMID");
  expect(reading(0x1000), 0x5000);
}

// ---- hardware updates

TEST_F(SmmuTranslator, HardwareUpdatesOfBothStages) {
  TableTree &stage1 = f.tree(), &stage2 = f.tree(12, 40, 1);
  const u64 clean1 = 0x5000 | kUser | s1::kReadOnly | s1::kDbm | 3;
  const u64 clean2 = 0x7000 | s2::kRead | s2::kNormal | s2::kDbm | 3;
  stage1.write_leaf(0x1000, 3, clean1);
  stage2.write_leaf(0x5000, 3, clean2);
  const u64 table = f.use_nested(cd_of(stage1.root()).with({{cd::kHA, 1}, {cd::kHD, 1}}), stage1, stage2);
  f.use(with_stage2(stage1_ste(table), stage2.root()).with({{ste::kS2HA, 1}, {ste::kS2HD, 1}}));
  const auto leaf1 = [&] { return f.memory.word(stage1.slot(0x1000, 3)); };
  const auto leaf2 = [&] { return f.memory.word(stage2.slot(0x5000, 3)); };
  expect(reading(0x1000), 0x7000);
  EXPECT_EQ(leaf1(), clean1 | kAccessFlag);
  EXPECT_EQ(leaf2(), clean2 | kAccessFlag);
  expect(writing(0x1000), 0x7000);
  EXPECT_EQ(leaf1(), (clean1 | kAccessFlag) & ~s1::kReadOnly);
  EXPECT_EQ(leaf2(), clean2 | kAccessFlag | s2::kWrite);
  // HD without HA is no HTTU.
  f.put_cd(table, 0, cd_of(stage1.root()).with({{cd::kHD, 1}}));
  stage1.write_leaf(0x1000, 3, clean1);
  expect(reading(0x1000), "F_ACCESS");
}

// ---- overrides of who asks

TEST_F(SmmuTranslator, OverridesOfPrivilegeAndInstruction) {
  TableTree& stage1 = f.tree();
  stage1.map(0x1000, 0x5000, 3, s1::kUxn);                          // EL1 alone: rwx
  stage1.map(0x2000, 0x6000, 3, kUser | s1::kReadOnly | s1::kUxn);  // r- of EL0
  stage1.map(0x3000, 0x7000, 3, kUser | s1::kUxn | s1::kPxn);       // rw of both
  const Cd cd = cd_of(stage1.root());
  const auto with = [&](u64 privcfg, u64 instcfg) {
    f.use_stage1(cd, stage1_ste(0).with({{ste::kPRIVCFG, privcfg}, {ste::kINSTCFG, instcfg}}));
  };
  for (const u64 incoming : {0, 1}) {
    with(incoming, incoming);
    expect(reading(0x1000), "F_PERMISSION");
    expect(privileged(reading(0x1000)), 0x5000);
    expect(reading(0x2000), 0x6000);
    expect(fetching(reading(0x2000)), "F_PERMISSION");
  }
  with(2, 0);
  expect(privileged(reading(0x1000)), "F_PERMISSION");
  with(3, 0);
  expect(reading(0x1000), 0x5000);
  with(0, 2);
  expect(fetching(reading(0x2000)), 0x6000);
  with(0, 3);
  expect(reading(0x2000), "F_PERMISSION");
  // Writes are of data.
  expect(writing(0x3000), 0x7000);
  expect(fetching(writing(0x3000)), 0x7000);
}

}  // namespace
}  // namespace tw
