// Event records against the figures of IHI 0070, 7.3.2 to 7.3.16.
#include "smmu/events.hpp"

#include <gtest/gtest.h>

namespace tw::smmu {
namespace {

/// An event with everything set that a kind may have.
Event full(EventKind kind) {
  return {.kind = kind,
          .from = {.stream = StreamId{0x1'2345}, .substream = 0xABCDE, .has_substream = true},
          .address = Iova{0xFEDC'BA98'7654'3210},
          .ipa = Ipa{0x000C'BA98'7654'3210},
          .fetch = Pa{0x0000'0FFF'FFFF'FFF8},
          .read = true,
          .privileged = true,
          .instruction = true,
          .stage2 = true,
          .event_class = EventClass::TranslationTable,
          .stall = true,
          .stag = 0x5A5A};
}

constexpr u64 kInput = 0xFEDC'BA98'7654'3210, kIpa = 0x000C'BA98'7654'3000, kFetch = 0x0000'0FFF'FFFF'FFF8;
constexpr u64 kSubstream = 0xABCDE800;        // SSV and SubstreamID
constexpr u64 kStream = u64{0x1'2345} << 32;  // [63:32]
constexpr u64 kAccess = u64{7} << 33;         // RnW InD PnU
constexpr u64 kStalled = u64{1} << 31 | 0x5A5A, kStage2 = u64{1} << 39, kTable = u64{1} << 40, kTtRnW = u64{1} << 44;
constexpr u64 kFault = kAccess | kStalled | kStage2 | kTable;

struct Row {
  EventKind kind;
  EventRecord record;
};
constexpr Row kRows[] = {
    {EventKind::BadStreamId, {kStream | kSubstream | 0x02, 0, 0, 0}},
    {EventKind::SteFetch, {kStream | kSubstream | 0x03, 0, 0, kFetch}},
    {EventKind::BadSte, {kStream | kSubstream | 0x04, 0, 0, 0}},
    {EventKind::StreamDisabled, {kStream | 0x06, 0, 0, 0}},
    {EventKind::TranslationForbidden, {kStream | 0x07, u64{1} << 35, kInput, 0}},
    {EventKind::BadSubstreamId, {kStream | 0xABCDE000 | 0x08, 0, 0, 0}},
    {EventKind::CdFetch, {kStream | kSubstream | 0x09, 0, 0, kFetch}},
    {EventKind::BadCd, {kStream | kSubstream | 0x0A, 0, 0, 0}},
    {EventKind::WalkAbort, {kStream | kSubstream | 0x0B, kAccess | kStage2 | kTable, kInput, kFetch}},
    {EventKind::Translation, {kStream | kSubstream | 0x10, kFault, kInput, kIpa}},
    {EventKind::AddressSize, {kStream | kSubstream | 0x11, kFault, kInput, kIpa}},
    {EventKind::AccessFlag, {kStream | kSubstream | 0x12, kFault, kInput, kIpa}},
    {EventKind::Permission, {kStream | kSubstream | 0x13, kFault | kTtRnW, kInput, kIpa}},
};

TEST(Events, EachKindHasItsFieldsAlone) {
  for (const Row& row : kRows) {
    const EventRecord record = encode(full(row.kind));
    for (unsigned word = 0; word < 4; ++word) {
      EXPECT_EQ(record[word], row.record[word]) << "kind " << static_cast<unsigned>(row.kind) << " word " << word;
    }
  }
}

TEST(Events, WithoutASubstream) {
  Event event = full(EventKind::BadCd);
  event.from.has_substream = false;
  EXPECT_EQ(encode(event)[0], kStream | 0x0A);
}

/// InD is 0 when RnW is 0 (7.3.13); a descriptor's update is a write (7.3.16).
TEST(Events, WritesAreNoInstructions) {
  Event event = full(EventKind::Permission);
  event.read = false;
  event.translation_table_write = true;
  EXPECT_EQ(encode(event)[1], (kFault & ~(u64{3} << 34)));
}

}  // namespace
}  // namespace tw::smmu
