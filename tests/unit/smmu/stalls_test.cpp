// Stalled transactions: STAGs, their records, CMD_RESUME, CMD_STALL_TERM, SMMUEN (IHI 0070, 3.12.2, 4.7, 7.2.1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/smmu/programming.hpp"

namespace tw::smmu {
namespace {

using test::Programming;
using test::Words;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Event fault(u32 stream, u64 address) {
  Event event;
  event.kind = EventKind::Translation;
  event.from.stream = StreamId{stream};
  event.address = Iova{address};
  return event;
}

constexpr Words resume(u32 stream, u16 stag, u32 action) { return {u64{stream} << 32 | action << 12 | 0x44, stag}; }
constexpr u32 kTerminate = 0, kRetry = 1, kAbort = 2;

struct SmmuStalls : testing::Test {
  Programming p;
  Stalls& stalls = p.interface().stalls;
  SmmuStalls() { p.enable(); }
};

TEST_F(SmmuStalls, ARecordNamesTheTag) {
  EXPECT_EQ(stalls.hold(fault(5, 0x1000), 0), 0);
  EXPECT_EQ(stalls.hold(fault(5, 0x2000), 0), 1);
  EXPECT_EQ(p.event(0)[1] & 0xFFFF'FFFF, 0x8000'0000);
  EXPECT_EQ(p.event(1)[1] & 0xFFFF'FFFF, 0x8000'0001);
}

TEST_F(SmmuStalls, ResumeTellsHowItGoesOn) {
  for (u64 n = 0; n < 3; ++n) stalls.hold(fault(5, n << 12), 0);
  EXPECT_TRUE(p.accepts(resume(5, 1, kRetry)));
  EXPECT_TRUE(p.accepts(resume(5, 0, kAbort)));
  EXPECT_TRUE(p.accepts(resume(5, 2, kTerminate)));
  EXPECT_THAT(p.signals.resumed, ElementsAre(Pair(1, StallVerdict::Retry), Pair(0, StallVerdict::Abort),
                                             Pair(2, StallVerdict::ReadAsZero)));
  EXPECT_EQ(stalls.hold(fault(5, 0), 0), 0);
}

TEST_F(SmmuStalls, ResumeOfSomethingElseDoesNothing) {
  stalls.hold(fault(5, 0x1000), 0);
  EXPECT_TRUE(p.accepts(resume(6, 0, kRetry)));
  EXPECT_TRUE(p.accepts(resume(5, 1, kRetry)));
  EXPECT_TRUE(p.accepts(resume(5, 0xFFFF, kRetry)));
  EXPECT_THAT(p.signals.resumed, IsEmpty());
  EXPECT_TRUE(p.accepts(resume(5, 0, kRetry)));
  EXPECT_TRUE(p.accepts(resume(5, 0, kRetry)));
  EXPECT_EQ(p.signals.resumed.size(), 1u);
}

TEST_F(SmmuStalls, StallTermIsForAStream) {
  stalls.hold(fault(5, 0x1000), 0);
  stalls.hold(fault(6, 0x1000), 0);
  stalls.hold(fault(5, 0x2000), 0);
  EXPECT_TRUE(p.accepts({u64{5} << 32 | 0x45, 0}));
  EXPECT_THAT(p.signals.resumed, ElementsAre(Pair(0, StallVerdict::Abort), Pair(2, StallVerdict::Abort)));
}

TEST_F(SmmuStalls, ARepetitionHasNoRecordOfItsOwnAndGoesWithTheFirst) {
  stalls.hold(fault(5, 0x1000), 0);
  stalls.hold(fault(5, 0x1FFF), 0);
  Event write = fault(5, 0x1000);
  write.read = false;
  stalls.hold(write, 0);
  EXPECT_EQ(p.read(0x100A8), 2u);
  p.submit(resume(5, 0, kAbort));
  EXPECT_THAT(p.signals.resumed, ElementsAre(Pair(0, StallVerdict::Abort), Pair(1, StallVerdict::Retry)));
}

TEST_F(SmmuStalls, WithoutARecordItComesAgainWhenThereIsRoom) {
  for (u64 n = 0; n < 10; ++n) stalls.hold(fault(5, n << 12), 0);
  EXPECT_EQ(p.read(0x100A8), 8u);                // no overflow: nothing is lost
  EXPECT_TRUE(p.accepts(resume(5, 9, kRetry)));  // software cannot know of it
  EXPECT_THAT(p.signals.resumed, IsEmpty());
  p.write(0x100AC, 1);
  EXPECT_THAT(p.signals.resumed, ElementsAre(Pair(8, StallVerdict::Retry), Pair(9, StallVerdict::Retry)));
}

TEST_F(SmmuStalls, AlsoWhenTheQueueIsEnabledOrItsErrorAcknowledged) {
  p.write(0x20, 0xB);
  stalls.hold(fault(5, 0x1000), 0);
  EXPECT_EQ(p.read(0x100A8), 0u);
  p.write(0x20, 0xF);
  EXPECT_EQ(p.signals.resumed.size(), 1u);
  p.memory.words.aborts.insert(Programming::kEvents);
  p.interface().events.record(fault(1, 0), 0);
  stalls.hold(fault(5, 0x1000), 0);
  p.write(0x64, 4);
  EXPECT_EQ(p.signals.resumed.size(), 2u);
}

TEST_F(SmmuStalls, SwitchingTheSmmuOffTerminatesThem) {
  stalls.hold(fault(5, 0x1000), 0);
  stalls.hold(fault(6, 0x1000), 0);
  p.write(0x20, 0xE);
  EXPECT_THAT(p.signals.resumed, ElementsAre(Pair(0, StallVerdict::Abort), Pair(1, StallVerdict::Abort)));
}

TEST(SmmuStallModel, HoldsNoMoreThanItSays) {
  Config config;
  config.stall_max = 3;
  Programming p{config};
  p.enable();
  EXPECT_EQ(p.read(0x14) >> 16, 3u);
  Stalls& stalls = p.interface().stalls;
  for (u64 n = 0; n < 3; ++n) EXPECT_TRUE(stalls.hold(fault(5, n << 12), 0));
  EXPECT_FALSE(stalls.hold(fault(5, 0x9000), 0));
  p.submit(resume(5, 1, kRetry));
  EXPECT_EQ(stalls.hold(fault(5, 0x9000), 0), 1);
}

TEST(SmmuStallModel, TerminateOnlyHasNone) {
  Config config;
  config.stall = "terminate";
  Programming p{config};
  p.enable();
  EXPECT_FALSE(p.interface().stalls.hold(fault(5, 0), 0));
  EXPECT_FALSE(p.accepts(resume(5, 0, kRetry)));
  EXPECT_EQ(p.error(), 1u);
}

/// SignalPort::resume() knows no Security state.
TEST(SmmuStallModel, TagsOfTheSecurityStatesDiffer) {
  Config config;
  config.secure = true;
  config.stall_max = 4;
  Programming p{config};
  EXPECT_EQ(p.registers.of(Security::NonSecure).stalls.hold(fault(1, 0), 0), 0);
  EXPECT_EQ(p.registers.of(Security::Secure).stalls.hold(fault(1, 0), 0), 4);
}

}  // namespace
}  // namespace tw::smmu
