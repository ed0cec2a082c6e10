// A ghost misses exactly as often as the structure would that it stands in for.
#include <cstdlib>
#include <random>

#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using mmu::GhostSpec;
using mmu::Haunted;
using vmsa::InvalidateScope;

u64 seed() {
  const char* text = std::getenv("TW_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 1843;
}

struct Outcome {
  mmu::MmuStatistics statistics;
  std::vector<mmu::GhostResult> ghosts;
  u64 elapsed = 0;
};

/// Two guests in turn, loads, stores and fetches of pages and blocks, some of which fault, and TLBIs of all sorts.
Outcome run(const mmu::Config& config, const std::vector<GhostSpec>& ghosts = {}) {
  MmuMachine m(config);
  for (const GhostSpec& ghost : ghosts) m.mmu->add_ghost(ghost);
  std::mt19937_64 random(seed());
  m.with_stage1();
  for (u64 page = 0; page < 96; ++page) {
    const u64 attributes = (random() & 1 ? s1::kNotGlobal : 0) | (random() % 4 == 0 ? s1::kReadOnly : 0);
    m.lower->map(page << 12, 0x8000'0000 + (page << 12), 3, attributes);
    m.lower->map((page << 23) + 0x4000'0000, 0x8000'0000 + (page << 12), 3, attributes);
  }
  for (u64 block = 1; block < 8; ++block) m.lower->map(block << 21, 0xC000'0000 + (block << 21), 2, 0);
  m.with_stage2();
  m.map_tables_in_stage2();
  for (u64 page = 0; page < 96; ++page)
    m.stage2->map(0x8000'0000 + (page << 12), 0x8000'0000 + (page << 12), 3, s2::kPlain);
  for (u64 block = 1; block < 8; ++block) {
    m.stage2->map(0xC000'0000 + (block << 21), 0xC000'0000 + (block << 21), 2, s2::kPlain);
  }
  for (int step = 0; step < 6000; ++step) {
    if (random() % 64 == 0) m.set_vmid(static_cast<u16>(1 + random() % 2));
    if (random() % 64 == 0) m.set_asid(static_cast<u16>(random() % 3));
    u64 page = random() % 96;
    if (random() % 2) page %= 12;
    u64 va = page << 12;
    const u64 where = random() % 8;
    if (where == 0) va = (1 + random() % 7) << 21 | (random() & 0x1F'F000);
    if (where > 4) va = (page << 23) + 0x4000'0000;
    if (random() % 128 == 0) va = 0x7FFF'0000'0000;
    const u64 kind = random() % 8;
    m.go(kind == 0 ? fetch(va) : kind < 3 ? store(va) : load(va));
    const InvalidateScope scopes[] = {
        InvalidateScope::All,       InvalidateScope::VmidStage1, InvalidateScope::VmidAll,
        InvalidateScope::AsidAll,   InvalidateScope::VaAsid,     InvalidateScope::VaLastAsid,
        InvalidateScope::VaAllAsid, InvalidateScope::Ipa,        InvalidateScope::VaLastAllAsid};
    const u64 what = random() % 512;
    const u16 vmid = m.controls.vmid().value;
    if (what < std::size(scopes)) {
      const u64 address = what == 7 ? 0x8000'0000 + va % 0x6'0000 : va;
      m.mmu->invalidate(tlbi(scopes[what], vmid, static_cast<u16>(random() % 3), address));
    } else if (what < 64) {
      m.mmu->invalidate(tlbi(InvalidateScope::VaLastAllAsid, vmid, 0, va));
    }
    if (random() % 2048 == 0) {
      m.mmu->set_timed(false);
      m.mmu->set_timed(true);
    }
  }
  return {m.mmu->statistics(), m.mmu->ghosts(), m.ledger.elapsed()};
}

mmu::Config base() {
  mmu::Config config = everything_on();
  config.l1i_entries = config.l1d_entries = 4;
  config.l2_entries = 32;
  config.l2_ways = config.ipa_ways = config.walk_cache_ways = 4;
  config.ipa_entries = 16;
  config.walk_cache_entries = 8;
  return config;
}

class Ghosts : public testing::TestWithParam<const char*> {};

TEST_P(Ghosts, MissWhatTheRealOneWouldMiss) {
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  mmu::Config config = base();
  config.replacement = GetParam();
  std::vector<GhostSpec> specs;
  for (const Haunted what : {Haunted::SecondLevel, Haunted::WalkCache, Haunted::IpaCache}) {
    for (const u64 entries : {4, 8, 16, 32, 64}) {
      for (const u64 ways : {4, 2, 0}) specs.push_back({what, entries, ways});
    }
  }
  const Outcome with = run(config, specs);
  const Outcome without = run(config);
  EXPECT_EQ(with.statistics, without.statistics);
  EXPECT_EQ(with.elapsed, without.elapsed);
  ASSERT_EQ(with.ghosts.size(), specs.size());
  u64 different = 0;
  for (const mmu::GhostResult& ghost : with.ghosts) {
    mmu::Config real = config;
    const u64 ways = ghost.spec.ways == 0 ? ghost.spec.entries : ghost.spec.ways;
    const auto resize = [&](u64& entries, u64& its_ways) {
      entries = ghost.spec.entries;
      its_ways = ways;
    };
    const mmu::TlbStatistics* counted = nullptr;
    mmu::MmuStatistics statistics;
    switch (ghost.spec.structure) {
      case Haunted::SecondLevel:
        resize(real.l2_entries, real.l2_ways);
        statistics = run(real).statistics;
        counted = &statistics.l2;
        break;
      case Haunted::WalkCache:
        resize(real.walk_cache_entries, real.walk_cache_ways);
        statistics = run(real).statistics;
        counted = &statistics.walk_cache;
        break;
      case Haunted::IpaCache:
        resize(real.ipa_entries, real.ipa_ways);
        statistics = run(real).statistics;
        counted = &statistics.ipa;
        break;
    }
    EXPECT_EQ(ghost.misses, counted->misses) << name(ghost.spec.structure) << " " << ghost.spec.entries << " " << ways;
    EXPECT_EQ(ghost.lookups, counted->lookups);
    EXPECT_GT(ghost.misses, 50u);
    different += counted->misses != without.statistics.l2.misses;
  }
  EXPECT_GT(different, specs.size() / 2);
}

INSTANTIATE_TEST_SUITE_P(Policies, Ghosts, testing::Values("lru", "fifo", "random"));

TEST(GhostsOfOtherShapes, MissWhatTheRealOneWouldMiss) {
  std::vector<mmu::Config> configs(6, base());
  configs[0].split = true;
  configs[1].l2_page_sizes = "skewed";
  configs[1].ipa_policy = configs[1].walk_cache_policy = "plru";
  configs[2].l2_policy = "plru";
  configs[2].walk_cache_per_level = true;
  configs[3].prefetch = "next-page";
  configs[4].vmid_tagging = configs[4].asid_tagging = false;
  configs[5].l2_page_sizes = "split";
  configs[5].l2_large_entries = 2;
  configs[5].l2_large_ways = 1;
  configs[5].l2_max_page_bits = 16;
  for (std::size_t at = 0; at < configs.size(); ++at) {
    SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed() << " configuration " << at);
    const mmu::Config& config = configs[at];
    const Outcome with = run(config, {{Haunted::SecondLevel, 64, 4},
                                      {Haunted::SecondLevel, 16, 2},
                                      {Haunted::WalkCache, 16, 4},
                                      {Haunted::IpaCache, 32, 4}});
    EXPECT_EQ(with.statistics, run(config).statistics);
    mmu::Config real = config;
    real.l2_entries = 64;
    EXPECT_EQ(with.ghosts[0].misses, run(real).statistics.l2.misses);
    real.l2_entries = 16;
    real.l2_ways = 2;
    EXPECT_EQ(with.ghosts[1].misses, run(real).statistics.l2.misses);
    real = config;
    real.walk_cache_entries = 16;
    EXPECT_EQ(with.ghosts[2].misses, run(real).statistics.walk_cache.misses);
    real = config;
    real.ipa_entries = 32;
    EXPECT_EQ(with.ghosts[3].misses, run(real).statistics.ipa.misses);
  }
}

TEST(GhostsOfOtherShapes, WhereThereIsNoRealOne) {
  mmu::Config config = base();
  config.ipa_entries = config.walk_cache_entries = 0;
  const Outcome with = run(config, {{Haunted::WalkCache, 8, 4}, {Haunted::IpaCache, 16, 4}});
  const Outcome real = run(base());
  EXPECT_EQ(with.ghosts[0].misses, real.statistics.walk_cache.misses);
  EXPECT_EQ(with.ghosts[0].lookups, real.statistics.walk_cache.lookups);
}

TEST(GhostsOfOtherShapes, EstimateByTheMeanOfThisRun) {
  MmuMachine m(only_l2());
  m.mmu->add_ghost({Haunted::SecondLevel, 2, 1});
  m.with_stage1();
  for (u64 page = 0; page < 3; ++page) m.lower->map(page << 12, page << 12, 3, 0);
  for (u64 page : {0, 2, 0, 2, 0}) m.go(load(page << 12));
  const std::vector<mmu::GhostResult> ghosts = m.mmu->ghosts();
  ASSERT_EQ(ghosts.size(), 1u);
  EXPECT_EQ(ghosts[0].lookups, 5u);
  EXPECT_EQ(ghosts[0].misses, 5u);  // two pages, one set of one way
  EXPECT_EQ(ghosts[0].estimated_cycles, 5 * 4 * m.memory.latency);
  m.mmu->clear_statistics();
  EXPECT_EQ(m.mmu->ghosts()[0].lookups, 0u);
}

TEST(GhostsOfOtherShapes, AreRefusedWhereTheyCouldNotBeExact) {
  mmu::Config config = only_l2();
  config.walk_cache_in_l2 = true;
  MmuMachine shared(config);
  EXPECT_THROW(shared.mmu->add_ghost({Haunted::SecondLevel, 64, 4}), UserError);
  EXPECT_THROW(shared.mmu->add_ghost({Haunted::WalkCache, 64, 4}), UserError);
  shared.mmu->add_ghost({Haunted::IpaCache, 64, 4});
  MmuMachine none(only_l1());
  EXPECT_THROW(none.mmu->add_ghost({Haunted::SecondLevel, 64, 4}), UserError);
  MmuMachine odd;
  EXPECT_THROW(odd.mmu->add_ghost({Haunted::SecondLevel, 64, 3}), UserError);
}

}  // namespace
}  // namespace tw
