// Every TLBI scope against a table of entries, expected row by row from the instruction's description (Arm ARM C5.5).
#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::InvalidateScope;
using vmsa::Regime;

// Four entries of each context: VMID 1 and 2; ASID 5 non-global and global; pages A and B.
constexpr u64 kA = 0x1000, kB = 0x2000, kGlobalA = 0x11000, kGlobalB = 0x12000;

class Tlbi : public testing::TestWithParam<mmu::Config> {
 protected:
  MmuMachine m{GetParam()};
  std::size_t cold_ = 0;

  void SetUp() override {
    m.with_stage1();
    for (u64 page : {kA, kB}) m.lower->map(page, page, 3, s1::kNotGlobal);
    for (u64 page : {kGlobalA, kGlobalB}) m.lower->map(page, page, 3, 0);
    m.with_stage2();
    m.map_tables_in_stage2();
    for (u64 page : {kA, kB, kGlobalA, kGlobalB}) m.stage2->map(page, page, 3, s2::kPlain);
    m.with_single(Regime::El2);
    for (u64 page : {kA, kB}) m.hyp->map(page, page, 3, 0);
  }
  void in_context(u16 vmid, u16 asid) {
    m.set_vmid(vmid);
    m.set_asid(asid);
  }
  void fill() {
    for (u16 vmid : {u16{1}, u16{2}}) {
      for (u16 asid : {u16{5}, u16{6}}) {
        in_context(vmid, asid);
        for (u64 page : {kA, kB, kGlobalA, kGlobalB}) m.go(load(page));
      }
    }
    for (u64 page : {kA, kB}) m.go(in(Regime::El2, load(page)));
  }
  /// Which of kA kB kGlobalA kGlobalB are cached in this context, as "ABab". Asks without filling: each probe is
  /// followed by a new fill after a full invalidation, so it is done on a fresh state by `expect`.
  void expect(const vmsa::Invalidate& what, u16 vmid, u16 asid, const std::string& kept) {
    const std::pair<char, u64> pages[] = {{'A', kA}, {'B', kB}, {'a', kGlobalA}, {'b', kGlobalB}};
    for (const auto& [letter, page] : pages) {
      everything_away();
      fill();
      m.mmu->invalidate(what);
      in_context(vmid, asid);
      EXPECT_EQ(m.cached(load(page)), kept.find(letter) != std::string::npos)
          << "scope " << static_cast<int>(what.scope) << " VMID " << vmid << " ASID " << asid << " page " << letter;
    }
  }
  void expect_el2(const vmsa::Invalidate& what, bool keeps_a, bool keeps_b) {
    for (const auto& [page, kept] : {std::pair{kA, keeps_a}, std::pair{kB, keeps_b}}) {
      everything_away();
      fill();
      m.mmu->invalidate(what);
      EXPECT_EQ(m.cached(in(Regime::El2, load(page))), kept);
    }
  }
  void everything_away() {
    m.mmu->set_timed(false);
    m.mmu->set_timed(true);
  }
};

TEST_P(Tlbi, Alle1) {
  const vmsa::Invalidate what = tlbi(InvalidateScope::All);
  expect(what, 1, 5, "");
  expect(what, 2, 6, "");
  expect_el2(what, true, true);
}

TEST_P(Tlbi, Vmalle1) {
  const vmsa::Invalidate what = tlbi(InvalidateScope::VmidStage1, 1);
  expect(what, 1, 5, "");
  expect(what, 1, 6, "");
  expect(what, 2, 5, "ABab");
  expect_el2(what, true, true);
}

TEST_P(Tlbi, Vmalls12e1) {
  const vmsa::Invalidate what = tlbi(InvalidateScope::VmidAll, 2);
  expect(what, 1, 5, "ABab");
  expect(what, 2, 5, "");
}

TEST_P(Tlbi, Aside1KeepsGlobalEntries) {
  const vmsa::Invalidate what = tlbi(InvalidateScope::AsidAll, 1, 5);
  expect(what, 1, 5, "ab");
  expect(what, 1, 6, "ABab");
  expect(what, 2, 5, "ABab");
}

TEST_P(Tlbi, Vae1TakesTheAsidAndGlobalEntries) {
  for (InvalidateScope scope : {InvalidateScope::VaAsid, InvalidateScope::VaLastAsid}) {
    expect(tlbi(scope, 1, 5, kA), 1, 5, "Bab");
    expect(tlbi(scope, 1, 5, kA), 1, 6, "ABab");
    expect(tlbi(scope, 1, 5, kA), 2, 5, "ABab");
    expect(tlbi(scope, 1, 5, kGlobalA), 1, 5, "ABb");
    expect(tlbi(scope, 1, 5, kGlobalA), 1, 6, "ABb");
    expect(tlbi(scope, 1, 5, kGlobalA), 2, 6, "ABab");
    expect(tlbi(scope, 1, 9, kGlobalA), 1, 5, "ABb");  // an ASID that never ran
    expect(tlbi(scope, 1, 9, kA), 1, 5, "ABab");
  }
}

TEST_P(Tlbi, Vaae1TakesAllAsids) {
  for (InvalidateScope scope : {InvalidateScope::VaAllAsid, InvalidateScope::VaLastAllAsid}) {
    expect(tlbi(scope, 1, 0, kA), 1, 5, "Bab");
    expect(tlbi(scope, 1, 0, kA), 1, 6, "Bab");
    expect(tlbi(scope, 1, 0, kGlobalB), 1, 6, "ABa");
    expect(tlbi(scope, 1, 0, kA), 2, 6, "ABab");
  }
}

TEST_P(Tlbi, El2HasItsOwn) {
  vmsa::Invalidate what = tlbi(InvalidateScope::All);
  what.regime = Regime::El2;
  expect(what, 1, 5, "ABab");
  expect_el2(what, false, false);
  what = tlbi(InvalidateScope::VaAsid, 0, 0, kA);
  what.regime = Regime::El2;
  expect(what, 1, 5, "ABab");
  expect_el2(what, false, true);
}

TEST_P(Tlbi, SecureScopeLeavesNonSecureEntries) {
  vmsa::Invalidate what = tlbi(InvalidateScope::All);
  what.secure = true;
  expect(what, 1, 5, "ABab");
}

TEST_P(Tlbi, WithoutEl2TheVmidDoesNotMatter) {
  vmsa::Invalidate what = tlbi(InvalidateScope::VmidStage1, 9);
  what.stage2_in_use = false;
  expect(what, 1, 5, "");
}

TEST_P(Tlbi, IpaScopesLeaveCombinedEntriesToVmalle1) {
  // Arm ARM D8.13.5: after TLBI IPAS2E1 software owes a TLBI VMALLE1, for entries that combine both stages.
  const bool split_only = m.mmu->config().split && m.mmu->config().l1d_entries == 0;
  for (InvalidateScope scope : {InvalidateScope::Ipa, InvalidateScope::IpaLast}) {
    expect(tlbi(scope, 1, 0, kA), 1, 5, split_only ? "Bab" : "ABab");
    expect(tlbi(scope, 1, 0, kA), 2, 5, "ABab");
  }
  fill();
  m.mmu->invalidate(tlbi(InvalidateScope::Ipa, 1, 0, kA));
  m.mmu->invalidate(tlbi(InvalidateScope::VmidStage1, 1));
  in_context(1, 5);
  EXPECT_FALSE(m.cached(load(kA)));
}

TEST(TlbiStage2Only, IpaScopesTakeWhatWasMadeWithStage1Off) {
  // Arm ARM C5.5, TLBI IPAS2E1: stage 2 only entries. With stage 1 off no entry holds anything of stage 1, and the
  // hypervisor that knows it owes no VMALLE1.
  for (const auto& config : {only_l1(), only_l2(), only_l2(true), everything_on()}) {
    for (const InvalidateScope scope : {InvalidateScope::Ipa, InvalidateScope::IpaLast}) {
      MmuMachine m(config);
      m.with_stage2({12, 40, 1}, 1);
      m.stage2->map(0x5000, 0x9000, 3, s2::kPlain);
      m.stage2->map(0x6000, 0xA000, 3, s2::kPlain);
      m.go(load(0x5008));
      m.go(load(0x6008));
      m.stage2->map(0x5000, 0xB000, 3, s2::kPlain);
      m.mmu->invalidate(tlbi(scope, 2, 0, 0x5000));
      EXPECT_EQ(m.go(load(0x5008)).pa.value, 0x9008u) << "another VMID";
      m.mmu->invalidate(tlbi(scope, 1, 0, 0x5000));
      EXPECT_EQ(m.go(load(0x5008)).pa.value, 0xB008u);
      EXPECT_TRUE(m.cached(load(0x6008))) << "another IPA";
    }
  }
}

TEST_P(Tlbi, ThenAccessIsAColdAccess) {
  in_context(1, 5);
  const std::size_t cold = m.fetches(load(kA));
  const u64 before = m.ledger.elapsed();
  m.mmu->invalidate(tlbi(InvalidateScope::VmidAll, 1));
  EXPECT_EQ(m.fetches(load(kA)), cold);
  EXPECT_EQ(m.ledger.elapsed(), 2 * before);
  m.lower->map(kA, 0x7000, 3, s1::kNotGlobal);
  m.stage2->map(0x7000, 0x7000, 3, s2::kPlain);
  EXPECT_EQ(m.go(load(kA)).pa.value, kA);  // stale until invalidated
  m.mmu->invalidate(tlbi(InvalidateScope::VaAsid, 1, 5, kA));
  EXPECT_EQ(m.go(load(kA)).pa.value, 0x7000u);
}

INSTANTIATE_TEST_SUITE_P(Structures, Tlbi, testing::Values(only_l1(), only_l2(), only_l2(true), everything_on()));

TEST(TlbiBlocks, AnyAddressOfABlockTakesAllItsParts) {
  MmuMachine m(only_l2());
  m.with_stage1();
  m.lower->map(0x4000'0000, 0x4000'0000, 2, 0);
  m.with_stage2();
  m.map_tables_in_stage2();
  for (u64 page = 0x4000'0000; page < 0x4000'4000; page += 0x1000) {
    m.stage2->map(page, page, 3, s2::kPlain);
    m.go(load(page));
  }
  m.mmu->invalidate(tlbi(InvalidateScope::VaAllAsid, 1, 0, 0x401F'F000));
  EXPECT_EQ(m.mmu->statistics().l2.entries_invalidated, 4u);
}

TEST(TlbiBlocks, UpperAddressesMatchByTheir56Bits) {
  MmuMachine m(only_l1());
  m.with_stage1();
  const u64 va = 0xFFFF'8000'0000'1000;
  m.upper->map(va, 0x1000, 3, 0);
  m.go(load(va));
  m.mmu->invalidate(tlbi(InvalidateScope::VaAllAsid, 0, 0, va & ((u64{1} << 56) - 1)));
  EXPECT_FALSE(m.cached(load(va)));
}

class WalkCacheTlbi : public testing::Test {
 protected:
  mmu::Config config() {
    mmu::Config result = all_off();
    result.walk_cache_entries = 64;
    return result;
  }
  MmuMachine m{config()};
  void SetUp() override {
    m.with_stage1();
    m.lower->map(kA, kA, 3, 0);
    m.set_asid(5);
    EXPECT_EQ(m.fetches(load(kA)), 4u);
    EXPECT_EQ(m.fetches(load(kA)), 1u);
  }
};

TEST_F(WalkCacheTlbi, LastLevelScopesKeepTables) {
  m.mmu->invalidate(tlbi(InvalidateScope::VaLastAsid, 0, 5, kA));
  m.mmu->invalidate(tlbi(InvalidateScope::VaLastAllAsid, 0, 0, kA));
  EXPECT_EQ(m.fetches(load(kA)), 1u);
}

TEST_F(WalkCacheTlbi, TablesAreOfAnAsidAlthoughTheLeafIsGlobal) {
  m.mmu->invalidate(tlbi(InvalidateScope::VaAsid, 0, 6, kA));
  EXPECT_EQ(m.fetches(load(kA)), 1u);
  m.mmu->invalidate(tlbi(InvalidateScope::AsidAll, 0, 5));
  EXPECT_EQ(m.fetches(load(kA)), 4u);
}

TEST_F(WalkCacheTlbi, OtherScopesTakeTables) {
  for (InvalidateScope scope : {InvalidateScope::VaAsid, InvalidateScope::VaAllAsid, InvalidateScope::VmidStage1,
                                InvalidateScope::VmidAll, InvalidateScope::All}) {
    m.mmu->invalidate(tlbi(scope, 0, 5, kA));
    EXPECT_EQ(m.fetches(load(kA)), 4u) << static_cast<int>(scope);
  }
  m.mmu->invalidate(tlbi(InvalidateScope::VaAsid, 0, 5, u64{1} << 40));  // another region
  EXPECT_EQ(m.fetches(load(kA)), 1u);
}

TEST_F(WalkCacheTlbi, TableAttributesAreRemembered) {
  struct Row {
    u64 table;
    vmsa::Access refused;
  };
  const Row rows[] = {{s1::kTableReadOnly, store(0)},
                      {s1::kTableNoUser, load(0, false)},
                      {s1::kPxnTable, fetch(0)},
                      {s1::kUxnTable, fetch(0, false)}};
  u64 va = u64{1} << 40;
  for (const Row& row : rows) {
    va += u64{1} << 40;
    m.lower->map(va, 0x5000, 3, row.table == s1::kTableNoUser ? s1::kUserAccess : 0, row.table);
    EXPECT_TRUE(m.go(load(va)).ok());
    EXPECT_EQ(m.fetches(load(va)), 1u);
    vmsa::Access refused = row.refused;
    refused.va = Va{va};
    EXPECT_EQ(m.go(refused).fault.type, vmsa::FaultType::Permission);
  }
  m.controls.secure = true;
  va += u64{1} << 40;
  m.lower->map(va, 0x5000, 3, 0, s1::kNsTable);
  EXPECT_FALSE(m.go(load(va)).secure);
  EXPECT_EQ(m.fetches(load(va)), 1u);
  EXPECT_EQ(m.memory.requests.back().security, Security::NonSecure);
  EXPECT_FALSE(m.go(load(va)).secure);
}

}  // namespace
}  // namespace tw
