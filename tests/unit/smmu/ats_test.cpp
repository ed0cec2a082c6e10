// ATS: translation requests and what is Translated (IHI 0070, 3.9, 13.6, 13.7).
#include <gtest/gtest.h>

#include "unit/smmu/flow.hpp"

namespace tw {
namespace {

using namespace test;
using smmu::AtsReply;
using smmu::AtsRequest;
using smmu::Outcome;

constexpr u64 kUser = s1::kUserAccess;
constexpr u64 kFull = 1, kSplit = 2;
constexpr u32 kAtsCheck = 16;

AtsRequest asking(u64 address, bool write = false) {
  AtsRequest request;
  request.from.stream = StreamId{Flow::kStream};
  request.address = Iova{address};
  request.write = write;
  return request;
}
AtsRequest of_process(AtsRequest request, u32 substream, bool privileged, bool instruction) {
  request.from.substream = substream;
  request.from.has_substream = true;
  request.privileged = privileged;
  request.instruction = instruction;
  return request;
}
smmu::Request translated(smmu::Request request) {
  request.translated = true;
  return request;
}

std::string status(const AtsReply& reply) {
  constexpr const char* names[] = {"Success", "UR", "CA"};
  return names[static_cast<unsigned>(reply.status)];
}
/// R, W, Exe.
std::string rights(const AtsReply& reply) {
  return {reply.readable ? 'r' : '-', reply.writable ? 'w' : '-', reply.executable ? 'x' : '-'};
}

struct SmmuAts : testing::Test {
  Flow f;
  TableTree& stage1 = f.tree();
  TableTree& stage2 = f.tree(12, 40, 1);
  u64 cds = 0;

  SmmuAts() {
    stage1.map(0x1000, 0x5000, 3, kUser);
    stage2.map(0x5000, 0x7000, 3, s2::kPlain);
    cds = f.cd_table(2);
    f.put_cd(cds, 0, cd_of(stage1.root()));
    f.put_cd(cds, 1, cd_of(stage1.root()));
    use(stage1_ste(cds, 2), kFull);
  }
  void use(Ste ste, u64 eats) { f.use(ste.set(ste::kEATS, eats)); }
  void nested(u64 eats, const Ste& base) {
    stage2.map(cds, cds, 3, s2::kPlain);
    for (const u64 at : stage1.tables) stage2.map(at, at, 3, s2::kPlain);
    use(with_stage2(base, stage2.root()), eats);
  }
  void expect(const AtsRequest& request, const char* is, const char* event = "none") {
    smmu::Finding finding;
    EXPECT_EQ(status(f.ask(request, &finding)), is);
    EXPECT_EQ(name_of(finding), event);
  }
};

// ---- requests

TEST_F(SmmuAts, Answers) {
  AtsReply reply = f.ask(asking(0x1234, true));
  EXPECT_EQ(status(reply), "Success");
  EXPECT_EQ(reply.pa.value, 0x5000u);
  EXPECT_EQ(reply.page_bits, 12);
  EXPECT_EQ(rights(reply), "rw-");
  EXPECT_FALSE(reply.global);
  EXPECT_FALSE(reply.untranslated_only);
  stage1.map(0x4000'0000, 0x8000'0000, 2, kUser | s1::kReadOnly);
  reply = f.ask(asking(0x4012'3456, true));
  EXPECT_EQ(reply.pa.value, 0x8000'0000u);
  EXPECT_EQ(reply.page_bits, 21);
  EXPECT_EQ(rights(reply), "r--");
}

TEST_F(SmmuAts, WhoIsRefused) {
  const auto bad = "F_BAD_ATS_TREQ";
  use(stage1_ste(cds, 2), 0);
  expect(asking(0x1000), "UR", bad);
  use(bypass_ste(), kFull);
  expect(asking(0x1000), "UR", bad);
  use(stage1_ste(cds, 2), 3);
  expect(asking(0x1000), "UR", bad);
  f.use({{ste::kV, 1}, {ste::kEATS, 1}});
  expect(asking(0x1000), "UR");
  f.use({});
  expect(asking(0x1000), "CA");
  f.memory.words.aborts = {f.ste_at(Flow::kStream)};
  expect(asking(0x1000), "CA");
  f.memory.words.aborts.clear();
  AtsRequest unknown = asking(0x1000);
  unknown.from.stream = StreamId{0x100};
  f.state.cr2 = 2;  // RECINVSID is not for requests
  expect(unknown, "CA");
  use(stage1_ste(cds, 2), kFull);
  expect(of_process(asking(0x1000), 4, false, false), "CA");
  expect(of_process(asking(0x1000), 0, false, false), "CA");  // S1DSS
  expect(of_process(asking(0x1000), 2, false, false), "CA");
  f.memory.words.aborts = {cds + 64};
  expect(of_process(asking(0x1000), 1, false, false), "CA");
  f.memory.words.aborts = {stage1.slot(0x1000, 3)};
  expect(asking(0x1000), "CA");
  f.memory.words.aborts.clear();
  use(stage1_ste(cds, 2).with({{ste::kS1DSS, 0}}), kFull);
  expect(asking(0x1000), "CA");
  f.state.cr0_ack = 0;
  smmu::Finding finding;
  EXPECT_EQ(status(f.ask(of_process(asking(0x1000, true), 7, true, true), &finding)), "UR");
  ASSERT_EQ(name_of(finding), bad);
  EXPECT_TRUE(finding->read && finding->write && finding->privileged && finding->instruction);
  EXPECT_EQ(finding->from.substream, 7u);
  EXPECT_EQ(finding->address.value, 0x1000u);
  f.config.ats = f.config.pri = false;
  expect(asking(0x1000), "UR");
}

TEST_F(SmmuAts, FaultsOfTranslationGrantNothing) {
  const auto nothing = [&](const AtsRequest& request) {
    const AtsReply reply = f.ask(request);
    EXPECT_EQ(status(reply), "Success");
    EXPECT_EQ(rights(reply), "---");
    EXPECT_EQ(reply.page_bits, 12);
    EXPECT_EQ(reply.privileged, request.from.has_substream && request.privileged);
  };
  nothing(asking(0x2000));
  nothing(asking(0x2000, true));
  nothing(of_process(asking(0x2000), 1, true, false));
  stage1.map(0x3000, 0x5000, 3, 0);
  nothing(asking(0x3000));
  stage1.write_leaf(0x3000, 3, 0x5000 | kUser | 3);
  nothing(asking(0x3000));
  nested(kFull, stage1_ste(cds, 2));
  stage2.write_leaf(0x5000, 3, 0);
  nothing(asking(0x1000));
  stage2.write_leaf(cds, 3, 0);
  nothing(asking(0x1000));
}

TEST_F(SmmuAts, RightsAsPrivilegeAndExecutionGo) {
  // The table of 13.7, and beyond. Page attributes, NW = 0, Exe, Priv -> R, W, Exe.
  struct Row {
    u64 page;
    bool write, execute, privileged;
    const char* rights;
  };
  const u64 user_rw = kUser, user_ro = kUser | s1::kReadOnly, none_rw = 0, xn = s1::kUxn;
  for (const Row& row : {Row{user_ro, false, false, false, "r--"},
                         {user_rw, true, false, false, "rw-"},
                         {user_ro, true, false, false, "r--"},
                         {none_rw, true, false, true, "rw-"},
                         {user_rw | xn, true, true, false, "rw-"},
                         {user_rw, true, true, false, "rwx"},
                         {user_rw, true, false, false, "rw-"},
                         {none_rw, false, true, false, "---"},  // execute-only
                         {none_rw, false, true, true, "rwx"},
                         {user_rw, false, true, true, "rw-"}}) {  // EL0 can write it
    SCOPED_TRACE(testing::Message() << std::hex << row.page << row.write << row.execute << row.privileged);
    stage1.map(0x3000, 0x5000, 3, row.page);
    const AtsReply reply = f.ask(of_process(asking(0x3000, row.write), 1, row.privileged, row.execute));
    EXPECT_EQ(rights(reply), row.rights);
    EXPECT_EQ(reply.privileged, row.privileged);
  }
  // Without a PASID there is neither.
  stage1.map(0x3000, 0x5000, 3, user_rw);
  AtsRequest request = asking(0x3000);
  request.privileged = request.instruction = true;
  EXPECT_EQ(rights(f.ask(request)), "rw-");
  EXPECT_FALSE(f.ask(request).privileged);
}

TEST_F(SmmuAts, OverridesOfTheSte) {
  stage1.map(0x3000, 0x5000, 3, 0);  // EL0: execute-only
  use(stage1_ste(cds, 2).with({{ste::kINSTCFG, 3}}), kFull);
  EXPECT_EQ(rights(f.ask(of_process(asking(0x3000), 1, false, true))), "r-x");
  use(stage1_ste(cds, 2).with({{ste::kPRIVCFG, 3}}), kFull);
  const AtsReply reply = f.ask(of_process(asking(0x3000, true), 1, false, false));
  EXPECT_EQ(rights(reply), "rw-");
  EXPECT_FALSE(reply.privileged);
  stage1.map(0x3000, 0x5000, 3, kUser | s1::kUxn);
  use(stage1_ste(cds, 2).with({{ste::kINSTCFG, 2}}), kFull);
  EXPECT_EQ(rights(f.ask(of_process(asking(0x3000, true), 1, false, true))), "rwx");
}

TEST_F(SmmuAts, HardwareUpdates) {
  const u64 clean = 0x5000 | kUser | s1::kReadOnly | s1::kDbm | 3;
  const auto leaf = [&] { return f.memory.word(stage1.slot(0x3000, 3)); };
  f.put_cd(cds, 0, cd_of(stage1.root()).with({{cd::kHA, 1}, {cd::kHD, 1}}));
  stage1.write_leaf(0x3000, 3, clean);
  EXPECT_EQ(rights(f.ask(asking(0x3000))), "r--");
  EXPECT_EQ(leaf(), clean | kAccessFlag);
  EXPECT_EQ(rights(f.ask(asking(0x3000, true))), "rw-");
  EXPECT_EQ(leaf(), (clean | kAccessFlag) & ~s1::kReadOnly);
  f.put_cd(cds, 0, cd_of(stage1.root()).with({{cd::kHA, 1}}));
  stage1.write_leaf(0x3000, 3, clean);
  EXPECT_EQ(rights(f.ask(asking(0x3000, true))), "r--");
  EXPECT_EQ(leaf(), clean | kAccessFlag);
  // Stage 1 that is read-only leaves stage 2 clean.
  stage2.write_leaf(0x5000, 3, 0x7000 | s2::kRead | s2::kNormal | s2::kDbm | kAccessFlag | 3);
  nested(kFull, stage1_ste(cds, 2).with({{ste::kS2HA, 1}, {ste::kS2HD, 1}}));
  EXPECT_EQ(rights(f.ask(asking(0x3000, true))), "r--");
  EXPECT_EQ(f.memory.word(stage2.slot(0x5000, 3)) & s2::kWrite, 0u);
}

TEST_F(SmmuAts, NestedAndSplit) {
  nested(kFull, stage1_ste(cds, 2));
  EXPECT_EQ(f.ask(asking(0x1000)).pa.value, 0x7000u);
  nested(kSplit, stage1_ste(cds, 2));
  expect(asking(0x1000), "UR", "F_BAD_ATS_TREQ");  // without ATSCHK
  f.state.cr0_ack |= kAtsCheck;
  EXPECT_EQ(f.ask(asking(0x1000)).pa.value, 0x5000u);
  stage2.map(0x5000, 0x7000, 3, s2::kRead | s2::kNormal);
  EXPECT_EQ(rights(f.ask(asking(0x1000, true))), "r--");
}

TEST_F(SmmuAts, RequestsThatSkipStage1) {
  const Ste skips = stage1_ste(cds, 2).with({{ste::kS1DSS, ste::kBypassStage1}});
  use(skips, kFull);
  AtsReply reply = f.ask(asking(0x1234'5678'9000));
  EXPECT_EQ(rights(reply), "---") << "beyond OAS";
  reply = f.ask(asking(0x234'5678'9000));
  EXPECT_EQ(rights(reply), "rw-");
  EXPECT_EQ(reply.page_bits, 44);
  EXPECT_EQ(reply.pa.value, 0u);
  EXPECT_EQ(f.ask(of_process(asking(0x1000), 1, false, false)).pa.value, 0x5000u);
  nested(kFull, skips);
  EXPECT_EQ(f.ask(asking(0x5000)).pa.value, 0x7000u);
  nested(kSplit, skips);
  f.state.cr0_ack |= kAtsCheck;
  reply = f.ask(asking(0x5000, true));
  EXPECT_EQ(reply.pa.value, 0x5000u);
  EXPECT_EQ(rights(reply), "rw-");
}

// ---- what is Translated

TEST_F(SmmuAts, TranslatedPassesUnchecked) {
  f.use({});
  EXPECT_EQ(f.go(translated(reading(0x1234))).response.pa.value, 0x1234u);
  const Passage large = f.go(translated(reading(u64{1} << 44)));
  EXPECT_EQ(large.response.outcome, Outcome::Abort);
  EXPECT_FALSE(large.event);
  f.state.cr0_ack = 0;
  EXPECT_EQ(name_of(f.go(translated(reading(0x1234))).event), "F_TRANSL_FORBIDDEN");
  f.state.cr0_ack = 1;
  f.config.ats = f.config.pri = false;
  EXPECT_EQ(name_of(f.go(translated(reading(0x1234))).event), "F_UUT");
}

TEST_F(SmmuAts, TranslatedIsChecked) {
  f.state.cr0_ack |= kAtsCheck;
  EXPECT_EQ(f.go(translated(reading(0x1234))).response.pa.value, 0x1234u);
  use(stage1_ste(cds, 2), 0);
  const Passage forbidden = f.go(translated(writing(0x1234)));
  EXPECT_EQ(name_of(forbidden.event), "F_TRANSL_FORBIDDEN");
  EXPECT_TRUE(forbidden.recorded);
  EXPECT_FALSE(forbidden.event->read);
  EXPECT_EQ(forbidden.event->address.value, 0x1234u);
  use(bypass_ste(), kFull);
  EXPECT_EQ(name_of(f.go(translated(reading(0x1234))).event), "F_TRANSL_FORBIDDEN");
  f.use({{ste::kV, 1}, {ste::kEATS, 1}});
  EXPECT_EQ(f.go(translated(reading(0x1234))).response.outcome, Outcome::Abort);
  EXPECT_FALSE(f.go(translated(reading(0x1234))).event);
  // Errors of configuration abort in silence.
  f.use({});
  f.state.cr2 = 2;
  for (const u32 stream : {Flow::kStream, 0x100u}) {
    const Passage passage = f.go(translated(reading(0x1234, stream)));
    EXPECT_EQ(passage.response.outcome, Outcome::Abort);
    EXPECT_FALSE(passage.recorded);
  }
}

TEST_F(SmmuAts, TranslatedOfSplitStageGoesThroughStage2) {
  f.state.cr0_ack |= kAtsCheck;
  nested(kSplit, stage1_ste(cds, 2));
  smmu::Request request = translated(privileged(fetching(reading(0x5008))));
  EXPECT_EQ(f.go(request).response.pa.value, 0x7008u);
  EXPECT_EQ(f.go(of_substream(request, 1)).response.pa.value, 0x7008u);
  stage2.map(0x5000, 0x7000, 3, s2::kRead | s2::kNormal);
  const Passage denied = f.go(translated(writing(0x5008)));
  EXPECT_EQ(name_of(denied.event), "F_PERMISSION");
  EXPECT_TRUE(denied.recorded);
  EXPECT_TRUE(denied.event->stage2);
  EXPECT_EQ(denied.event->ipa.value, 0x5008u);
  stage2.write_leaf(0x5000, 3, 0);
  const smmu::Event event = *f.go(request).event;
  EXPECT_FALSE(event.privileged) << "Data, Unprivileged";
  EXPECT_FALSE(event.instruction);
}

}  // namespace
}  // namespace tw
