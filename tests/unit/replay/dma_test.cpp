// The accesses of DMA masters, through an SMMU: closed formulas, and where they lead.
#include <gtest/gtest.h>

#include "platforms/replay/run.hpp"

namespace tw::replay {
namespace {

constexpr u64 kPage = 4096, kPages = 50;

trace::Record dma(u64 page, u32 stream = 3) {
  trace::Record record;
  record.va = Va{0x1'0000'0000 + page * kPage};
  record.ipa = Ipa{0x5000'0000 + 3 * page * kPage};
  record.pa = Pa{0x7'0000'0000 + 5 * page * kPage};
  record.size = 64;
  record.vmid = Vmid{2};
  record.stream = StreamId{stream};
  return record;
}

smmu::Config without_walk_caches() {
  smmu::Config config;
  config.walk_cache_entries = config.walk_cache2_entries = config.ipa_entries = 0;
  return config;
}

smmu::StreamSummary only_stream(Replay& replay) {
  const auto streams = replay.dma()->smmu().statistics().streams;
  EXPECT_EQ(streams.size(), 1u);
  return streams.begin()->second;
}

/// Stage 1 of 4 levels, stage 2 of 3: 19 descriptors a page.
TEST(Dma, DescriptorsByPaging) {
  struct Row {
    const char* paging;
    u64 stage1, stage2;
  };
  for (const Row& row : {Row{"nested", 4, 15}, {"native", 4, 0}, {"shadow", 4, 0}, {"stage2", 0, 3}}) {
    Replay replay({.paging = row.paging}, {}, {}, without_walk_caches());
    for (u64 round = 0; round < 2; ++round) {
      for (u64 n = 0; n < kPages; ++n) replay.access(dma(n));
    }
    const smmu::StreamSummary stream = only_stream(replay);
    EXPECT_EQ(stream.fetches_stage1, kPages * row.stage1) << row.paging;
    EXPECT_EQ(stream.fetches_stage2, kPages * row.stage2) << row.paging;
    EXPECT_EQ(stream.ste_fetches, 1u);
    EXPECT_EQ(stream.reads, 2 * kPages);
    EXPECT_EQ(replay.dma()->counts().translations, 2 * kPages);
    EXPECT_EQ(replay.dma()->counts().faults, 0u);
    EXPECT_EQ(replay.counts().translations, 0u) << "none of a core";
    EXPECT_EQ(replay.ledger().elapsed(), 0u);
  }
}

TEST(Dma, OwnMappingsLeadToWhereTheTraceHasThem) {
  for (const char* paging : {"nested", "native", "stage2"}) {
    Replay replay({.paging = paging, .mapping = "own"}, {});
    for (u64 n = 0; n < kPages; ++n) replay.access(dma(n));
    for (const u64 n : {u64{0}, kPages - 1}) {
      smmu::Request request;
      request.from.stream = StreamId{3};
      request.address = Iova{std::string(paging) == "stage2" ? dma(n).ipa.value : dma(n).va.value};
      EXPECT_EQ(replay.dma()->smmu().peek(request).pa, dma(n).pa) << paging;
    }
    trace::Record moved = dma(0);
    if (std::string(paging) != "stage2") moved.ipa = moved.ipa + kPage;
    moved.pa = moved.pa + 7 * kPage;
    replay.access(moved);
    smmu::Request request;
    request.from.stream = StreamId{3};
    request.address = Iova{std::string(paging) == "stage2" ? moved.ipa.value : moved.va.value};
    EXPECT_EQ(replay.dma()->smmu().translate(0, request, 1'000'000).pa, moved.pa) << paging;
    EXPECT_EQ(replay.dma()->counts().moves, 1u) << paging;
    EXPECT_EQ(replay.dma()->counts().faults, 0u);
  }
}

/// A driver that has taken a page away has invalidated it.
TEST(Dma, APageThatMovesIsWalkedAgain) {
  for (const char* paging : {"nested", "native"}) {
    Replay replay({.paging = paging, .mapping = "own"}, {}, {}, without_walk_caches());
    trace::Record record = dma(0);
    for (u64 n = 0; n < 4; ++n) {
      replay.access(record);
      replay.access(record);
      record.ipa = record.ipa + kPage;
      record.pa = record.pa + kPage;
    }
    EXPECT_EQ(only_stream(replay).fetches_stage1, 4 * 4u) << paging;
    EXPECT_EQ(replay.dma()->counts().moves, 3u);
  }
}

TEST(Dma, AccessesOfSeveralPages) {
  Replay replay({}, {});
  trace::Record record = dma(0);
  record.va = record.va + 100;
  record.size = 4 * kPage;
  replay.access(record);
  EXPECT_EQ(replay.dma()->counts().translations, 5u);
  EXPECT_EQ(replay.counts().streams, 1u);
  record.va = Va{~u64{0} - 10};
  replay.access(record);
  EXPECT_EQ(replay.dma()->counts().translations, 6u) << "the address space has an end";
  EXPECT_EQ(replay.dma()->counts().faults, 1u);
}

TEST(Dma, StreamsThatNoTableHasAreFaults) {
  Replay replay({}, {});
  replay.access(dma(0, 1u << 20));
  replay.access(dma(0));
  EXPECT_EQ(replay.dma()->counts().faults, 1u);
  EXPECT_THROW(Replay({.ipa_bits = 48}, {}, {}, {.pa_bits = 40}).access(dma(0)), UserError);
}

/// The report has the SMMU and its parameters, where there was one, and who evicted whom.
TEST(Dma, InTheReport) {
  Settings settings;
  settings.platform.smmu.tbu_entries = 8;
  config::ParameterTable table;
  add_all(table, settings);
  std::vector<trace::Record> records;
  for (u64 n = 0; n < 20 * kPages; ++n) records.push_back(dma(n % kPages, static_cast<u32>(3 + n / kPages % 2)));
  for (const bool with : {true, false}) {
    if (!with) std::ranges::for_each(records, [](trace::Record& record) { record.stream = trace::kNoStream; });
    MemorySource source("dma", records, {});
    const Outcome outcome = run(settings, table.parameters(), source);
    EXPECT_EQ(outcome.report.smmu.size(), with ? 1u : 0u);
    EXPECT_EQ(outcome.dma.translations, with ? records.size() : 0u);
    EXPECT_EQ(std::ranges::any_of(outcome.report.configuration,
                                  [](const config::Parameter& p) { return p.key == "smmu.tbu.entries"; }),
              with);
    if (with) {
      EXPECT_EQ(outcome.report.smmu.front().streams.size(), 2u);
      EXPECT_FALSE(outcome.report.smmu.front().evictions.empty());
    }
  }
}

}  // namespace
}  // namespace tw::replay
