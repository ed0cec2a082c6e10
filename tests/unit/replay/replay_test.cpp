// A trace through an MMU: closed formulas, what must not change a result, and the miss curve.
#include "platforms/replay/replay.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "platforms/replay/miss_curve.hpp"
#include "vmsa/tlb/stack_distances.hpp"

namespace tw::replay {
namespace {

trace::Record load(u64 va) {
  trace::Record record;
  record.va = Va{va};
  record.ipa = Ipa{va};
  record.size = 8;
  record.vmid = Vmid{1};
  record.asid = Asid{1};
  return record;
}

/// Guests and a host, user and kernel addresses, some that cross a page.
std::vector<trace::Record> records(u64 seed, std::size_t count) {
  SplitMix64 random(seed);
  std::vector<trace::Record> result;
  trace::Record context;
  while (result.size() < count) {
    if (random.below(100) == 0) {
      context.vmid = Vmid{static_cast<u16>(random.below(3))};
      context.asid = Asid{static_cast<u16>(random.below(3))};
      context.el = static_cast<El>(random.below(3));
    }
    trace::Record record = context;
    const u64 page = random.below(4) != 0 ? random.below(40) : random.below(3000);
    record.va = Va{(random.below(3) == 0 ? 0xFFFF'8000'0000'0000 : 0x40'0000) + page * 4096 + random.below(4096)};
    record.kind = static_cast<trace::Kind>(random.below(3));
    record.size = 1u << random.below(4);
    result.push_back(record);
  }
  return result;
}

mmu::Config without_structures() {
  mmu::Config config;
  config.l1i_entries = config.l1d_entries = config.l2_entries = 0;
  return config;
}

/// (n1+1)(n2+1)-1 descriptors a walk, VAs of 48 bits, IPAs of 40 (ANCHORS.md, Walks).
TEST(Replay, DescriptorsOfAWalkByTables) {
  struct Row {
    const char* paging;
    u64 granule, leaf, granule2, leaf2, expected;
  };
  constexpr u64 k4K = 4096, k16K = 16384, k64K = 65536, k2M = u64{2} << 20, k1G = u64{1} << 30;
  const Row rows[] = {{"native", k4K, k4K, k4K, k4K, 4},     {"native", k4K, k2M, k4K, k4K, 3},
                      {"native", k4K, k1G, k4K, k4K, 2},     {"native", k16K, k16K, k4K, k4K, 4},
                      {"native", k64K, k64K, k4K, k4K, 3},   {"stage2", k4K, k4K, k4K, k4K, 3},
                      {"stage2", k4K, k4K, k4K, k2M, 2},     {"nested", k4K, k4K, k4K, k4K, 19},
                      {"nested", k4K, k4K, k4K, k2M, 14},    {"nested", k4K, k2M, k4K, k2M, 11},
                      {"nested", k4K, k4K, k4K, k1G, 9},     {"nested", k16K, k16K, k16K, k16K, 14},
                      {"nested", k64K, k64K, k64K, k64K, 11}};
  for (const Row& row : rows) {
    const Config config{
        .paging = row.paging, .granule = row.granule, .leaf = row.leaf, .granule2 = row.granule2, .leaf2 = row.leaf2};
    Replay replay(config, without_structures());
    for (u64 n = 0; n < 10; ++n) replay.access(load(0x1234'5000 + n * 0x10'0000));
    EXPECT_EQ(replay.counts().faults, 0u);
    EXPECT_EQ(replay.mmu().statistics().walks, 10u);
    EXPECT_EQ(replay.mmu().statistics().descriptor_fetches, 10 * row.expected) << row.paging << " " << row.leaf;
    EXPECT_EQ(replay.ledger().elapsed(), 10 * (row.expected * config.descriptor_cycles + config.access_cycles));
  }
}

TEST(Replay, ShortcutsChangeNothing) {
  const std::vector<trace::Record> all = records(1, 30'000);
  for (const char* policy : {"lru", "fifo", "random"}) {
    for (const bool tagged : {true, false}) {
      for (const char* paging : {"native", "stage2", "nested"}) {
        mmu::Config mmu;
        mmu.replacement = policy;
        mmu.vmid_tagging = tagged;
        mmu.walk_cache_entries = 64;
        Config config{.paging = paging};
        Replay with(config, mmu, {false, false});
        config.shortcuts = false;
        Replay without(config, mmu, {false, false});
        with.access(all);
        without.access(all);
        EXPECT_EQ(with.mmu().statistics(), without.mmu().statistics()) << policy << tagged << paging;
        EXPECT_EQ(with.counts(), without.counts());
        EXPECT_EQ(with.ledger().elapsed(), without.ledger().elapsed());
      }
    }
  }
}

TEST(Replay, CyclesAreConserved) {
  Replay replay({}, {});
  replay.access(records(2, 20'000));
  replay.ledger().settle();
  EXPECT_EQ(replay.ledger().accounted(), replay.ledger().elapsed());
  EXPECT_GT(replay.ledger().elapsed(), 20'000u);
}

TEST(Replay, MissesAreThoseOfTheMissCurve) {
  std::vector<trace::Record> all;
  vmsa::StackDistances distances({.most_entries = 256});
  SplitMix64 random(3);
  for (unsigned n = 0; n < 20'000; ++n) {
    const u64 page = random.below(3) != 0 ? random.below(30) : random.below(400);
    trace::Record record = load(page << 12);
    vmsa::Context context;
    context.stage2 = true;
    context.vmid = record.vmid = Vmid{static_cast<u16>(1 + n / 64 % 2)};
    context.asid = record.asid;
    all.push_back(record);
    distances.reference({context, false}, page);
  }
  for (const auto& [sets, ways] : {std::pair<u64, u64>{1, 48}, {16, 4}, {64, 2}, {4, 64}}) {
    mmu::Config mmu = without_structures();
    mmu.l2_entries = sets * ways;
    mmu.l2_ways = ways;
    Replay replay({}, mmu);
    replay.access(all);
    EXPECT_EQ(replay.mmu().statistics().l2.misses, distances.misses(sets, ways)) << sets << " sets, " << ways;
  }
}

/// The same references from the records themselves: guests, a host, global pages, records that cross a page.
TEST(Replay, TheMissCurveSeesWhatTheReplaySees) {
  const std::vector<trace::Record> all = records(5, 20'000);
  for (const char* paging : {"native", "nested"}) {
    const Config config{.paging = paging};
    MissCurve curve(config, {}, {.most_entries = 4096});
    curve.access(all);
    for (const auto& [sets, ways] : {std::pair<u64, u64>{1, 64}, {32, 4}, {512, 8}}) {
      mmu::Config mmu = without_structures();
      mmu.l2_entries = sets * ways;
      mmu.l2_ways = ways;
      Replay replay(config, mmu);
      replay.access(all);
      EXPECT_EQ(replay.counts().translations, curve.distances().references());
      EXPECT_EQ(replay.mmu().statistics().l2.misses, curve.distances().misses(sets, ways)) << paging << sets;
    }
  }
}

TEST(Replay, RecordsThatCrossAPageAreTwoTranslations) {
  Replay replay({}, {});
  replay.access(load(0x5FF9));
  EXPECT_EQ(replay.counts().translations, 2u);
  EXPECT_EQ(replay.tables().leaves(), 2u);
  replay.access(load(0x5FF8));
  EXPECT_EQ(replay.counts().translations, 3u);
}

TEST(Replay, WhatNoTableHoldsIsAFault) {
  Replay both({}, {});
  both.access(load(0x1234'0000'0000'0000));
  EXPECT_EQ(both.counts().faults, 1u);
  Replay stage2({.paging = "stage2"}, {});
  stage2.access(load(u64{1} << 40));
  EXPECT_EQ(stage2.counts().faults, 1u);
  EXPECT_EQ(stage2.tables().leaves(), 0u);
}

/// As Linux has it: the kernel's pages are of all address spaces of its VM.
TEST(Replay, TheUpperRangeIsGlobal) {
  Replay replay({}, {});
  for (u16 asid = 1; asid <= 4; ++asid) {
    trace::Record record = load(0xFFFF'8000'0000'1000);
    record.asid = Asid{asid};
    replay.access(record);
    record.va = Va{0x1000};
    replay.access(record);
  }
  EXPECT_EQ(replay.mmu().statistics().walks, 1u + 4u);
}

TEST(Replay, SaysWhatDoesNotFitTogether) {
  EXPECT_THROW(Replay({.leaf = 8192}, {}), UserError);
  EXPECT_THROW(Replay({.granule2 = 65536}, {}), UserError);
  for (const u64 bytes : {u64{1} << 20, u64{1} << 60}) {  // too few for the tables, and more than the host maps
    try {
      Replay({.memory = bytes, .access_cycles = 1}, {}).access(records(4, 5000));
      FAIL() << bytes;
    } catch (const UserError& error) {
      EXPECT_EQ(error.complaints().front().where, "replay.memory");
    }
  }
}

}  // namespace
}  // namespace tw::replay
