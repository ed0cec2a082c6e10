// The whole of it: structures change what a translation costs, and nothing else.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "unit/smmu/machine.hpp"

namespace tw {
namespace {

using namespace test;
using smmu::Config;
using smmu::Outcome;
using smmu::Response;

u64 seed() {
  const char* text = std::getenv("TW_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 2901;
}

constexpr u64 kBase = SmmuMachine::kBase, kIpas = SmmuMachine::kIpas, kOutput = SmmuMachine::kOutput;

/// What software and masters can see of a response.
struct Seen {
  Outcome outcome;
  u64 pa;
  u8 page_bits;
  bool readable, writable;
  u8 mair;
  bool operator==(const Seen&) const = default;
};
Seen seen(const Response& response) {
  if (response.outcome != Outcome::Ok) return {response.outcome, 0, 0, false, false, 0};
  return {response.outcome,  response.pa.value, response.page_bits,
          response.readable, response.writable, response.attributes.mair};
}

/// Small structures of every kind, so that all of them overflow.
Config small() {
  Config config;
  config.tbu_entries = 4;
  config.tlb_entries = config.walk_cache_entries = config.walk_cache2_entries = config.ipa_entries = 8;
  config.ste_entries = config.cd_entries = 2;
  config.ste_ways = config.cd_ways = 1;
  return config;
}

struct Course {
  std::vector<Seen> responses;
  std::vector<smmu::EventRecord> events;
  std::vector<u64> tables;  ///< hardware updates
  u64 cycles = 0;
};

/// Streams of all configurations over shared trees of pages and blocks, random transactions, and random edits of tables
/// each with the commands that it needs.
Course random_run(const Config& config, std::array<u16, 2> vmids = {1, 2}, unsigned tbus = 2) {
  std::mt19937_64 random(seed());
  SmmuMachine m(config, tbus);
  TableTree &first = m.new_stage1(), &second = m.new_stage1();
  std::array<TableTree*, 2> stage2 = {&m.new_stage2(), &m.new_stage2()};
  constexpr u64 kPages = 24;
  const auto attributes = [&] { return s1::kUserAccess | s1::kNotGlobal | (random() % 4 == 0 ? s1::kReadOnly : 0); };
  const auto output = [&](u64 page) { return kIpas + ((page ^ (random() % 2)) << 12); };
  for (TableTree* tree : {&first, &second}) {
    for (u64 page = 0; page < kPages; ++page) tree->map(kBase + (page << 12), output(page), 3, attributes());
    tree->map(kBase + (u64{4} << 21), kIpas + (u64{1} << 21), 2, s1::kUserAccess);  // global: the same in all
  }
  for (TableTree* tree : stage2) {
    for (u64 page = 0; page < kPages; ++page) tree->map(kIpas + (page << 12), kOutput + (page << 12), 3, s2::kPlain);
    tree->map(kIpas + (u64{1} << 21), kOutput + (u64{1} << 21), 2, s2::kPlain);
  }
  m.stage1_stream(1, first, 1);
  m.stage1_stream(2, second, 2);
  m.stage2_stream(3, *stage2[0], vmids[0]);
  m.nested_stream(4, first, *stage2[0], vmids[0], 1);
  m.nested_stream(5, second, *stage2[0], vmids[0], 2);
  m.nested_stream(6, first, *stage2[1], vmids[1], 1);
  m.streams.put(7, bypass_ste());
  m.streams.put(8, Ste{{ste::kV, 1}});  // abort
  Course run;
  for (int step = 0; step < 4000; ++step) {
    const u64 page = random() % (kPages + 1);
    const u64 what = random() % 64;
    if (what < 60) {
      smmu::Request request =
          dma(kBase + (page << 12) + (random() & 0xFF8), static_cast<u32>(1 + random() % 9), random() % 3 == 0);
      if (request.from.stream == StreamId{3}) request.address.value += kIpas - kBase;
      if (random() % 8 == 0) request.address.value = kBase + (u64{4} << 21) + (random() & 0x1F'FFF8);
      const u64 asked = m.clock;
      const Response response = m.go(request, static_cast<unsigned>(random() % tbus));
      EXPECT_EQ(response.cycles, m.clock - asked - SmmuMachine::kLong);
      run.cycles += response.cycles;
      run.responses.push_back(seen(response));
      if (response.outcome == Outcome::Ok) {
        EXPECT_EQ(m.smmu->peek(request).pa, response.pa);
      }
    } else if (what == 60) {  // stage 1: another page, or none
      TableTree& tree = random() % 2 == 0 ? first : second;
      const u64 va = kBase + (page << 12);
      if (random() % 3 == 0) {
        tree.write_leaf(va, 3, 0);
      } else {
        tree.map(va, output(page), 3, attributes());
      }
      if (random() % 2 == 0) {
        for (const u16 vmid : vmids) m.command({0x13 | u64{vmid} << 32, va});  // TLBI_NH_VAA
        m.command({0x13, va});
      } else {
        m.command(tlbi_nsnh_all());
      }
    } else if (what == 61) {  // stage 2
      const u64 which = random() % 2;
      const u64 ipa = kIpas + (page << 12);
      if (random() % 3 == 0) {
        stage2[which]->write_leaf(ipa, 3, 0);
      } else {
        stage2[which]->map(ipa, kOutput + ((page ^ 1) << 12), 3,
                           random() % 3 == 0 ? s2::kRead | s2::kNormal : s2::kPlain);
      }
      const u64 vmid = u64{vmids[which]} << 32;
      if (random() % 2 == 0) {
        m.command({0x2A | vmid, ipa});  // TLBI_S2_IPA
        m.command({0x10 | vmid, 0});    // TLBI_NH_ALL
      } else {
        m.command({0x28 | vmid, 0});  // TLBI_S12_VMALL
      }
    } else if (what == 62) {  // an STE: abort, bypass, and back
      const std::array<Ste, 3> others = {Ste{}, Ste{{ste::kV, 1}}, bypass_ste()};
      m.streams.put(9, others[random() % 3]);
      m.command(random() % 2 == 0 ? cfgi_ste(9) : cfgi_all());
    } else {  // another table for stream 2
      m.stage1_stream(2, random() % 2 == 0 ? first : second, 2);
      m.command(cfgi_ste(2));
      m.command({0x11 | u64{2} << 48, 0});  // TLBI_NH_ASID
    }
  }
  run.events = m.events();
  const smmu::Statistics statistics = m.smmu->statistics();
  u64 filed = 0;
  for (const auto& [key, summary] : statistics.streams) {
    EXPECT_EQ(sum(summary.cycles), summary.latency.sum());
    filed += summary.latency.sum();
  }
  EXPECT_EQ(filed, run.cycles);
  return run;
}

TEST(SmmuStructures, ChangeNoResultAndNoEvent) {
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  const Course without = random_run(nothing_kept());
  u64 ok = 0;
  for (const Seen& response : without.responses) ok += response.outcome == Outcome::Ok;
  EXPECT_GT(ok, without.responses.size() / 3);
  EXPECT_LT(ok, without.responses.size() * 9 / 10);
  EXPECT_GT(without.events.size(), 20u);
  std::vector<Config> configs = {small(), Config{}, small(), small(), small()};
  configs[2].replacement = "random";
  configs[2].prefetch = "next-page";
  configs[3].tbu_entries = 0;
  configs[3].tbu_main_entries = 8;
  configs[1].tbu_main_entries = 128;
  configs[3].walk_cache_per_level = true;
  configs[3].replacement = "plru";
  configs[4].tlb_entries = 0;
  configs[4].slots = configs[4].walks = configs[4].tbu_walks = 1;
  configs[4].replacement = "fifo";
  for (const Config& config : configs) {
    const Course with = random_run(config);
    EXPECT_EQ(with.responses, without.responses);
    EXPECT_EQ(with.events, without.events);
    EXPECT_LT(with.cycles, without.cycles / 2);
  }
}

TEST(SmmuStructures, VmidsAreButNames) {
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  const Course one = random_run(small(), {1, 2}), other = random_run(small(), {0x77, 3});
  EXPECT_EQ(one.responses, other.responses);
  EXPECT_EQ(one.events, other.events);
  EXPECT_EQ(one.cycles, other.cycles);
}

TEST(SmmuStructures, TwoEqualRunsAreEqual) { EXPECT_EQ(random_run(small()).cycles, random_run(small()).cycles); }

TEST(SmmuInvalidations, AfterAllOfThemATranslationIsAsTheFirst) {
  for (const bool one_by_one : {false, true}) {
    SmmuMachine m;
    m.nested_pages(3);
    const u64 cold = m.go(dma(kBase)).cycles;
    const u64 fetches = m.fetches();
    for (u64 page = 0; page < 3; ++page) m.go(dma(kBase + (page << 12)));
    if (one_by_one) {
      m.command(tlbi_s12_vmall(1));
      m.command(cfgi_ste(1));
    } else {
      m.command(tlbi_nsnh_all());
      m.command(cfgi_all());
    }
    EXPECT_EQ(m.go(dma(kBase)).cycles, cold);
    EXPECT_EQ(m.fetches(), fetches);
  }
}

TEST(SmmuInvalidations, OfAnotherVmidOrAddressLeaveAnEntry) {
  SmmuMachine m;
  m.nested_pages(2);
  m.go(dma(kBase));
  for (const Words& other : {tlbi_s12_vmall(2), tlbi_nh_va(1, 1, kBase + 0x1000), tlbi_nh_va(1, 2, kBase - 0x1000),
                             cfgi_ste(2), cfgi_cd(1, 5), tlbi_nh_all(9)}) {
    m.command(other);
    EXPECT_EQ(m.go(dma(kBase)).cycles, m.config.tbu_latency) << std::hex << other[0];
  }
  m.command(tlbi_nh_va(1, 1, kBase));
  EXPECT_GT(m.go(dma(kBase)).cycles, m.config.tbu_latency);
}

TEST(SmmuInvalidations, AConfigurationThatIsChangedWithoutItIsTheOldOne) {
  SmmuMachine m;
  m.only_host = true;
  m.streams.put(3, bypass_ste());
  m.go(dma(kBase, 3));
  m.streams.put(3, Ste{{ste::kV, 1}});
  EXPECT_EQ(m.go(dma(kBase, 3)).outcome, Outcome::Ok);
  m.command(cfgi_ste(3));
  EXPECT_EQ(m.go(dma(kBase, 3)).outcome, Outcome::Abort);
}

TEST(Smmu, ADebuggersLookLeavesNoTrace) {
  SmmuMachine m;
  m.nested_pages(1);
  EXPECT_EQ(m.smmu->peek(dma(kBase)).pa, Pa{kOutput});
  EXPECT_EQ(m.smmu->peek(dma(0x123'0000)).outcome, Outcome::Abort);
  EXPECT_EQ(m.smmu->peek(dma(kBase, 77)).outcome, Outcome::Abort);
  EXPECT_TRUE(m.smmu->statistics().streams.empty());
  EXPECT_TRUE(m.events().empty());
  EXPECT_EQ(m.smmu->statistics().tlb.lookups, 0u);
  for (const SmmuMemory::Block& read : m.streams.memory.reads) EXPECT_FALSE(read.timed);
}

TEST(Smmu, StatisticsBeginAgainWhenTheyAreCleared) {
  SmmuMachine m;
  m.nested_pages(2);
  m.go(dma(kBase));
  m.go(dma(kBase));
  m.command(tlbi_nh_all(1));
  m.smmu->clear_statistics();
  const smmu::Statistics cleared = m.smmu->statistics();
  EXPECT_TRUE(cleared.streams.empty());
  EXPECT_TRUE(cleared.commands.empty());
  EXPECT_EQ(cleared.tbu, vmsa::TlbStatistics{});
  EXPECT_EQ(cleared.tlb, vmsa::TlbStatistics{});
  EXPECT_EQ(cleared.ste, vmsa::TlbStatistics{});
  m.go(dma(kBase));
  m.go(dma(kBase));
  EXPECT_EQ(m.summary().latency.count(), 2u);
  EXPECT_EQ(m.summary().ste_fetches, 0u);  // the caches are what they were
}

TEST(Smmu, AResetForgetsEverything) {
  SmmuMachine m;
  m.nested_pages(1);
  m.go(dma(kBase));
  m.smmu->reset();
  EXPECT_EQ(m.go(dma(kBase)).pa, Pa{kBase});  // off
}

TEST(Smmu, AStalledTransactionComesAgain) {
  SmmuMachine m;
  TableTree& stage1 = m.new_stage1();
  stage1.map(kBase, kOutput, 3, s1::kUserAccess);
  const u64 table = m.streams.cd_table();
  m.streams.put_cd(table, 0, cd_of(stage1.root()).with({{cd::kS, 1}, {cd::kA, 0}}));
  m.streams.put(1, stage1_ste(table));
  smmu::Request request = dma(kBase + 0x1000);
  request.may_stall = true;
  const Response stalled = m.go(request);
  ASSERT_EQ(stalled.outcome, Outcome::Stalled);
  EXPECT_EQ(m.events().size(), 1u);
  stage1.map(kBase + 0x1000, kOutput + 0x1000, 3, s1::kUserAccess);
  m.command({0x44 | u64{1} << 12 | u64{1} << 32, stalled.stag});  // RESUME, retry
  ASSERT_EQ(m.signals.resumed.size(), 1u);
  EXPECT_EQ(m.signals.resumed[0].first, stalled.stag);
  EXPECT_EQ(m.go(request).pa, Pa{kOutput + 0x1000});
  request.address.value += 0x1000;
  request.may_stall = false;
  EXPECT_EQ(m.go(request).outcome, Outcome::Abort);
}

// Found by fuzz_smmu_streams: a TBU that knew the stream let the second one pass.
TEST(Smmu, WhatIsTranslatedWithoutLeaveIsForbiddenEachTime) {
  SmmuMachine m;
  m.register32(0x20, 0x1D);  // ATSCHK
  m.streams.put(1, bypass_ste());
  smmu::Request request = dma(kBase);
  EXPECT_EQ(m.go(request).outcome, Outcome::Ok);
  request.translated = true;
  for (int n = 0; n < 3; ++n) EXPECT_EQ(m.go(request).outcome, Outcome::Abort);
  ASSERT_EQ(m.events().size(), 3u);
  for (const smmu::EventRecord& record : m.events()) EXPECT_EQ(record[0] & 0xFF, 0x07u);  // F_TRANSL_FORBIDDEN
  request.translated = false;
  EXPECT_EQ(m.go(request).outcome, Outcome::Ok);
}

TEST(Smmu, SplitStageAtsBeginsWithAtschk) {
  SmmuMachine m;
  m.nested_pages(1);
  const u64 at = m.streams.ste_at(1);
  m.streams.memory.set_word(at + 8, m.streams.memory.word(at + 8) | u64{2} << 28);  // EATS
  EXPECT_EQ(m.go(dma(kBase)).pa, Pa{kOutput});
  smmu::AtsRequest request;
  request.from.stream = StreamId{1};
  request.address = Iova{kBase};
  EXPECT_EQ(m.smmu->ats_translate(0, request, m.clock).status, smmu::AtsReply::Status::UnsupportedRequest);
  m.register32(0x20, 0x1D);
  EXPECT_EQ(m.smmu->ats_translate(0, request, m.clock).pa, Pa{kIpas});
  smmu::Request translated = dma(kIpas);
  translated.translated = true;
  EXPECT_EQ(m.go(translated).pa, Pa{kOutput});
}

}  // namespace
}  // namespace tw
