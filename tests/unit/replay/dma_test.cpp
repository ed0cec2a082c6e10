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

// ---- commands of the trace

trace::Record command(trace::Scope scope, u64 page = 0, u64 bytes = 0) {
  trace::Record record = dma(page);
  record.kind = trace::Kind::Invalidate;
  record.scope = scope;
  record.target = {trace::Regime::El10, trace::Reach::Command};
  record.stream = trace::kNoStream;
  record.size = static_cast<u32>(bytes);
  if (!trace::names_ipa(scope)) record.ipa = {};
  if (!trace::names_va(scope)) record.va = {};
  record.pa = {};
  record.asid = trace::names_asid(scope) ? Asid{9} : Asid{};
  return record;
}
trace::Record in(Asid asid, trace::Record record) {
  record.asid = asid;
  return record;
}
trace::Record in(Vmid vmid, trace::Record record) {
  record.vmid = vmid;
  return record;
}

/// Strict: each page is invalidated when it was used; lazy: all of them together, every ten; never.
TEST(Dma, WhatIsInvalidatedIsWalkedAgain) {
  struct Row {
    u64 every;  ///< accesses between two commands; 0: never
    trace::Scope scope;
    u64 walks;
  };
  constexpr u64 kFew = 5, kRounds = 20;
  for (const Row& row : {Row{1, trace::Scope::VaLast, kFew * kRounds}, Row{10, trace::Scope::Asid, kFew * kRounds / 2},
                         Row{0, trace::Scope::All, kFew}}) {
    for (const char* mapping : {"own", "first_use"}) {
      Replay replay({.paging = "native", .mapping = mapping}, {});
      for (u64 n = 0; n < kFew * kRounds; ++n) {
        replay.access(in(Asid{9}, dma(n % kFew)));
        if (row.every != 0 && (n + 1) % row.every == 0) replay.access(command(row.scope, n % kFew));
      }
      EXPECT_EQ(only_stream(replay).translations[static_cast<unsigned>(smmu::HitLevel::Walk)], row.walks) << row.every;
      EXPECT_EQ(replay.dma()->counts().invalidations, row.every == 0 ? 0 : kFew * kRounds / row.every);
      EXPECT_EQ(replay.counts().invalidations, 0u) << "none of a core";
      EXPECT_EQ(replay.mmu().statistics().l2.invalidations, 0u);
    }
  }
}

/// In each of 2 VMs 2 ASIDs with 8 pages: how many entries of the main TLB go.
TEST(Dma, CommandsTakeWhatTheyName) {
  using trace::Scope;
  constexpr u64 kEach = 8;
  struct Row {
    trace::Record record;
    u64 nested, native;
  };
  // Natively there is no stage 2 to invalidate.
  const Row rows[] = {
      {command(Scope::All), 4 * kEach, 4 * kEach},
      {command(Scope::VmidStage1), 2 * kEach, 2 * kEach},
      {command(Scope::Vmid), 2 * kEach, 2 * kEach},
      {command(Scope::Asid), kEach, kEach},
      {in(Vmid{3}, command(Scope::Asid)), kEach, kEach},
      {in(Vmid{4}, command(Scope::Asid)), 0, 0},
      {in(Asid{11}, command(Scope::Asid)), 0, 0},
      {command(Scope::Va, 2), 1, 1},
      {command(Scope::VaLast, 2), 1, 1},
      {command(Scope::VaLast, 2, 3 * kPage), 3, 3},
      {command(Scope::VaLast, 6, 64 * kPage), 2, 2},
      {command(Scope::VaLast, kEach), 0, 0},
      {command(Scope::VaAllAsids, 2), 2, 2},
      {command(Scope::VaAllAsidsLast, 1, 33 * kPage), 14, 14},
      {command(Scope::IpaLast, 2), 0, 0},  // of stage 2 alone: what combines both stays (D8.13)
  };
  for (const bool ranges : {true, false}) {
    for (const Row& row : rows) {
      for (const bool nested : {true, false}) {
        smmu::Config smmu;
        smmu.range_invalidation = ranges;
        smmu.tlb_entries = 256;
        smmu.tlb_ways = 0;
        Replay replay({.paging = nested ? "nested" : "native", .mapping = "own"}, {}, {}, smmu);
        for (u32 vmid = 2; vmid < 4; ++vmid) {
          for (u32 asid = 9; asid < 11; ++asid) {
            for (u64 n = 0; n < kEach; ++n) {
              replay.access(
                  in(Vmid{static_cast<u16>(vmid)}, in(Asid{static_cast<u16>(asid)}, dma(n, 4 * vmid + asid))));
            }
          }
        }
        replay.access(row.record);
        EXPECT_EQ(replay.dma()->smmu().statistics().tlb.entries_invalidated, nested ? row.nested : row.native)
            << "scope " << static_cast<unsigned>(row.record.scope) << " size " << row.record.size << " nested "
            << nested;
        EXPECT_EQ(replay.dma()->counts().faults, 0u);
      }
    }
  }
}

TEST(Dma, CommandsOfStreams) {
  using trace::Scope;
  struct Row {
    Scope scope;
    u32 stream, size;
    u64 stes, cds;  ///< that are fetched again, of streams 2, 3, 4
  };
  for (const Row& row :
       {Row{Scope::Streams, 0, 0, 3, 3}, Row{Scope::StreamRange, 3, 1, 1, 1}, Row{Scope::StreamRange, 2, 2, 2, 2},
        Row{Scope::StreamRange, 8, 8, 0, 0}, Row{Scope::StreamContexts, 4, 0, 0, 1},
        Row{Scope::StreamContext, 4, 0, 0, 1}, Row{Scope::StreamContext, 4, 1, 0, 0}}) {
    Replay replay({.paging = "native"}, {});
    const auto use = [&](u64 page) {
      for (u32 stream = 2; stream < 5; ++stream) replay.access(dma(page, stream));
    };
    use(0);
    replay.dma()->smmu().clear_statistics();
    trace::Record record = command(row.scope);
    record.stream = StreamId{row.stream};
    record.size = row.size;
    replay.access(record);
    use(1);
    u64 stes = 0, cds = 0;
    for (const auto& [key, summary] : replay.dma()->smmu().statistics().streams) {
      stes += summary.ste_fetches;
      cds += summary.cd_fetches;
    }
    EXPECT_EQ(stes, row.stes) << static_cast<unsigned>(row.scope) << " " << row.size;
    EXPECT_EQ(cds, row.cds) << static_cast<unsigned>(row.scope) << " " << row.size;
  }
}

TEST(Dma, TlbisOfCoresDoNotReachTheSmmu) {
  Replay replay({}, {});
  replay.access(dma(0));
  trace::Record record = command(trace::Scope::All);
  record.target = {trace::Regime::El10, trace::Reach::Broadcast};
  replay.access(record);
  EXPECT_EQ(replay.dma()->smmu().statistics().tlb.invalidations, 0u);
  EXPECT_EQ(replay.counts().invalidations, 1u);
}

/// A trace that has commands has all of them: where a page moves without one, it goes on to be found where it was.
TEST(Dma, WhereTheTraceHasCommandsNoneAreMadeUp) {
  Replay replay({.paging = "native", .mapping = "own"}, {});
  replay.access(command(trace::Scope::All));
  trace::Record record = dma(0);
  for (u64 n = 0; n < 4; ++n) {
    replay.access(record);
    record.pa = record.pa + kPage;
  }
  EXPECT_EQ(replay.dma()->counts().moves, 3u);
  EXPECT_EQ(replay.dma()->smmu().statistics().tlb.invalidations, 1u);
  EXPECT_EQ(only_stream(replay).translations[static_cast<unsigned>(smmu::HitLevel::Walk)], 1u);
}

/// Two devices of one domain share its entries; one that is given to another domain does not take them along.
TEST(Dma, AddressSpacesAreThoseOfTheTrace) {
  Replay replay({.paging = "native"}, {});
  const auto walks = [&] {
    u64 sum = 0;
    for (const auto& [key, summary] : replay.dma()->smmu().statistics().streams) {
      sum += summary.translations[static_cast<unsigned>(smmu::HitLevel::Walk)];
    }
    return sum;
  };
  replay.access(in(Asid{1}, dma(0, 3)));
  replay.access(in(Asid{1}, dma(0, 4)));
  EXPECT_EQ(walks(), 1u);
  replay.access(in(Asid{2}, dma(0, 4)));
  EXPECT_EQ(walks(), 2u);
  replay.access(in(Asid{1}, dma(0, 4)));
  EXPECT_EQ(walks(), 2u) << "what was known before still is";
  replay.access(in(Asid{0}, dma(0, 5)));
  replay.access(in(Asid{0}, dma(0, 6)));
  EXPECT_EQ(walks(), 4u) << "without ASIDs each stream is by itself";
  EXPECT_EQ(replay.dma()->counts().faults, 0u);
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
