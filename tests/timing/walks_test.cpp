// Descriptor accesses of nested walks with every cache off: (n1+1)(n2+1)-1, for each row of the walk list in
// ANCHORS.md, with the place of every fetch; and that each of them is charged.
#include <gtest/gtest.h>

#include "cost/ledger.hpp"
#include "mmu/mmu.hpp"
#include "support/translation_machine.hpp"
#include "support/waiting_mmu.hpp"

namespace tw {
namespace {

using test::Shape;
using test::TranslationMachine;

struct Row {
  const char* name;
  unsigned accesses;
  Shape stage1;
  int leaf1;
  Shape stage2;
  int leaf2;
  unsigned pa_bits;
};

constexpr Row kRows[] = {
    {"4K 4x4", 24, {12, 48, 0}, 3, {12, 44, 0}, 3, 44},
    {"4K 48-bit VA over 40-bit IPA, concatenated", 19, {12, 48, 0}, 3, {12, 40, 1}, 3, 40},
    {"4K 3x3", 15, {12, 39, 1}, 3, {12, 39, 1}, 3, 40},
    {"4K over 2 MB stage-2 blocks", 14, {12, 48, 0}, 3, {12, 40, 1}, 2, 40},
    {"2 MB over 2 MB", 11, {12, 48, 0}, 2, {12, 40, 1}, 2, 40},
    {"4K over 1 GB stage-2 blocks", 9, {12, 48, 0}, 3, {12, 40, 1}, 1, 40},
    {"16K 4x3", 19, {14, 48, 0}, 3, {14, 42, 1}, 3, 44},
    {"16K 4x2, 16 concatenated tables", 14, {14, 48, 0}, 3, {14, 40, 2}, 3, 40},
    {"64K 3x3", 15, {16, 48, 1}, 3, {16, 44, 1}, 3, 44},
    {"64K 3x2", 11, {16, 48, 1}, 3, {16, 40, 2}, 3, 40},
    {"64K 2x2", 8, {16, 42, 2}, 3, {16, 40, 2}, 3, 40},
};

mmu::Config everything_off() {
  mmu::Config config;
  config.l1i_entries = config.l1d_entries = config.l2_entries = 0;
  config.ipa_entries = config.walk_cache_entries = 0;
  return config;
}

constexpr u64 kVa = 0x12'3456'7000;
constexpr u64 kIpa = 0x8000'0000;

void build(TranslationMachine& machine, const Row& row) {
  machine.with_stage1(row.stage1);
  machine.lower->map(kVa, kIpa, row.leaf1, test::s1::kInnerShareable);
  machine.with_stage2(row.stage2);
  for (u64 table : machine.lower->tables) machine.stage2->map(table, table, row.leaf2, test::s2::kPlain);
  const u64 block = u64{1} << machine.lower->shift(row.leaf1);
  const u64 ipa = kIpa + kVa % block;
  machine.stage2->map(ipa, ipa, row.leaf2, test::s2::kPlain);
}

TEST(NestedWalk, HasTheNumberOfDescriptorAccessesOfTheFormula) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    TranslationMachine machine(row.pa_bits);
    build(machine, row);
    cost::CoreLedger ledger(0);
    mmu::Mmu mmu(everything_off(), machine.memory, ledger);
    for (u64 round = 1; round <= 2; ++round) {  // nothing is kept: the second access costs the same
      const vmsa::Translation result = test::translate(mmu, ledger, test::load(kVa), machine.controls);
      ASSERT_TRUE(result.ok()) << int(result.fault.type) << " level " << int(result.fault.level);
      EXPECT_EQ(machine.memory.requests.size(), round * row.accesses);
      EXPECT_EQ(ledger.elapsed(), round * row.accesses * machine.memory.latency);
    }
    const unsigned n1 = static_cast<unsigned>(row.leaf1 - row.stage1.start) + 1;
    const unsigned n2 = static_cast<unsigned>(row.leaf2 - row.stage2.start) + 1;
    EXPECT_EQ((n1 + 1) * (n2 + 1) - 1, row.accesses);
  }
}

TEST(NestedWalk, FetchesInOrderAndSaysWhatFor) {
  const Row& row = kRows[1];
  TranslationMachine machine(row.pa_bits);
  build(machine, row);
  cost::WalkRecord record;
  const vmsa::Walker walker(machine.memory);
  ASSERT_TRUE(walker.translate(test::load(kVa), machine.controls, {.record = &record}).translation.ok());
  ASSERT_EQ(record.fetches.size(), 19u);
  std::size_t at = 0;
  for (int s1_level = 0; s1_level <= 4; ++s1_level) {
    for (int s2_level = 1; s2_level <= 3; ++s2_level, ++at) {
      EXPECT_EQ(record.fetches[at].stage, 2);
      EXPECT_EQ(record.fetches[at].level, s2_level);
      EXPECT_EQ(record.fetches[at].for_stage1_level, s1_level == 4 ? -1 : s1_level);
    }
    if (s1_level == 4) break;
    EXPECT_EQ(record.fetches[at].stage, 1);
    EXPECT_EQ(record.fetches[at].level, s1_level);
    EXPECT_EQ(record.fetches[at].address.value, machine.lower->slot(kVa, s1_level));
    ++at;
  }
  EXPECT_EQ(record.cycles, 190u);
  EXPECT_TRUE(record.key.stage1 && record.key.stage2);
}

TEST(NestedWalk, ChargesEachStageItsOwnFetches) {
  const Row& row = kRows[0];
  TranslationMachine machine(row.pa_bits);
  build(machine, row);
  machine.memory.latency = 7;
  cost::CoreLedger ledger(0);
  mmu::Mmu mmu(everything_off(), machine.memory, ledger);
  test::translate(mmu, ledger, test::load(kVa), machine.controls);
  ledger.settle();
  ASSERT_EQ(ledger.accounts().size(), 1u);
  const cost::ByCause& cycles = ledger.accounts().begin()->second.cycles;
  EXPECT_EQ(cycles[static_cast<unsigned>(cost::Cause::WalkStage1)], 4 * 7u);
  EXPECT_EQ(cycles[static_cast<unsigned>(cost::Cause::WalkStage2)], 20 * 7u);
  ASSERT_EQ(ledger.walks().size(), 1u);
  const cost::FetchesByLevel& levels = ledger.walks().begin()->second.levels;
  EXPECT_EQ(levels.stage1().count, 4u);
  EXPECT_EQ(levels.stage2().count, 20u);
  EXPECT_EQ(levels.final_stage2().cycles, 4 * 7u);
}

/// n1 levels of stage 1, n2 of stage 2: one fetch in each of n1 + (n1 + 1) n2 places, none anywhere else.
TEST(NestedWalk, FilesAFetchOfEachLevelInItsPlace) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.name);
    TranslationMachine machine(row.pa_bits);
    build(machine, row);
    cost::CoreLedger ledger(0);
    mmu::Mmu mmu(everything_off(), machine.memory, ledger);
    ASSERT_TRUE(test::translate(mmu, ledger, test::load(kVa), machine.controls).ok());
    const cost::FetchesByLevel& levels = ledger.walks().begin()->second.levels;
    const auto walked = [](const auto& stage, int leaf, int level) { return level >= stage.start && level <= leaf; };
    for (int level = 0; level < cost::FetchesByLevel::kLevels; ++level) {
      const bool of_stage1 = walked(row.stage1, row.leaf1, level);
      EXPECT_EQ(levels.stage1(level).count, of_stage1 ? 1u : 0u) << "stage 1, level " << level;
      EXPECT_EQ(levels.stage1(level).cycles, of_stage1 ? machine.memory.latency : 0u);
      for (int of = cost::FetchesByLevel::kFinalIpa; of < cost::FetchesByLevel::kLevels; ++of) {
        const bool needed = of == cost::FetchesByLevel::kFinalIpa || walked(row.stage1, row.leaf1, of);
        EXPECT_EQ(levels.stage2(level, of).count, needed && walked(row.stage2, row.leaf2, level) ? 1u : 0u)
            << "stage 2, level " << level << ", for " << of;
      }
    }
  }
}

TEST(TlbTiming, FirstLevelIsFreeSecondCostsItsLatencyMissCostsTheWalk) {
  const Row& row = kRows[0];
  TranslationMachine machine(row.pa_bits);
  build(machine, row);
  cost::CoreLedger ledger(0);
  mmu::Config config;
  config.l1d_entries = 1;
  config.l2_latency = 6;
  mmu::Mmu mmu(config, machine.memory, ledger);
  const auto cost_of = [&](const vmsa::Access& access) {
    const u64 before = ledger.elapsed();
    EXPECT_TRUE(test::translate(mmu, ledger, access, machine.controls).ok());
    return ledger.elapsed() - before;
  };
  EXPECT_EQ(cost_of(test::load(kVa)), 6u + 240u);
  EXPECT_EQ(cost_of(test::load(kVa + 8)), 0u);
  EXPECT_EQ(cost_of(test::fetch(kVa)), 6u);  // the instruction side's first level is another one
  EXPECT_EQ(cost_of(test::fetch(kVa)), 0u);
}

TEST(TlbTiming, SplitSecondLevelCostsBothLookupsAndIsNotAskedWhenStage1IsOff) {
  const Row& row = kRows[0];
  TranslationMachine machine(row.pa_bits);
  build(machine, row);
  cost::CoreLedger ledger(0);
  mmu::Config config;
  config.l1i_entries = config.l1d_entries = 0;
  config.split = true;
  config.l2_latency = 6;
  config.ipa_entries = 64;
  config.ipa_latency = 2;
  mmu::Mmu mmu(config, machine.memory, ledger);
  ASSERT_TRUE(test::translate(mmu, ledger, test::load(kVa), machine.controls).ok());
  u64 before = ledger.elapsed();
  ASSERT_TRUE(test::translate(mmu, ledger, test::load(kVa), machine.controls).ok());
  EXPECT_EQ(ledger.elapsed() - before, 6u + 2u);
  machine.controls.el1.sctlr &= ~u64{1};
  before = ledger.elapsed();
  EXPECT_EQ(test::translate(mmu, ledger, test::load(kIpa + kVa % 0x1000), machine.controls).fault.type,
            vmsa::FaultType::None);
  EXPECT_EQ(ledger.elapsed() - before, 2u);
}

TEST(TlbTiming, IpaAndWalkCachesShortenTheNextWalk) {
  const Row& row = kRows[0];
  TranslationMachine machine(row.pa_bits);
  build(machine, row);
  const u64 neighbour = kVa + 0x1000;
  machine.lower->map(neighbour, kIpa + 0x1000, 3, 0);
  machine.stage2->map(kIpa + 0x1000, kIpa + 0x1000, 3, test::s2::kPlain);
  cost::CoreLedger ledger(0);
  mmu::Config config = everything_off();
  config.ipa_entries = 64;
  config.walk_cache_entries = 64;
  config.ipa_latency = 2;
  config.walk_cache_latency = 3;
  mmu::Mmu mmu(config, machine.memory, ledger);
  ASSERT_TRUE(test::translate(mmu, ledger, test::load(kVa), machine.controls).ok());
  EXPECT_EQ(machine.memory.requests.size(), 24u);
  const u64 before = ledger.elapsed();
  ASSERT_TRUE(test::translate(mmu, ledger, test::load(neighbour), machine.controls).ok());
  // The last stage-1 table is known: one stage-1 fetch, then four stage-2 fetches for a page that is not.
  EXPECT_EQ(machine.memory.requests.size(), 24u + 5u);
  EXPECT_EQ(ledger.elapsed() - before, 3u + 10u + 2u + 40u);
}

}  // namespace
}  // namespace tw
