// The structures by parameter: page sizes, fragments, runs, policies, who lives where.
#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::InvalidateScope;

constexpr u64 kContiguous = u64{1} << 52;

u64 latency_of(MmuMachine& m, const vmsa::Access& access) {
  const u64 before = m.ledger.elapsed();
  EXPECT_TRUE(m.go(access).ok());
  return m.ledger.elapsed() - before;
}

void map_pages(MmuMachine& m, u64 pages, u64 attributes = 0) {
  m.with_stage1();
  for (u64 page = 0; page < pages; ++page) m.lower->map(page << 12, 0x8000'0000 + (page << 12), 3, attributes);
}

TEST(Structures, AreValidated) {
  mmu::Config config;
  config.l1_policy = "plru";
  config.l2_policy = "plru";
  config.l2_page_sizes = "skewed";
  config.walk_cache2_entries = 3;
  config.walk_cache2_ways = 2;
  std::vector<std::string> where;
  for (const Complaint& complaint : mmu::validate(config)) where.push_back(complaint.where);
  EXPECT_EQ(where, (std::vector<std::string>{"mmu.walk_cache2.entries", "mmu.l1.policy", "mmu.l2.policy"}));
  config = {};
  config.l2_entries = 0;
  config.walk_cache_in_l2 = true;
  EXPECT_EQ(mmu::validate(config).at(0).where, "mmu.walk_cache.in_l2");
}

TEST(StoreTlb, IsAFirstLevelOfItsOwn) {
  mmu::Config config = only_l1();
  config.l1d_store_entries = 1;
  MmuMachine m(config);
  map_pages(m, 2);
  EXPECT_FALSE(m.cached(load(0)));
  EXPECT_FALSE(m.cached(store(0)));
  EXPECT_TRUE(m.cached(store(0)));
  EXPECT_TRUE(m.cached(atomic(0)));
  EXPECT_FALSE(m.cached(store(0x1000)));
  EXPECT_FALSE(m.cached(store(0)));
  EXPECT_TRUE(m.cached(load(0)));
  EXPECT_EQ(m.mmu->statistics().l1s.lookups, 5u);
  EXPECT_EQ(m.mmu->statistics().l1d.lookups, 2u);
  EXPECT_EQ(m.mmu->events().l1d.lookups, 7u);
  m.mmu->invalidate(tlbi(InvalidateScope::VmidStage1));
  EXPECT_FALSE(m.cached(store(0)));
}

TEST(Fragments, OfALargeBlockFillTheFirstLevelOneByOne) {
  mmu::Config config = only_l1();
  config.l1_max_page_bits = 16;
  MmuMachine m(config);
  m.with_stage1();
  m.lower->map(0x20'0000, 0x8020'0000, 2, 0);
  EXPECT_FALSE(m.cached(load(0x20'0000)));
  EXPECT_TRUE(m.cached(load(0x20'FFF8)));
  EXPECT_FALSE(m.cached(load(0x21'0000)));
  EXPECT_EQ(m.go(load(0x21'0008)).pa.value, 0x8021'0008u);
  m.mmu->invalidate(tlbi(InvalidateScope::VaAllAsid, 0, 0, 0x3F'F000));  // any address of the block takes all of it
  EXPECT_FALSE(m.cached(load(0x20'0000)));
  EXPECT_FALSE(m.cached(load(0x21'0000)));
}

TEST(Fragments, OfASecondLevel) {
  mmu::Config config = only_l2();
  config.l2_max_page_bits = 29;
  MmuMachine m(config);
  m.with_stage1();
  m.lower->map(0x4000'0000, 0x4000'0000, 1, 0);
  EXPECT_FALSE(m.cached(load(0x4000'0000)));
  EXPECT_TRUE(m.cached(load(0x5FFF'FFF8)));
  EXPECT_FALSE(m.cached(load(0x6000'0000)));
}

class ContiguousHint : public testing::TestWithParam<mmu::Config> {};

TEST_P(ContiguousHint, OneEntryHoldsTheRun) {
  for (const bool used : {true, false}) {
    mmu::Config config = GetParam();
    config.contiguous = used;
    MmuMachine m(config);
    map_pages(m, 32, kContiguous);
    EXPECT_FALSE(m.cached(load(0x3000)));
    EXPECT_EQ(m.cached(load(0xF000)), used);
    EXPECT_FALSE(m.cached(load(0x1'0000)));
    EXPECT_EQ(m.go(load(0xE008)).pa.value, 0x8000'E008u);
    m.mmu->invalidate(tlbi(InvalidateScope::VaAllAsid, 0, 0, 0x7000));
    EXPECT_EQ(m.cached(load(0x3000)), !used);
  }
}
INSTANTIATE_TEST_SUITE_P(Levels, ContiguousHint, testing::Values(only_l1(), only_l2(), only_l2(true)));

TEST(ContiguousRuns, HaveTheirGranulesSizes) {
  struct Row {
    unsigned page_bits;
    int level;
    u64 run;
  };
  for (const Row& row : {Row{12, 3, 0x1'0000}, Row{12, 2, 0x200'0000}, Row{14, 3, 0x20'0000}, Row{14, 2, 0x4000'0000},
                         Row{16, 3, 0x20'0000}, Row{16, 2, 0x4'0000'0000}}) {
    SCOPED_TRACE(testing::Message() << row.page_bits << " level " << row.level);
    mmu::Config config = only_l1();
    config.contiguous = true;
    MmuMachine m(config);
    m.with_stage1({row.page_bits, 48, row.page_bits == 16 ? 1 : 0});
    const u64 base = u64{1} << 36;
    const u64 page = u64{1} << m.lower->shift(row.level);
    for (u64 at = 0; at < row.run; at += page) m.lower->map(base + at, base + at, row.level, kContiguous);
    EXPECT_FALSE(m.cached(load(base)));
    EXPECT_TRUE(m.cached(load(base + row.run - 8)));
    EXPECT_FALSE(m.cached(load(base + row.run)));
  }
}

TEST(ContiguousRuns, NeedTheHintOfBothStages) {
  for (const bool both : {true, false}) {
    mmu::Config config = only_l1();
    config.contiguous = true;
    MmuMachine m(config);
    map_pages(m, 16, kContiguous);
    m.with_stage2();
    m.map_tables_in_stage2();
    for (u64 page = 0; page < 16; ++page) {
      const u64 ipa = 0x8000'0000 + (page << 12);
      m.stage2->map(ipa, ipa + 0x1'0000'0000, 3, s2::kPlain | (both ? kContiguous : 0));
    }
    EXPECT_FALSE(m.cached(load(0x2000)));
    EXPECT_EQ(m.cached(load(0x5000)), both);
    EXPECT_EQ(m.go(load(0x6010)).pa.value, 0x1'8000'6010u);
  }
}

TEST(ContiguousRuns, ThatAreNoneStayInPieces) {
  mmu::Config config = only_l1();
  config.contiguous = true;
  MmuMachine m(config);
  m.with_stage1();
  m.lower->map(0x3000, 0x8000'7000, 3, kContiguous);
  m.lower->map(0x4000, 0x9000'0000, 3, kContiguous);
  EXPECT_EQ(m.go(load(0x3008)).pa.value, 0x8000'7008u);
  EXPECT_EQ(m.go(load(0x4008)).pa.value, 0x9000'0008u);
}

TEST(PageSizes, RehashCostsALookupForEachSizeThatIsThere) {
  mmu::Config config = only_l2();
  config.l2_page_sizes = "rehash";
  config.l2_latency = 4;
  config.l2_rehash_latency = 3;
  MmuMachine m(config);
  map_pages(m, 2);
  m.lower->map(0x20'0000, 0x8020'0000, 2, 0);
  m.lower->map(0x4000'0000, 0x4000'0000, 1, 0);
  const auto walk = [&](u64 fetches) { return fetches * m.memory.latency; };
  EXPECT_EQ(latency_of(m, load(0x4000'0000)), 4 + walk(2));
  EXPECT_EQ(latency_of(m, load(0x4000'0000)), 4u);
  EXPECT_EQ(latency_of(m, load(0)), 4 + walk(4));
  EXPECT_EQ(latency_of(m, load(0x4000'0000)), 4u + 3);
  EXPECT_EQ(latency_of(m, load(0)), 4u);
  EXPECT_EQ(latency_of(m, load(0x20'0000)), 4 + 3 + walk(3));
  EXPECT_EQ(latency_of(m, load(0x20'0000)), 4u + 3);
  EXPECT_EQ(latency_of(m, load(0x4000'0000)), 4u + 2 * 3);
  EXPECT_EQ(latency_of(m, load(0x1000)), 4 + 2 * 3 + walk(4));
}

TEST(PageSizes, SplitKeepsLargePagesApart) {
  mmu::Config config = only_l2();
  config.l2_entries = 2;
  config.l2_ways = 2;
  config.l2_page_sizes = "split";
  config.l2_large_entries = 1;
  config.l2_large_ways = 1;
  MmuMachine m(config);
  map_pages(m, 4);
  for (u64 block = 1; block < 3; ++block) m.lower->map(block << 21, 0x8000'0000 + (block << 21), 2, 0);
  EXPECT_FALSE(m.cached(load(0)));
  EXPECT_FALSE(m.cached(load(0x1000)));
  EXPECT_FALSE(m.cached(load(0x20'0000)));
  for (u64 va : {0, 0x1000, 0x20'0000}) EXPECT_TRUE(m.cached(load(va)));
  EXPECT_FALSE(m.cached(load(0x40'0000)));
  EXPECT_FALSE(m.cached(load(0x20'0000)));
  for (u64 va : {0, 0x1000}) EXPECT_TRUE(m.cached(load(va)));
}

TEST(PageSizes, SkewedWaysDoNotConflictTogether) {
  const auto hits = [](const char* sizes) {
    mmu::Config config = only_l2();
    config.l2_entries = 64;
    config.l2_ways = 2;
    config.l2_page_sizes = sizes;
    MmuMachine m(config);
    m.with_stage1();
    for (u64 page = 0; page < 4; ++page) m.lower->map(page << 17, 0x8000'0000 + (page << 17), 3, 0);
    unsigned count = 0;
    for (unsigned round = 0; round < 10; ++round) {
      for (u64 page = 0; page < 4; ++page) count += m.cached(load(page << 17));
    }
    return count;
  };
  EXPECT_EQ(hits("unified"), 0u);  // all four in one set of two
  EXPECT_GT(hits("skewed"), 10u);
}

TEST(Policies, FifoForgetsUsesPlruDoesNot) {
  const auto after = [](const char* policy) {
    mmu::Config config = only_l2();
    config.l2_entries = config.l2_ways = 4;
    config.l2_policy = policy;
    MmuMachine m(config);
    map_pages(m, 8);
    for (u64 page : {0, 1, 2, 3, 0, 4}) m.go(load(page << 12));
    return m.cached(load(0));
  };
  EXPECT_FALSE(after("fifo"));
  EXPECT_TRUE(after("lru"));
  EXPECT_TRUE(after("plru"));
}

TEST(WalkCaches, PerLevelDoNotPushOneAnotherOut) {
  const auto fetches = [](bool per_level) {
    mmu::Config config = all_off();
    config.walk_cache_entries = config.walk_cache_ways = 1;
    config.walk_cache_per_level = per_level;
    MmuMachine m(config);
    map_pages(m, 1);
    m.lower->map(0x20'0000, 0x8000'0000, 3, 0);  // the same tables of levels 0 to 2
    m.go(load(0));
    m.go(load(0x20'0000));
    return m.fetches(load(0));
  };
  EXPECT_EQ(fetches(true), 2u);   // level 3's pointer is the other page's, level 2's is there
  EXPECT_EQ(fetches(false), 4u);  // the one pointer is the other page's
}

TEST(WalkCaches, OfStage2ShortenEachOfItsWalks) {
  mmu::Config config = all_off();
  config.walk_cache2_entries = 64;
  config.walk_cache2_ways = 64;
  config.walk_cache2_latency = 2;
  MmuMachine m(config);
  map_pages(m, 2);
  m.with_stage2();
  m.map_tables_in_stage2();
  for (u64 page = 0; page < 2; ++page) m.stage2->map(0x8000'0000 + (page << 12), 0x8000'0000, 3, s2::kPlain);
  m.go(load(0));
  EXPECT_EQ(m.fetches(load(0)), 4u + 5u);  // each of the five walks of stage 2 begins at its last table
  EXPECT_EQ(latency_of(m, load(0)), 9 * m.memory.latency + 5 * 2);
  m.mmu->invalidate(tlbi(InvalidateScope::IpaLast, 1, 0, 0x8000'0000));
  EXPECT_EQ(m.fetches(load(0)), 9u);
  m.mmu->invalidate(tlbi(InvalidateScope::Ipa, 1, 0, 0x8000'0000));
  EXPECT_EQ(m.fetches(load(0)), 4u + 4u + 3u);
  m.mmu->invalidate(tlbi(InvalidateScope::VmidAll, 1));
  EXPECT_EQ(m.fetches(load(0x1000)), 4u + (3u + 3u) + 3u);
}

TEST(WalkCaches, InsideOfTheSecondLevelTakeItsPlaces) {
  mmu::Config config = only_l2();
  config.l2_entries = config.l2_ways = 4;
  config.walk_cache_in_l2 = true;
  MmuMachine m(config);
  map_pages(m, 4);
  EXPECT_FALSE(m.cached(load(0)));  // three tables and the page
  EXPECT_TRUE(m.cached(load(0)));
  EXPECT_EQ(m.fetches(load(0x1000)), 1u);  // the last table is known; the page takes the place of the oldest table
  EXPECT_TRUE(m.cached(load(0)));
  EXPECT_EQ(m.fetches(load(0x2000)), 1u);
  EXPECT_EQ(m.fetches(load(0x3000)), 1u);
  EXPECT_EQ(m.mmu->statistics().walk_cache.hits, 3u);
  EXPECT_EQ(m.mmu->statistics().l2.hits, 2u);
  m.mmu->invalidate(tlbi(InvalidateScope::VaLastAllAsid, 0, 0, 0x3000));  // tables stay
  EXPECT_EQ(m.fetches(load(0x3000)), 1u);
  m.mmu->invalidate(tlbi(InvalidateScope::VaAllAsid, 0, 0, 0x3000));
  EXPECT_EQ(m.fetches(load(0x3000)), 4u);
}

TEST(Untagged, AnotherAsidDropsWhatIsNotGlobal) {
  mmu::Config config = everything_on();
  config.asid_tagging = false;
  MmuMachine m(config);
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'1000, 3, s1::kNotGlobal);
  m.lower->map(0x2000, 0x8000'2000, 3, 0);
  m.go(load(0x1000));
  m.go(load(0x2000));
  EXPECT_EQ(m.go(load(0x2000)).residence.entry, nullptr);
  m.set_asid(5);
  EXPECT_TRUE(m.cached(load(0x2000)));
  m.set_asid(0);
  EXPECT_FALSE(m.cached(load(0x1000)));
  EXPECT_EQ(m.mmu->statistics().asid_flushes, 2u);
}

}  // namespace
}  // namespace tw
