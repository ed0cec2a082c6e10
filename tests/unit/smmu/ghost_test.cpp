// A ghost misses exactly as often as the structure would that it stands in for.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "base/error.hpp"
#include "unit/smmu/machine.hpp"

namespace tw {
namespace {

using namespace test;
using smmu::Config;
using vmsa::GhostSpec;
using vmsa::Haunted;

u64 seed() {
  const char* text = std::getenv("TW_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 611;
}

struct Outcome {
  smmu::Statistics statistics;
  std::vector<vmsa::GhostResult> ghosts;
  u64 cycles = 0;
};

constexpr u64 kBase = SmmuMachine::kBase, kIpas = SmmuMachine::kIpas, kOutput = SmmuMachine::kOutput;

/// Two guests and a host, pages that are close together and far apart, blocks, faults, prefetches, TLBIs of all sorts.
Outcome run(const Config& config, const std::vector<GhostSpec>& ghosts = {}) {
  SmmuMachine m(config);
  for (const GhostSpec& ghost : ghosts) m.smmu->add_ghost(ghost);
  std::mt19937_64 random(seed());
  TableTree& stage1 = m.new_stage1();
  TableTree& stage2 = m.new_stage2();
  const auto far = [](u64 page) { return kBase + (page << 23); };
  for (u64 page = 0; page < 96; ++page) {
    const u64 attributes = s1::kUserAccess | (random() % 4 == 0 ? s1::kReadOnly : 0);
    stage1.map(kBase + (page << 12), kIpas + (page << 12), 3, attributes);
    stage1.map(far(page + 1), kIpas + (page << 12), 3, attributes);
    stage2.map(kIpas + (page << 12), kOutput + (page << 12), 3, s2::kPlain);
  }
  for (u64 block = 1; block < 4; ++block) {
    stage1.map(kBase + (block << 21), kIpas + (block << 21), 2, s1::kUserAccess);
    stage2.map(kIpas + (block << 21), kOutput + (block << 21), 2, s2::kPlain);
  }
  m.nested_stream(1, stage1, stage2, 1);
  m.nested_stream(2, stage1, stage2, 2);
  m.stage1_stream(3, stage1);
  Outcome outcome;
  for (int step = 0; step < 5000; ++step) {
    u64 page = random() % 96;
    if (random() % 2 == 0) page %= 12;
    u64 address = kBase + (page << 12);
    const u64 where = random() % 8;
    if (where == 0) address = kBase + ((1 + random() % 3) << 21) + (random() & 0x1F'F000);
    if (where > 4) address = far(page + 1);
    if (random() % 128 == 0) address = 0x7FFF'0000;
    const u32 stream = static_cast<u32>(1 + random() % 3);
    outcome.cycles += m.go(dma(address, stream, random() % 3 == 0)).cycles;
    const u64 what = random() % 256, vmid = stream % 3;
    const std::array<Words, 9> commands = {tlbi_nsnh_all(),
                                           tlbi_s12_vmall(static_cast<u16>(vmid)),
                                           tlbi_nh_all(static_cast<u16>(vmid)),
                                           Words{0x11 | vmid << 32 | u64{1} << 48, 0},
                                           tlbi_nh_va(static_cast<u16>(vmid), 1, address),
                                           tlbi_nh_va(static_cast<u16>(vmid), 1, address | 1),
                                           Words{0x2A | vmid << 32, kIpas + (page << 12)},
                                           cfgi_ste(stream),
                                           Words{0x02 | u64{stream} << 32, address}};  // CMD_PREFETCH_ADDR
    if (what < commands.size()) m.command(commands[what]);
  }
  outcome.statistics = m.smmu->statistics();
  outcome.ghosts = m.smmu->ghosts();
  return outcome;
}

Config base() {
  Config config;
  config.tbu_entries = 4;
  config.tlb_entries = 32;
  config.ipa_entries = 16;
  config.walk_cache_entries = 8;
  config.walk_cache2_entries = 8;
  return config;
}

/// Each size for real, too.
void compare(const Config& config, const std::vector<GhostSpec>& specs) {
  const Outcome with = run(config, specs), without = run(config);
  EXPECT_EQ(with.cycles, without.cycles);
  EXPECT_EQ(with.statistics.tlb, without.statistics.tlb);
  EXPECT_EQ(with.statistics.walk_cache, without.statistics.walk_cache);
  ASSERT_EQ(with.ghosts.size(), specs.size());
  u64 different = 0;
  for (const vmsa::GhostResult& ghost : with.ghosts) {
    Config real = config;
    const bool tlb = ghost.spec.structure == Haunted::SecondLevel, walk = ghost.spec.structure == Haunted::WalkCache;
    (tlb ? real.tlb_entries : walk ? real.walk_cache_entries : real.ipa_entries) = ghost.spec.entries;
    (tlb ? real.tlb_ways : walk ? real.walk_cache_ways : real.ipa_ways) = ghost.spec.ways;
    const smmu::Statistics statistics = run(real).statistics;
    const vmsa::TlbStatistics& counted = tlb ? statistics.tlb : walk ? statistics.walk_cache : statistics.ipa;
    EXPECT_EQ(ghost.misses, counted.misses)
        << name(ghost.spec.structure) << " " << ghost.spec.entries << " entries, " << ghost.spec.ways << " ways";
    EXPECT_EQ(ghost.lookups, counted.lookups);
    EXPECT_GT(ghost.misses, 50u);
    EXPECT_GT(ghost.estimated_cycles, 0u);
    different += ghost.misses != with.ghosts.front().misses;
  }
  EXPECT_GT(different, specs.size() / 2);
}

class SmmuGhosts : public testing::TestWithParam<const char*> {};

TEST_P(SmmuGhosts, MissWhatTheRealOneWouldMiss) {
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  Config config = base();
  config.replacement = GetParam();
  std::vector<GhostSpec> specs;
  for (const Haunted what : {Haunted::SecondLevel, Haunted::WalkCache, Haunted::IpaCache}) {
    for (const u64 entries : {4, 16, 64}) {
      for (const u64 ways : {4, 0}) specs.push_back({what, entries, ways});
    }
  }
  compare(config, specs);
}

INSTANTIATE_TEST_SUITE_P(Policies, SmmuGhosts, testing::Values("lru", "fifo", "random", "plru"));

TEST(SmmuGhostsOfOtherShapes, MissWhatTheRealOneWouldMiss) {
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  std::vector<Config> configs(2, base());
  configs[0].prefetch = "next-page";
  configs[1].walk_cache_per_level = true;
  for (const Config& config : configs) {
    compare(config, {{Haunted::SecondLevel, 8, 2}, {Haunted::SecondLevel, 64, 4}, {Haunted::WalkCache, 4, 4}});
  }
}

TEST(SmmuGhostsOfOtherShapes, WhatCannotBeIsRefused) {
  SmmuMachine m;
  EXPECT_THROW(m.smmu->add_ghost({Haunted::SecondLevel, 10, 4}), UserError);
  EXPECT_THROW(m.smmu->add_ghost({Haunted::IpaCache, 0, 0}), UserError);
  Config config;
  config.replacement = "plru";
  SmmuMachine plru(config);
  EXPECT_THROW(plru.smmu->add_ghost({Haunted::SecondLevel, 128, 0}), UserError);
}

}  // namespace
}  // namespace tw
