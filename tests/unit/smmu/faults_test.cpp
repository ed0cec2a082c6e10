// Events with their exact fields, and what becomes of them: CD.{R,A,S}, STE.{S2R,S2S}, and the kind (IHI
// 0070, 5.5, 7.3).
#include <gtest/gtest.h>

#include "unit/smmu/flow.hpp"

namespace tw {
namespace {

using namespace test;
using smmu::EventClass;
using smmu::Outcome;

constexpr u64 kUser = s1::kUserAccess;
constexpr EventClass kIn = EventClass::Input, kTable = EventClass::TranslationTable,
                     kContext = EventClass::ContextDescriptor;

/// A nested stream: 0x1000 -> 0x5000 -> 0x7000.
struct SmmuFaults : testing::Test {
  Flow f;
  TableTree &stage1 = f.tree(), &stage2 = f.tree(12, 40, 1);
  u64 cds = 0;

  SmmuFaults() {
    stage1.map(0x1000, 0x5000, 3, kUser);
    stage2.map(0x5000, 0x7000, 3, s2::kPlain);
    cds = f.use_nested(cd_of(stage1.root()), stage1, stage2);
  }
  void alone() { f.use_stage1(cd_of(stage1.root())); }
  u64 table_of(int level) const { return stage1.slot(0x1000, level); }

  smmu::Event expect(const smmu::Request& request, const char* kind, bool stage2_fault, EventClass of, u64 ipa = 0) {
    SCOPED_TRACE(kind);
    const Passage passage = f.go(request);
    EXPECT_EQ(name_of(passage.event), kind);
    if (!passage.event) return {};
    const smmu::Event& event = *passage.event;
    EXPECT_EQ(event.from, request.from);
    EXPECT_EQ(event.address, request.address);
    EXPECT_EQ(event.read, !request.write);
    EXPECT_EQ(event.privileged, request.privileged);
    EXPECT_EQ(event.instruction, request.instruction && !request.write);
    EXPECT_EQ(event.stage2, stage2_fault);
    EXPECT_EQ(event.event_class, of);
    if (stage2_fault) {
      EXPECT_EQ(event.ipa.value, ipa);
    }
    EXPECT_TRUE(passage.recorded);
    EXPECT_EQ(passage.response.outcome, Outcome::Abort);
    return event;
  }
};

TEST_F(SmmuFaults, OfStage1) {
  for (const bool nested : {true, false}) {
    if (!nested) alone();
    expect(reading(0x2000), "F_TRANSLATION", false, kIn);
    expect(privileged(writing(u64{1} << 50)), "F_TRANSLATION", false, kIn);
    stage1.write_leaf(0x1000, 3, 0x5000 | kUser | 3);
    expect(writing(0x1008), "F_ACCESS", false, kIn);
    stage1.write_leaf(0x1000, 3, (u64{1} << 46) | kUser | kAccessFlag | 3);
    expect(fetching(reading(0x1008)), "F_ADDR_SIZE", false, kIn);
    stage1.map(0x1000, 0x5000, 3, kUser | s1::kReadOnly);
    expect(fetching(writing(0x1008)), "F_PERMISSION", false, kIn);
    stage1.map(0x1000, 0x5000, 3, 0);
    expect(reading(0x1008), "F_PERMISSION", false, kIn);
    stage1.map(0x1000, 0x5000, 3, kUser | s1::kUxn);
    expect(fetching(reading(0x1008)), "F_PERMISSION", false, kIn);
    for (int level = 0; level <= 3; ++level) {
      f.memory.words.aborts = {table_of(level)};
      EXPECT_EQ(expect(reading(0x1008), "F_WALK_EABT", false, kTable).fetch.value, table_of(level));
    }
    f.memory.words.aborts.clear();
    stage1.map(0x1000, 0x5000, 3, kUser);
  }
}

TEST_F(SmmuFaults, OfStage2OnTheAccess) {
  stage2.write_leaf(0x5000, 3, 0);
  expect(writing(0x1234), "F_TRANSLATION", true, kIn, 0x5234);
  stage2.write_leaf(0x5000, 3, 0x7000 | s2::kPlain | 3);
  expect(reading(0x1234), "F_ACCESS", true, kIn, 0x5234);
  stage2.write_leaf(0x5000, 3, (u64{1} << 46) | s2::kPlain | kAccessFlag | 3);
  expect(reading(0x1234), "F_ADDR_SIZE", true, kIn, 0x5234);
  stage2.map(0x5000, 0x7000, 3, s2::kRead | s2::kNormal);
  expect(writing(0x1234), "F_PERMISSION", true, kIn, 0x5234);
  stage2.map(0x5000, 0x7000, 3, s2::kPlain | s2::kXn);
  expect(fetching(reading(0x1234)), "F_PERMISSION", true, kIn, 0x5234);
  f.memory.words.aborts = {stage2.slot(0x5000, 3)};
  EXPECT_EQ(expect(reading(0x1234), "F_WALK_EABT", true, kIn, 0x5234).fetch.value, stage2.slot(0x5000, 3));
  f.memory.words.aborts.clear();
  stage1.map(0x1000, u64{1} << 40, 3, kUser);
  expect(reading(0x1234), "F_TRANSLATION", true, kIn, (u64{1} << 40) + 0x234);
}

TEST_F(SmmuFaults, OfStage2OnATable) {
  for (int level = 0; level <= 3; ++level) {
    SCOPED_TRACE(level);
    const u64 at = table_of(level);
    const u64 page = at & ~u64{0xFFF};
    const auto restore = [&] { stage2.map(page, page, 3, s2::kPlain); };
    stage2.write_leaf(page, 3, 0);
    expect(writing(0x1234), "F_TRANSLATION", true, kTable, at);
    stage2.write_leaf(page, 3, page | s2::kPlain | 3);
    expect(reading(0x1234), "F_ACCESS", true, kTable, at);
    stage2.map(page, page, 3, s2::kWrite | s2::kNormal);
    EXPECT_FALSE(expect(writing(0x1234), "F_PERMISSION", true, kTable, at).translation_table_write);
    restore();
    f.memory.words.aborts = {stage2.slot(page, 3)};
    EXPECT_EQ(expect(reading(0x1234), "F_WALK_EABT", true, kTable, at).fetch.value, stage2.slot(page, 3));
    f.memory.words.aborts.clear();
  }
  // S2PTW
  const u64 page = table_of(3) & ~u64{0xFFF};
  stage2.map(page, page, 3, s2::kReadWrite | s2::kDevice);
  EXPECT_FALSE(f.go(reading(0x1234)).event);
  f.use(with_stage2(stage1_ste(cds), stage2.root()).with({{ste::kS2PTW, 1}}));
  expect(reading(0x1234), "F_PERMISSION", true, kTable, table_of(3));
}

TEST_F(SmmuFaults, TheUpdateOfATable) {
  const u64 page = table_of(3) & ~u64{0xFFF};
  f.put_cd(cds, 0, cd_of(stage1.root()).with({{cd::kHA, 1}}));
  stage1.write_leaf(0x1000, 3, 0x5000 | kUser | 3);
  stage2.map(page, page, 3, s2::kRead | s2::kNormal);
  EXPECT_TRUE(expect(reading(0x1234), "F_PERMISSION", true, kTable, table_of(3)).translation_table_write);
  stage2.map(page, page, 3, s2::kPlain);
  f.memory.words.update_aborts = {table_of(3)};
  EXPECT_EQ(expect(reading(0x1234), "F_WALK_EABT", false, kTable).fetch.value, table_of(3));
  f.memory.words.update_aborts.clear();
  f.memory.words.not_atomic = {table_of(3)};
  EXPECT_EQ(expect(reading(0x1234), "F_WALK_EABT", false, kTable).fetch.value, table_of(3));
}

TEST_F(SmmuFaults, OfTheFetchOfACd) {
  stage2.write_leaf(cds, 3, 0);
  expect(privileged(writing(0x1234)), "F_TRANSLATION", true, kContext, cds);
  f.use(with_stage2(stage1_ste(cds), stage2.root()).with({{ste::kPRIVCFG, 3}}));
  EXPECT_TRUE(f.go(reading(0x1234)).event->privileged) << "after the STE's overrides";
}

TEST_F(SmmuFaults, OverridesAreInTheEvent) {
  f.use_stage1(cd_of(stage1.root()), stage1_ste(0).with({{ste::kPRIVCFG, 3}, {ste::kINSTCFG, 3}}));
  const smmu::Event read = *f.go(reading(0x2000)).event;
  EXPECT_TRUE(read.privileged);
  EXPECT_TRUE(read.instruction);
  EXPECT_FALSE(f.go(writing(0x2000)).event->instruction);
  EXPECT_EQ(f.go(of_substream(reading(0x2000), 7)).event->kind, smmu::EventKind::BadSubstreamId);
}

// ---- what becomes of it

TEST_F(SmmuFaults, BitsOfTheCd) {
  struct Row {
    u64 a, r, s;
    bool may_stall;
    Outcome outcome;
    bool recorded, stalled;
  };
  const Row rows[] = {
      {0, 0, 0, true, Outcome::ReadAsZero, false, false}, {0, 1, 0, true, Outcome::ReadAsZero, true, false},
      {1, 0, 0, true, Outcome::Abort, false, false},      {1, 1, 0, true, Outcome::Abort, true, false},
      {0, 0, 1, true, Outcome::Stalled, true, true},      {1, 1, 1, true, Outcome::Stalled, true, true},
      {0, 0, 1, false, Outcome::Abort, true, false},  // cannot be held
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(testing::Message() << row.a << row.r << row.s << row.may_stall);
    // Stage 2's bits must not count.
    f.put_cd(cds, 0, cd_of(stage1.root()).with({{cd::kA, row.a}, {cd::kR, row.r}, {cd::kS, row.s}}));
    f.use(with_stage2(stage1_ste(cds), stage2.root()).with({{ste::kS2R, 1 - row.r}, {ste::kS2S, 1 - row.s}}));
    smmu::Request request = reading(0x2000);
    request.may_stall = row.may_stall;
    const Passage passage = f.go(request);
    EXPECT_EQ(passage.response.outcome, row.outcome);
    EXPECT_EQ(passage.recorded, row.recorded);
    EXPECT_EQ(passage.stalled, row.stalled);
  }
}

TEST_F(SmmuFaults, BitsOfTheSte) {
  struct Row {
    u64 r, s;
    Outcome outcome;
    bool recorded;
  };
  const Row rows[] = {{0, 0, Outcome::Abort, false},
                      {1, 0, Outcome::Abort, true},
                      {0, 1, Outcome::Stalled, true},
                      {1, 1, Outcome::Stalled, true}};
  f.put_cd(cds, 0, cd_of(stage1.root()).with({{cd::kA, 0}}));  // which is not for stage 2
  for (const Row& row : rows) {
    f.use(with_stage2(stage1_ste(cds), stage2.root()).with({{ste::kS2R, row.r}, {ste::kS2S, row.s}}));
    smmu::Request request = reading(0x1000);
    request.may_stall = true;
    stage2.write_leaf(0x5000, 3, 0);
    EXPECT_EQ(f.go(request).response.outcome, row.outcome);
    EXPECT_EQ(f.go(request).recorded, row.recorded);
    stage2.map(0x5000, 0x7000, 3, s2::kPlain);
    const u64 page = table_of(3) & ~u64{0xFFF};
    for (const u64 at : {cds, page}) {  // of a CD, of a table
      stage2.write_leaf(at, 3, 0);
      EXPECT_EQ(f.go(request).response.outcome, row.outcome);
      EXPECT_EQ(f.go(request).recorded, row.recorded);
      stage2.map(at, at, 3, s2::kPlain);
    }
  }
}

TEST_F(SmmuFaults, OtherKindsAreAlwaysRecordedAndAborted) {
  f.put_cd(cds, 0, cd_of(stage1.root()).with({{cd::kA, 0}, {cd::kR, 0}, {cd::kS, 1}}));
  f.use(with_stage2(stage1_ste(cds), stage2.root()).with({{ste::kS2R, 0}, {ste::kS2S, 1}}));
  smmu::Request request = reading(0x1000);
  request.may_stall = true;
  const auto aborted = [&](const char* kind) {
    const Passage passage = f.go(request);
    EXPECT_EQ(name_of(passage.event), kind);
    EXPECT_TRUE(passage.recorded);
    EXPECT_EQ(passage.response.outcome, Outcome::Abort);
  };
  f.memory.words.aborts = {table_of(3)};
  aborted("F_WALK_EABT");
  f.memory.words.aborts = {cds};
  aborted("F_CD_FETCH");
  f.memory.words.aborts = {f.ste_at(Flow::kStream)};
  aborted("F_STE_FETCH");
  f.memory.words.aborts.clear();
  f.put_cd(cds, 0, {});
  aborted("C_BAD_CD");
  f.use({});
  aborted("C_BAD_STE");
}

TEST_F(SmmuFaults, AnUnknownStreamIsRecordedWhereSoftwareWantsIt) {
  EXPECT_EQ(name_of(f.go(reading(0, 0x100)).event), "C_BAD_STREAMID");
  EXPECT_FALSE(f.go(reading(0, 0x100)).recorded);
  f.state.cr2 = 2;  // RECINVSID
  EXPECT_TRUE(f.go(reading(0, 0x100)).recorded);
}

TEST_F(SmmuFaults, EventsMayBeMergedAsTheSteSays) {
  EXPECT_FALSE(f.go(reading(0x2000)).stream.merge);
  f.use(with_stage2(stage1_ste(cds), stage2.root()).with({{ste::kMEV, 1}, {ste::kPPAR, 1}}));
  EXPECT_TRUE(f.go(reading(0x2000)).stream.merge);
  EXPECT_TRUE(f.go(reading(0x2000)).stream.ppar);
}

}  // namespace
}  // namespace tw
