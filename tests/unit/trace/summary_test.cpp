// What is counted of a trace, and as what.
#include "trace/summary.hpp"

#include <gtest/gtest.h>

namespace tw::trace {
namespace {

Record access(u64 va, El el, u16 vmid = 0, u16 asid = 0) {
  return {.va = Va{va}, .pa = Pa{va + 0x1'0000'0000}, .size = 8, .vmid = Vmid{vmid}, .asid = Asid{asid}, .el = el};
}

Summary summary_of(const std::vector<Record>& records, Contents contents = {}) {
  Summarizer summarizer(contents);
  // In two parts: what is known of the first counts for the second.
  const std::span<const Record> all(records);
  summarizer.add(all.first(records.size() / 2));
  summarizer.add(all.subspan(records.size() / 2));
  return summarizer.summary();
}

TEST(TraceSummary, El0AndEl1ShareASpaceAndTheOthersHaveTheirs) {
  Record dma = access(0x1000, El::El0, 1, 2);
  dma.stream = StreamId{8};
  const Summary summary =
      summary_of({access(0x1000, El::El0, 1, 2), access(0x1FFF, El::El1, 1, 2), access(0x2000, El::El1, 1, 3),
                  access(0x1000, El::El2), access(0x1000, El::El3), dma, access(0x3000, El::El0, 1, 2)});
  const std::map<Space, SpaceSummary> wanted{{{El::El0, Vmid{1}, Asid{2}}, {3, 2}},
                                             {{El::El0, Vmid{1}, Asid{3}}, {1, 1}},
                                             {{El::El2}, {1, 1}},
                                             {{El::El3}, {1, 1}},
                                             {{El::El0, Vmid{1}, Asid{2}, StreamId{8}}, {1, 1}}};
  EXPECT_EQ(summary.spaces, wanted);
  EXPECT_EQ(summary.physical_pages, 3u);
  EXPECT_EQ(summary.records, 7u);
}

/// More pages than are remembered as seen lately, in turn.
TEST(TraceSummary, APageCountsOnceHoweverOftenItComesBack) {
  std::vector<Record> records;
  for (unsigned n = 0; n < 3000; ++n) records.push_back(access(u64{n % 1000} << 12, El::El1));
  const Summary summary = summary_of(records);
  EXPECT_EQ(summary.spaces.begin()->second, (SpaceSummary{3000, 1000}));
  EXPECT_EQ(summary.physical_pages, 1000u);
}

TEST(TraceSummary, WhatIsInvalidatedIsNoAccess) {
  Record tlbi = access(0x1000, El::El2, 1);
  tlbi.kind = Kind::Invalidate;
  tlbi.scope = Scope::Vmid;
  tlbi.target = {Regime::El10, Reach::Broadcast};
  const Summary summary = summary_of({tlbi, tlbi});
  EXPECT_TRUE(summary.spaces.empty());
  EXPECT_EQ(summary.by_kind[4][2], 2u);
  EXPECT_EQ(summary.invalidations[3][1], 2u);
}

TEST(TraceSummary, WithoutPhysicalAddressesThereAreNoPagesOfMemory) {
  EXPECT_EQ(summary_of({access(0x1000, El::El1)}, {.ipa = false, .pa = false}).physical_pages, 0u);
}

}  // namespace
}  // namespace tw::trace
