// Records as IHI 0070, 7.3 draws them, written out by hand; the event queue and its ends (7.2, 7.4).
#include <gtest/gtest.h>

#include "unit/smmu/programming.hpp"

namespace tw::smmu {
namespace {

using test::Programming;

constexpr u32 kOverflow = u32{1} << 31;

/// With everything set, so that a record shows what it leaves out.
Event everything(EventKind kind) {
  Event event;
  event.kind = kind;
  event.from = {.stream = StreamId{0x12345678}, .substream = 0xABCDE, .has_substream = true};
  event.reason = 0x7654;
  event.address = Iova{0xFFFF'8765'4321'0ABC};
  event.ipa = Ipa{0x000D'CBA9'8765'4FFF};
  event.fetch = Pa{0x000D'CBA9'8765'4FFF};
  event.read = true;
  event.privileged = true;
  event.instruction = true;
  event.write = true;
  event.stage2 = true;
  event.event_class = EventClass::TranslationTable;
  return event;
}

constexpr u64 kWho = 0x12345678'ABCDE'800;  // StreamID, SubstreamID, SSV
constexpr u64 kAddress = 0xFFFF'8765'4321'0ABC;
constexpr u64 kIpa = 0x000D'CBA9'8765'4000;
constexpr u64 kFetch = 0x000D'CBA9'8765'4FF8;
constexpr u64 kAccess = 0xE'0000'0000;         // RnW, InD, PnU
constexpr u64 kStage2Table = 0x180'0000'0000;  // CLASS = TT, S2

struct Expected {
  EventKind kind;
  EventRecord record;
};

TEST(SmmuEvents, RecordsAreAsInTheManual) {
  const Expected kExpected[] = {
      {EventKind::UnsupportedUpstream, {kWho | 0x01, kAccess | 0x7654, kAddress, 0}},
      {EventKind::BadStreamId, {kWho | 0x02, 0, 0, 0}},
      {EventKind::SteFetch, {kWho | 0x03, 0x7654, 0, kFetch}},
      {EventKind::BadSte, {kWho | 0x04, 0, 0, 0}},
      {EventKind::BadAtsRequest, {kWho | 0x05, 0xF000'0001, 0xFFFF'8765'4321'0000, 0}},
      {EventKind::StreamDisabled, {0x12345678'00000006, 0, 0, 0}},
      {EventKind::TranslationForbidden, {0x12345678'00000007, 0x8'0000'0000, kAddress, 0}},
      {EventKind::BadSubstreamId, {0x12345678'ABCDE'008, 0, 0, 0}},
      {EventKind::CdFetch, {kWho | 0x09, 0x7654, 0, kFetch}},
      {EventKind::BadCd, {kWho | 0x0A, 0, 0, 0}},
      {EventKind::WalkAbort, {kWho | 0x0B, kStage2Table | kAccess | 0x7654, kAddress, kFetch}},
      {EventKind::Translation, {kWho | 0x10, kStage2Table | kAccess, kAddress, kIpa}},
      {EventKind::AddressSize, {kWho | 0x11, kStage2Table | kAccess, kAddress, kIpa}},
      {EventKind::AccessFlag, {kWho | 0x12, kStage2Table | kAccess, kAddress, kIpa}},
      {EventKind::Permission, {kWho | 0x13, 0x1000'0000'0000 | kStage2Table | kAccess, kAddress, kIpa}},
      {EventKind::TlbConflict, {kWho | 0x20, 0x80'0000'0000 | kAccess | 0x7654, kAddress, kIpa}},
      {EventKind::ConfigurationConflict, {kWho | 0x21, 0x7654, 0, 0}},
      {EventKind::PageRequestHint, {kWho | 0x24, 0x10E0'0000'0000, 0xFFFF'8765'4321'0000, 0}},
  };
  for (const Expected& expected : kExpected) {
    SCOPED_TRACE(static_cast<unsigned>(expected.kind));
    EXPECT_EQ(encode(everything(expected.kind)), expected.record);
  }
  EXPECT_EQ(std::size(kExpected), std::size(kEvents));
}

TEST(SmmuEvents, FieldsThatDependOnOthers) {
  Event event = everything(EventKind::Permission);
  event.stall = true;
  event.stag = 0xBEEF;
  EXPECT_EQ(encode(event)[1] & 0xFFFF'FFFF, 0x8000'BEEF);
  event.translation_table_write = true;  // TTRnW = 0
  EXPECT_EQ(encode(event)[1] >> 44 & 1, 0u);
  event.event_class = EventClass::Input;
  event.translation_table_write = false;  // TTRnW is UNKNOWN
  EXPECT_EQ(encode(event)[1] >> 40, 2u);
  event.read = false;  // InD = 0
  EXPECT_EQ(encode(event)[1] >> 33 & 7, 1u);
  event.stage2 = false;  // no IPA
  EXPECT_EQ(encode(event)[3], 0u);
  event.from.has_substream = false;
  EXPECT_EQ(encode(event)[0], 0x12345678'00000013);
  event.kind = EventKind::PageRequestHint;
  event.privileged = false;
  event.instruction = event.write = false;
  event.read = true;
  EXPECT_EQ(encode(event)[1], 0x1008'0000'0000);
}

Event fault(u64 address) {
  Event event;
  event.kind = EventKind::Translation;
  event.from.stream = StreamId{7};
  event.address = Iova{address};
  return event;
}

TEST(SmmuEventQueue, RecordsAndInterruptsWhenItIsNoLongerEmpty) {
  Programming p;
  p.write(0x50, 4);
  p.enable();
  EventLog& log = p.interface().events;
  EXPECT_TRUE(log.record(fault(0x1000), 5));
  EXPECT_TRUE(log.record(fault(0x2000), 6));
  EXPECT_EQ(p.read(0x100A8), 2u);
  EXPECT_EQ(p.event(0), encode(fault(0x1000)));
  EXPECT_EQ(p.event(1), encode(fault(0x2000)));
  ASSERT_EQ(p.signals.pulses.size(), 1u);
  EXPECT_EQ(p.signals.pulses[0].first, Wire::EventQueue);
  p.write(0x100AC, 2);
  log.record(fault(0x3000), 7);
  EXPECT_EQ(p.signals.pulses.size(), 2u);
  EXPECT_EQ(p.statistics.events[EventKind::Translation], 3u);
}

TEST(SmmuEventQueue, WrapsAndOverflows) {
  Programming p;
  p.enable();
  EventLog& log = p.interface().events;
  for (unsigned n = 0; n < 8; ++n) log.record(fault(n << 12), 0);
  EXPECT_EQ(p.read(0x100A8), 8u);
  EXPECT_FALSE(log.record(fault(0x9000), 0));
  EXPECT_FALSE(log.record(fault(0xA000), 0));
  EXPECT_EQ(p.read(0x100A8), kOverflow | 8u);
  EXPECT_EQ(p.statistics.events_lost, 2u);
  // Room is room, acknowledged or not (7.4).
  p.write(0x100AC, 1);
  EXPECT_TRUE(log.record(fault(0xB000), 0));
  EXPECT_EQ(p.event(0), encode(fault(0xB000)));
  EXPECT_EQ(p.read(0x100A8), kOverflow | 9u);
  // Acknowledged, the next loss toggles the flag back.
  p.write(0x100AC, kOverflow | 1u);
  EXPECT_FALSE(log.record(fault(0xC000), 0));
  EXPECT_EQ(p.read(0x100A8), 9u);
}

TEST(SmmuEventQueue, LosesWithoutOverflowWhileItIsDisabled) {
  Programming p;
  p.enable(4);
  EXPECT_FALSE(p.interface().events.record(fault(0), 0));
  EXPECT_EQ(p.read(0x100A8), 0u);
  EXPECT_EQ(p.statistics.events_lost, 1u);
  EXPECT_TRUE(p.memory.writes.empty());
}

TEST(SmmuEventQueue, InconsistentIndicesAreAFullQueue) {
  Programming p;
  p.write(0x100A8, 0x9);
  p.enable();
  EXPECT_FALSE(p.interface().events.record(fault(0), 0));
  EXPECT_TRUE(p.memory.writes.empty());
}

TEST(SmmuEventQueue, AnAbortStopsItUntilItIsAcknowledged) {
  Programming p;
  p.memory.words.aborts.insert(Programming::kEvents + 8);
  p.write(0x50, 1);
  p.enable();
  EventLog& log = p.interface().events;
  log.record(fault(0x1000), 0);
  EXPECT_EQ(p.read(0x100A8), 0u);
  EXPECT_EQ(p.read(0x60), 4u);
  ASSERT_EQ(p.signals.pulses.size(), 1u);
  EXPECT_EQ(p.signals.pulses[0].first, Wire::GlobalError);
  p.memory.words.aborts.clear();
  EXPECT_FALSE(log.record(fault(0x2000), 0));
  p.write(0x64, 4);
  EXPECT_TRUE(log.record(fault(0x3000), 0));
  EXPECT_EQ(p.event(0), encode(fault(0x3000)));
}

TEST(SmmuEventQueue, MergesWhatTheSteAllows) {
  Programming p;
  p.enable();
  EventLog& log = p.interface().events;
  Event event = fault(0x1000);
  log.record(event, 0);
  log.record(event, 0);  // STE.MEV = 0
  EXPECT_EQ(p.read(0x100A8), 2u);
  event.merge = true;
  event.address = Iova{0x1FF8};  // InputAddr[11:0] do not count
  log.record(event, 0);
  EXPECT_EQ(p.read(0x100A8), 2u);
  EXPECT_EQ(p.statistics.events_merged, 1u);
  event.read = false;
  log.record(event, 0);
  EXPECT_EQ(p.read(0x100A8), 3u);
  // Not with what software has read.
  p.write(0x100AC, 3);
  log.record(event, 0);
  EXPECT_EQ(p.read(0x100A8), 4u);
}

}  // namespace
}  // namespace tw::smmu
