// What a translation of the SMMU takes, by closed formulas: where it is found, what it waits for.
#include <gtest/gtest.h>

#include "unit/smmu/machine.hpp"

namespace tw {
namespace {

using namespace test;
using smmu::Config;
using smmu::HitLevel;
using smmu::Part;
using smmu::Response;

constexpr u64 kMemory = 10;  // of a fetch (TestMemory)
constexpr u64 kBase = SmmuMachine::kBase, kOutput = SmmuMachine::kOutput;

/// What a request that the TCU answers from its main TLB takes.
u64 of_tlb_hit(const Config& c) {
  return c.tbu_latency + 2 * c.link_latency + c.tcu_latency + c.configuration_latency + c.tlb_latency;
}

TEST(SmmuLatency, AHitInTheTbuIsItsLatency) {
  SmmuMachine m;
  m.nested_pages(1);
  m.go(dma(kBase));
  for (int i = 0; i < 3; ++i) {
    const Response response = m.go(dma(kBase + 8));
    EXPECT_EQ(response.pa, Pa{kOutput + 8});
    EXPECT_EQ(response.cycles, m.config.tbu_latency);
    EXPECT_EQ(m.fetches(), 0u);
  }
  EXPECT_EQ(m.summary().translations[static_cast<unsigned>(HitLevel::Tbu)], 3u);
}

TEST(SmmuLatency, AHitInTheTcuIsTheWayThereAndBack) {
  SmmuMachine m({}, 2);
  m.nested_pages(1);
  m.go(dma(kBase), 0);
  const Response response = m.go(dma(kBase), 1);
  EXPECT_EQ(response.cycles, of_tlb_hit(m.config));
  EXPECT_EQ(m.go(dma(kBase), 1).cycles, m.config.tbu_latency);
  EXPECT_EQ(m.summary().translations[static_cast<unsigned>(HitLevel::Tlb)], 1u);
}

TEST(SmmuLatency, AHitInTheTbusMainTlbIsItsLatencyOnTop) {
  Config c;
  c.tbu_entries = 1;
  c.tbu_main_entries = 64;
  c.tbu_main_latency = 5;
  SmmuMachine m(c);
  m.nested_pages(2);
  m.go(dma(kBase));
  m.go(dma(kBase + 0x1000));
  EXPECT_EQ(m.go(dma(kBase)).cycles, c.tbu_latency + 5);
  EXPECT_EQ(m.go(dma(kBase)).cycles, c.tbu_latency);
  EXPECT_EQ(m.fetches(), 0u);
  EXPECT_EQ(m.smmu->statistics().tbu_main.hits, 1u);
  m.command(tlbi_nh_va(1, 1, kBase));
  EXPECT_EQ(m.go(dma(kBase)).cycles > of_tlb_hit(c) + 5, true);
}

TEST(SmmuLatency, WithoutAnyStructureANestedTranslationIs24FetchesAndItsConfiguration) {
  SmmuMachine m(nothing_kept());
  m.nested_pages(1);
  const Config& c = m.config;
  for (int i = 0; i < 2; ++i) {
    const Response response = m.go(dma(kBase));
    // STE, and the CD behind its stage 2: 1 + (4 + 1)
    const u64 configuration = 6 * kMemory;
    EXPECT_EQ(response.cycles, c.tbu_latency + 2 * c.link_latency + c.tcu_latency + configuration + 24 * kMemory);
    EXPECT_EQ(m.fetches(), 24u + 4u);
  }
  EXPECT_EQ(m.summary().fetches_stage1, 2 * 4u);
  EXPECT_EQ(m.summary().fetches_stage2, 2 * 20u);
  EXPECT_EQ(m.summary().ste_fetches, 2u);
  EXPECT_EQ(m.summary().cd_fetches, 2u);
  EXPECT_EQ(m.part(Part::WalkStage1), 2 * 4 * kMemory);
  EXPECT_EQ(m.part(Part::WalkStage2), 2 * 20 * kMemory);
  EXPECT_EQ(m.part(Part::Configuration), 2 * 6 * kMemory);
}

TEST(SmmuLatency, ColdWithAllStructuresTheirLookUpsComeOnTop) {
  SmmuMachine m;
  m.nested_pages(1);
  const Config& c = m.config;
  const Response response = m.go(dma(kBase));
  // Stage 2 of the CD takes four fetches, those of the four tables share all but the last with it, and that of the
  // output all but three.
  EXPECT_EQ(m.fetches(), 4u + 4u + 4 * 1 + 3u);
  const u64 look_ups = c.configuration_latency + c.tlb_latency + c.walk_cache_latency  // of stage 1
                       + 6 * c.ipa_latency + 6 * c.walk_cache_latency;
  EXPECT_EQ(response.cycles, c.tbu_latency + 2 * c.link_latency + c.tcu_latency + look_ups + (2 + 15) * kMemory);
}

TEST(SmmuLatency, WithWalkCachesANeighbourIsTheTwoLastDescriptors) {
  Config c;
  c.ipa_entries = 0;
  SmmuMachine m(c);
  m.nested_pages(2);
  m.go(dma(kBase));
  const Response response = m.go(dma(kBase + 0x1000));
  EXPECT_EQ(response.pa, Pa{kOutput + 0x1000});
  EXPECT_EQ(m.fetches(), 2u);
  EXPECT_EQ(response.cycles, of_tlb_hit(c) + 2 * c.walk_cache_latency + 2 * kMemory);
}

TEST(SmmuLatency, TheSumOverPartsIsTheLatency) {
  Config c;
  c.tbu_entries = 4;
  c.tlb_entries = 8;
  c.walk_cache_entries = c.walk_cache2_entries = c.ipa_entries = 4;
  c.slots = 2;
  c.walks = 1;
  c.tbu_walks = 2;
  c.port_interval = 4;
  c.invalidate_by_set = 64;
  c.prefetch = "next-page";
  SmmuMachine m(c, 2);
  m.nested_pages(64);
  u64 total = 0, now = 1000;
  for (u64 i = 0; i < 4000; ++i) {
    const u64 page = i * 7919 % 64;
    const Response response = m.smmu->translate(i % 2, dma(kBase + (page << 12), 1, i % 3 == 0), now);
    total += response.cycles;
    now += i % 5 == 0 ? 200 : 3;
    if (i % 100 == 1) m.ring(tlbi_nh_all(1), now);
    m.run(now + 30);  // commands a little ahead of transactions
  }
  const smmu::StreamSummary summary = m.summary();
  EXPECT_EQ(summary.latency.sum(), total);
  EXPECT_EQ(summary.latency.count(), 4000u);
  EXPECT_EQ(sum(summary.cycles), total);
  EXPECT_EQ(summary.reads + summary.writes, 4000u);
  for (const Part part : {Part::Tbu, Part::TbuWait, Part::Link, Part::Port, Part::Slot, Part::Invalidation,
                          Part::Configuration, Part::Tlb, Part::WalkStage1, Part::WalkStage2}) {
    EXPECT_GT(m.part(part), 0u) << smmu::kParts[static_cast<unsigned>(part)].name;
  }
}

TEST(SmmuLatency, BypassIsTheTbusAloneOnceItKnowsTheStream) {
  SmmuMachine m({}, 2);
  m.only_host = true;
  m.streams.put(3, bypass_ste());
  const Config& c = m.config;
  const u64 cold = c.tbu_latency + 2 * c.link_latency + c.tcu_latency + c.configuration_latency + kMemory;
  EXPECT_EQ(m.go(dma(0x1234'5000, 3)).cycles, cold);
  EXPECT_EQ(m.go(dma(0x1234'5000, 3)).cycles, c.tbu_latency);
  EXPECT_EQ(m.go(dma(0x7777'5000, 3)).pa, Pa{0x7777'5000});
  EXPECT_EQ(m.go(dma(0x1234'5000, 3), 1).cycles, cold - kMemory);  // another TBU, the STE is in the cache
  m.command(cfgi_ste(3));
  EXPECT_EQ(m.go(dma(0x1234'5000, 3)).cycles, cold);
  EXPECT_EQ(m.summary(3).translations[static_cast<unsigned>(HitLevel::Bypass)], 5u);
}

TEST(SmmuLatency, AnSmmuThatIsOffIsTheTbuAlone) {
  SmmuMachine m;
  m.register32(0x20, 0);
  const Response response = m.go(dma(0x1234'5000));
  EXPECT_EQ(response.pa, Pa{0x1234'5000});
  EXPECT_EQ(response.cycles, m.config.tbu_latency);
}

// ---- capacity

/// Walks in the second round over `pages`.
u64 walks_of_second_round(SmmuMachine& m, u64 pages) {
  m.nested_pages(pages);
  for (u64 page = 0; page < pages; ++page) m.go(dma(kBase + (page << 12)));
  const u64 before = m.summary().translations[static_cast<unsigned>(HitLevel::Tbu)];
  for (u64 page = 0; page < pages; ++page) m.go(dma(kBase + (page << 12)));
  return pages - (m.summary().translations[static_cast<unsigned>(HitLevel::Tbu)] - before);
}

TEST(SmmuCapacity, TheTbuHoldsItsEntriesAndNoMore) {
  Config c;
  c.tbu_entries = 48;
  SmmuMachine fits(c), too_many(c);
  EXPECT_EQ(walks_of_second_round(fits, 48), 0u);
  EXPECT_EQ(walks_of_second_round(too_many, 49), 49u);  // LRU, in turn
}

TEST(SmmuCapacity, TheTbusMainTlbHoldsItsEntriesAndNoMore) {
  Config c;
  c.tbu_entries = 4;
  c.tbu_main_entries = 48;
  c.tbu_main_ways = 0;
  SmmuMachine fits(c), too_many(c);
  EXPECT_EQ(walks_of_second_round(fits, 48), 0u);
  EXPECT_EQ(walks_of_second_round(too_many, 49), 49u);
}

TEST(SmmuCapacity, TheTcuHoldsItsEntriesAndNoMore) {
  Config c;
  c.tbu_entries = 0;
  c.tlb_entries = 96;
  c.tlb_ways = 0;
  for (const u64 pages : {96, 97}) {
    SmmuMachine m(c);
    m.nested_pages(pages);
    for (int round = 0; round < 2; ++round) {
      for (u64 page = 0; page < pages; ++page) m.go(dma(kBase + (page << 12)));
    }
    const u64 hits = m.summary().translations[static_cast<unsigned>(HitLevel::Tlb)];
    EXPECT_EQ(hits, pages == 96 ? 96u : 0u);
    EXPECT_EQ(m.smmu->statistics().tlb.hits, hits);
  }
}

TEST(SmmuCapacity, TheConfigurationCachesHoldTheirEntriesAndNoMore) {
  Config c;
  c.ste_entries = c.cd_entries = 8;
  c.ste_ways = c.cd_ways = 0;
  c.tbu_entries = 0;  // each transaction goes to the TCU
  for (const u32 streams : {8u, 9u}) {
    SmmuMachine m(c);
    m.only_host = true;
    TableTree& stage1 = m.new_stage1();
    stage1.map(kBase, kOutput, 3, s1::kUserAccess);
    for (u32 stream = 0; stream < streams; ++stream) m.stage1_stream(stream, stage1);
    for (int round = 0; round < 2; ++round) {
      for (u32 stream = 0; stream < streams; ++stream) m.go(dma(kBase, stream));
    }
    for (u32 stream = 0; stream < streams; ++stream) {
      EXPECT_EQ(m.summary(stream).ste_fetches, streams == 8 ? 1u : 2u);
      EXPECT_EQ(m.summary(stream).cd_fetches, streams == 8 ? 1u : 2u);
    }
  }
}

TEST(SmmuCapacity, WhoPushesOutWhomIsCounted) {
  Config c;
  c.tbu_entries = c.tlb_entries = 4;
  c.tlb_ways = 0;
  SmmuMachine m(c);
  m.nested_pages(4, 1, 7);
  m.nested_pages(4, 2, 9);
  for (u64 page = 0; page < 4; ++page) m.go(dma(kBase + (page << 12), 1));
  for (u64 page = 0; page < 3; ++page) m.go(dma(kBase + (page << 12), 2));
  const smmu::Statistics statistics = m.smmu->statistics();
  const smmu::LedgerKey first{{StreamId{1}}, true, Vmid{7}}, second{{StreamId{2}}, true, Vmid{9}};
  const smmu::StreamEvictions expected{{{first, second}, 3}};
  EXPECT_EQ(statistics.tbu_evictions, expected);
  EXPECT_EQ(statistics.tlb_evictions, expected);
  const std::pair by_vmid{vmsa::Owner{true, Vmid{7}}, vmsa::Owner{true, Vmid{9}}};
  EXPECT_EQ(statistics.tlb.evictions_by.at(by_vmid), 3u);
}

// ---- what is busy

TEST(SmmuContention, TranslationSlotsSerialise) {
  Config c = nothing_kept();
  c.slots = 1;
  SmmuMachine m(c, 2);
  m.nested_pages(2);
  const u64 alone = m.go(dma(kBase)).cycles;
  const u64 in_slot = alone - c.tbu_latency - 2 * c.link_latency;
  const u64 now = m.clock;
  EXPECT_EQ(m.smmu->translate(0, dma(kBase), now).cycles, alone);
  // The second comes a cycle later to the port, and then waits for the first to leave.
  EXPECT_EQ(m.smmu->translate(1, dma(kBase + 0x1000), now).cycles, alone + in_slot);
  EXPECT_EQ(m.part(Part::Port), c.port_interval);
  EXPECT_EQ(m.part(Part::Slot), in_slot - c.port_interval);
}

TEST(SmmuContention, SlotsAreFreeTheMomentThatTheyAreLeft) {
  Config c = nothing_kept();
  c.slots = 1;
  for (const u64 early : {0, 1}) {
    SmmuMachine m(c, 2);
    m.nested_pages(2);
    const u64 alone = m.go(dma(kBase)).cycles;
    const u64 in_slot = alone - c.tbu_latency - 2 * c.link_latency;
    const u64 now = m.clock;
    m.smmu->translate(0, dma(kBase), now);
    EXPECT_EQ(m.smmu->translate(1, dma(kBase + 0x1000), now + in_slot - early).cycles, alone + early);
  }
}

TEST(SmmuContention, WalksOfATbuSerialise) {
  Config c = nothing_kept();
  c.tbu_walks = 1;
  SmmuMachine m(c);
  m.nested_pages(2);
  const u64 alone = m.go(dma(kBase)).cycles;
  const u64 now = m.clock;
  m.smmu->translate(0, dma(kBase), now);
  EXPECT_EQ(m.smmu->translate(0, dma(kBase + 0x1000), now).cycles, 2 * alone - c.tbu_latency);
  EXPECT_EQ(m.part(Part::TbuWait), alone - c.tbu_latency);
}

TEST(SmmuContention, WalkersSerialise) {
  Config c = nothing_kept();
  c.walks = 1;
  SmmuMachine m(c, 2);
  m.nested_pages(2);
  const u64 alone = m.go(dma(kBase)).cycles;
  const u64 now = m.clock;
  m.smmu->translate(0, dma(kBase), now);
  EXPECT_EQ(m.smmu->translate(1, dma(kBase + 0x1000), now).cycles, alone + 24 * kMemory);
}

TEST(SmmuContention, ThePortTakesOneRequestAnInterval) {
  Config c;
  c.port_interval = 7;
  SmmuMachine m(c, 3);
  m.nested_pages(1);
  for (unsigned tbu = 0; tbu < 3; ++tbu) m.go(dma(kBase), tbu);
  m.command(tlbi_nh_all(1));
  m.go(dma(kBase), 0);
  const u64 now = m.clock;
  EXPECT_EQ(m.smmu->translate(1, dma(kBase), now).cycles, of_tlb_hit(c));
  EXPECT_EQ(m.smmu->translate(2, dma(kBase), now).cycles, of_tlb_hit(c) + 7);
}

TEST(SmmuContention, APageOnItsWayIsWaitedForAndFetchedOnce) {
  SmmuMachine m({}, 2);
  m.nested_pages(1);
  const u64 now = m.clock;
  const u64 first = m.smmu->translate(0, dma(kBase), now).cycles;
  const u64 fetches = m.fetches();
  EXPECT_EQ(m.smmu->translate(0, dma(kBase + 64), now).cycles, first);      // same TBU: the same end
  EXPECT_EQ(m.smmu->translate(0, dma(kBase), now + first - 1).cycles, 2u);  // ready before it has been looked up
  EXPECT_EQ(m.smmu->translate(0, dma(kBase), now + first - 10).cycles, 10u);
  const u64 second = m.smmu->translate(1, dma(kBase), now).cycles;  // another: when the walk has ended
  EXPECT_EQ(second, first);
  EXPECT_EQ(m.fetches(), fetches);
}

// ---- prefetch

TEST(SmmuPrefetch, ThePageBehindIsInTheTcuAlready) {
  Config c;
  c.prefetch = "next-page";
  SmmuMachine m(c);
  m.nested_pages(3);
  m.go(dma(kBase));
  EXPECT_EQ(m.go(dma(kBase + 0x1000)).cycles, of_tlb_hit(c));
  EXPECT_EQ(m.go(dma(kBase + 0x2000)).cycles > of_tlb_hit(c), true);  // a hit in the TCU sets off no walk
  const smmu::StreamSummary summary = m.summary();
  EXPECT_EQ(summary.prefetches, 2u);
  EXPECT_GT(summary.prefetch_fetches, 0u);
}

// ---- commands

TEST(SmmuInvalidation, TheTcuAnswersNothingMeanwhile) {
  Config c;
  c.invalidate_all = 500;
  for (const u64 arrival : {0, 1, 499, 500, 501}) {
    SmmuMachine m(c, 2);
    m.nested_pages(1);
    m.go(dma(kBase), 0);
    m.ring(tlbi_nsnh_all(), m.clock);
    const u64 begins = m.clock + c.command_fetch + kMemory + c.command_issue;
    m.run();
    // In the TCU `arrival` cycles after the invalidation has begun, or, to be cold but for it, none at all.
    const u64 now = begins + arrival - c.tbu_latency - c.link_latency;
    const u64 cycles = m.smmu->translate(1, dma(kBase), now).cycles;
    SmmuMachine cold(c, 2);
    cold.nested_pages(1);
    cold.go(dma(kBase), 0);
    cold.command(tlbi_nsnh_all());
    EXPECT_EQ(cycles, cold.go(dma(kBase), 1).cycles + (arrival < 500 ? 500 - arrival : 0)) << arrival;
  }
}

/// How long the queue is at `commands`, from the doorbell until all are consumed.
u64 duration(SmmuMachine& m, std::initializer_list<Words> commands) {
  const u64 begun = m.clock;
  for (const Words& command : commands) m.ring(command, begun);
  m.run();
  EXPECT_TRUE(m.all_consumed());
  return m.signals.time - begun;
}

TEST(SmmuInvalidation, TakesItsTimeByReach) {
  Config c;
  c.tlb_entries = 512;
  c.tlb_ways = 4;
  const u64 before = c.command_fetch + kMemory + c.command_issue;
  const auto of = [&](const Words& command) {
    SmmuMachine m(c);
    return duration(m, {command});
  };
  EXPECT_EQ(of(tlbi_nh_va(1, 1, kBase)), before + c.invalidate_by_address);
  EXPECT_EQ(of(tlbi_nh_all(1)), before + c.invalidate_by_set * 128);
  EXPECT_EQ(of(tlbi_nsnh_all()), before + c.invalidate_all);
  EXPECT_EQ(of(cfgi_ste(1)), before + c.invalidate_by_address);
  EXPECT_EQ(of(cfgi_all()), before + c.invalidate_all);
}

TEST(SmmuSync, WaitsForWhatHasBegun) {
  Config c;
  c.slots = 0;
  SmmuMachine m(c);
  m.nested_pages(2);
  const u64 before = c.command_fetch + kMemory + c.command_issue;
  const u64 rung = m.clock, begins = rung + before;
  // Nothing under way.
  EXPECT_EQ(duration(m, {sync()}), before + c.sync);
  m.clock += SmmuMachine::kLong;
  // One that has begun a cycle before the CMD_SYNC, and one that begins with it.
  for (const u64 head_start : {1, 0}) {
    SmmuMachine fresh(c);
    fresh.nested_pages(2);
    fresh.clock = rung;
    const u64 latency = fresh.smmu->translate(0, dma(kBase), begins - head_start).cycles;
    EXPECT_EQ(duration(fresh, {sync()}), before + c.sync + (head_start == 1 ? latency - 1 : 0));
    EXPECT_EQ(fresh.smmu->statistics().syncs_waited, head_start == 1 ? latency - 1 : 0);
  }
}

TEST(SmmuSync, WaitsForTheTbusToAcknowledge) {
  SmmuMachine m;
  const Config& c = m.config;
  const u64 without = c.command_fetch + kMemory + 2 * c.command_issue + c.invalidate_by_address + c.sync;
  // The acknowledgment has been on its way while the CMD_SYNC was issued.
  EXPECT_EQ(duration(m, {tlbi_nh_va(1, 1, kBase), sync()}), without + 2 * c.link_latency - c.command_issue);
}

}  // namespace
}  // namespace tw
