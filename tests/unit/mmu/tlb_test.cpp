// What is kept, for whom, and what leaves when there is no room.
#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::Regime;

TEST(Config, IsValidated) {
  mmu::Config config;
  EXPECT_TRUE(mmu::validate(config).empty());
  config.l2_entries = 10;
  config.l2_ways = 4;
  config.replacement = "mru";
  const std::vector<Complaint> complaints = mmu::validate(config);
  ASSERT_EQ(complaints.size(), 2u);
  EXPECT_EQ(complaints[0].where, "mmu.l2.entries");
  EXPECT_EQ(complaints[1].where, "mmu.replacement");
  EXPECT_THROW(MmuMachine{config}, UserError);
}

TEST(Config, EveryParameterHasARowWithinItsBounds) {
  const mmu::Config defaults;
  for (const auto& row : mmu::kParameters) {
    if (const auto* member = std::get_if<u64 mmu::Config::*>(&row.member)) {
      EXPECT_GE(defaults.**member, row.min) << row.key;
      EXPECT_LE(defaults.**member, row.max) << row.key;
    }
  }
}

class TlbTags : public testing::TestWithParam<mmu::Config> {
 protected:
  MmuMachine m{GetParam()};
  void SetUp() override {
    m.with_stage1();
    m.lower->map(0x1000, 0x8000'1000, 3, s1::kNotGlobal);
    m.lower->map(0x2000, 0x8000'2000, 3, 0);
    m.with_stage2();
    m.map_tables_in_stage2();
    for (u64 page : {0x8000'1000, 0x8000'2000}) m.stage2->map(page, page, 3, s2::kPlain);
  }
};

TEST_P(TlbTags, NonGlobalEntriesBelongToTheirAsid) {
  m.set_asid(5);
  EXPECT_FALSE(m.cached(load(0x1000)));
  EXPECT_TRUE(m.cached(load(0x1000)));
  EXPECT_FALSE(m.cached(load(0x2000)));
  m.set_asid(6);
  EXPECT_FALSE(m.cached(load(0x1000)));
  EXPECT_TRUE(m.cached(load(0x2000)));
  m.set_asid(5);
  EXPECT_TRUE(m.cached(load(0x1000)));
}

TEST_P(TlbTags, AsidIsEightBitsUnlessTcrSaysSixteen) {
  m.set_asid(0x0105);
  EXPECT_FALSE(m.cached(load(0x1000)));
  m.set_asid(0x0005);
  EXPECT_TRUE(m.cached(load(0x1000)));
  m.controls.el1.tcr |= u64{1} << 36;  // AS
  m.set_asid(0x0105);
  EXPECT_FALSE(m.cached(load(0x1000)));
}

TEST_P(TlbTags, A1TakesTheAsidOfTtbr1) {
  m.set_asid(5);
  EXPECT_FALSE(m.cached(load(0x1000)));
  m.controls.el1.tcr |= u64{1} << 22;
  EXPECT_FALSE(m.cached(load(0x1000)));  // ASID 0
  m.controls.el1.ttbr1 |= u64{5} << 48;
  EXPECT_TRUE(m.cached(load(0x1000)));
}

TEST_P(TlbTags, EntriesBelongToTheirVmid) {
  EXPECT_FALSE(m.cached(load(0x2000)));
  m.set_vmid(2);
  EXPECT_FALSE(m.cached(load(0x2000)));
  EXPECT_TRUE(m.cached(load(0x2000)));
  m.set_vmid(1);
  EXPECT_TRUE(m.cached(load(0x2000)));
  m.set_vmid(0x101);  // eight bits until VTCR_EL2.VS
  EXPECT_TRUE(m.cached(load(0x2000)));
  m.controls.vtcr |= u64{1} << 19;
  EXPECT_FALSE(m.cached(load(0x2000)));
}

TEST_P(TlbTags, StagesAndRegimesAndSecurityAreApart) {
  EXPECT_FALSE(m.cached(load(0x2000)));
  const u64 hcr = m.controls.hcr;
  m.controls.hcr = 0;
  EXPECT_FALSE(m.cached(load(0x2000)));  // stage 2 off
  m.controls.hcr = hcr;
  EXPECT_TRUE(m.cached(load(0x2000)));
  m.controls.secure = true;
  EXPECT_FALSE(m.cached(load(0x2000)));
  m.controls.secure = false;
  m.with_single(Regime::El2);
  m.hyp->map(0x2000, 0x9000'2000, 3, 0);
  EXPECT_EQ(m.go(in(Regime::El2, load(0x2000))).pa.value, 0x9000'2000u);
  EXPECT_EQ(m.go(load(0x2000)).pa.value, 0x8000'2000u);
  EXPECT_TRUE(m.cached(in(Regime::El2, load(0x2000))));
}

TEST_P(TlbTags, TaggedAddressesShareAnEntry) {
  m.controls.el1.tcr |= u64{1} << 37;
  EXPECT_FALSE(m.cached(load(0x2000)));
  EXPECT_TRUE(m.cached(load(0xAB00'0000'0000'2000)));
  EXPECT_EQ(m.go(load(0xAB00'0000'0000'2018)).pa.value, 0x8000'2018u);
}

TEST_P(TlbTags, AHitIsCheckedAgainstEachAccess) {
  m.lower->map(0x3000, 0x8000'1000, 3, s1::kReadOnly);
  EXPECT_TRUE(m.go(load(0x3000)).ok());
  const std::size_t before = m.memory.requests.size();
  const vmsa::Fault fault = m.go(store(0x3000)).fault;
  EXPECT_EQ(m.memory.requests.size(), before);
  EXPECT_EQ(fault.type, vmsa::FaultType::Permission);
  EXPECT_EQ(fault.level, 3);
  EXPECT_TRUE(fault.write);
  EXPECT_EQ(m.go(load(0x3000, false)).fault.type, vmsa::FaultType::Permission);
}

TEST_P(TlbTags, FaultsAreNotKept) {
  EXPECT_FALSE(m.go(load(0x5000)).ok());
  m.lower->map(0x5000, 0x8000'5000, 3, 0);
  EXPECT_EQ(m.go(load(0x5000)).fault.stage, 2);
  m.stage2->map(0x8000'5000, 0x8000'5000, 3, s2::kPlain);
  EXPECT_TRUE(m.go(load(0x5000)).ok());
}

INSTANTIATE_TEST_SUITE_P(Structures, TlbTags, testing::Values(only_l1(), only_l2(), only_l2(true), everything_on()));

TEST(Replacement, IsExactlyLru) {
  mmu::Config config = only_l1();
  config.l1d_entries = 4;
  MmuMachine m(config);
  m.with_stage1();
  for (u64 page = 0; page < 8; ++page) m.lower->map(page << 12, 0x8000'0000 + (page << 12), 3, 0);
  for (u64 page : {0, 1, 2, 3}) EXPECT_FALSE(m.cached(load(page << 12)));
  EXPECT_TRUE(m.cached(load(0 << 12)));   // order of use: 1 2 3 0
  EXPECT_TRUE(m.cached(load(2 << 12)));   // 1 3 0 2
  EXPECT_FALSE(m.cached(load(4 << 12)));  // 1 goes
  EXPECT_FALSE(m.cached(load(5 << 12)));  // 3 goes
  for (u64 page : {0, 2, 4, 5}) EXPECT_TRUE(m.cached(load(page << 12))) << page;
  EXPECT_FALSE(m.cached(load(1 << 12)));
  EXPECT_TRUE(m.cached(load(2 << 12)));
  EXPECT_FALSE(m.cached(load(0 << 12)));
}

TEST(Replacement, SetsAreApart) {
  mmu::Config config = only_l2();
  config.l2_entries = 8;
  config.l2_ways = 2;  // four sets
  MmuMachine m(config);
  m.with_stage1();
  for (u64 page = 0; page < 16; ++page) m.lower->map(page << 12, 0x8000'0000 + (page << 12), 3, 0);
  for (u64 page : {0, 4, 1}) EXPECT_FALSE(m.cached(load(page << 12)));
  EXPECT_FALSE(m.cached(load(8 << 12)));  // set 0 is full: page 0 goes
  for (u64 page : {4, 8, 1}) EXPECT_TRUE(m.cached(load(page << 12)));
  EXPECT_FALSE(m.cached(load(0)));
}

TEST(Replacement, RandomIsTheSameForTheSameSeed) {
  const auto misses = [](u64 seed) {
    mmu::Config config = only_l1();
    config.l1d_entries = 8;
    config.replacement = "random";
    config.seed = seed;
    MmuMachine m(config);
    m.with_stage1();
    for (u64 page = 0; page < 16; ++page) m.lower->map(page << 12, page << 12, 3, 0);
    std::vector<bool> result;
    for (u64 at = 0; at < 400; ++at) result.push_back(m.cached(load((at * 7 % 13) << 12)));
    return result;
  };
  EXPECT_EQ(misses(1), misses(1));
  EXPECT_NE(misses(1), misses(2));
}

TEST(Sizes, OneEntryCoversTheSmallerOfBothBlocks) {
  MmuMachine m(only_l2());
  m.with_stage1();
  m.lower->map(0x4000'0000, 0x4000'0000, 2, 0);
  m.with_stage2();
  m.map_tables_in_stage2();
  m.stage2->map(0x4000'0000, 0x4000'0000, 2, s2::kPlain);
  EXPECT_FALSE(m.cached(load(0x4000'0000)));
  EXPECT_TRUE(m.cached(load(0x401F'FFF8)));
  m.lower->map(0x8000'0000, 0x8000'0000, 2, 0);
  m.map_tables_in_stage2();
  m.stage2->map(0x8000'0000, 0x8000'0000, 3, s2::kPlain);
  m.stage2->map(0x8000'1000, 0x8000'1000, 3, s2::kPlain);
  EXPECT_FALSE(m.cached(load(0x8000'0000)));
  EXPECT_TRUE(m.cached(load(0x8000'0FF8)));
  EXPECT_FALSE(m.cached(load(0x8000'1000)));
}

TEST(Statistics, CountWhatHappened) {
  mmu::Config config;
  config.l1d_entries = 1;
  config.l2_entries = 2;
  config.l2_ways = 1;  // two sets
  MmuMachine m(config);
  m.with_stage1();
  for (u64 page = 0; page < 4; ++page) m.lower->map(page << 12, page << 12, 3, s1::kNotGlobal);
  m.with_stage2();
  m.map_tables_in_stage2();
  for (u64 page = 0; page < 4; ++page) m.stage2->map(page << 12, page << 12, 3, s2::kPlain);
  m.go(load(0));
  m.go(load(8));
  m.set_vmid(2);
  m.go(load(0x2000));  // the same set of L2
  m.go(load(0x9000));  // a fault
  m.go(load(0x2000));
  const mmu::MmuStatistics statistics = m.mmu->statistics();
  EXPECT_EQ(statistics.l1d.lookups, 5u);
  EXPECT_EQ(statistics.l1d.hits, 2u);
  EXPECT_EQ(statistics.l1d.misses, 3u);
  EXPECT_EQ(statistics.l1d.insertions, 2u);
  EXPECT_EQ(statistics.l1d.evictions, 1u);
  EXPECT_EQ(statistics.l2.lookups, 3u);
  EXPECT_EQ(statistics.l2.hits, 0u);
  EXPECT_EQ(statistics.walks, 3u);
  EXPECT_EQ(statistics.walk_faults, 1u);
  const std::pair<mmu::Owner, mmu::Owner> key{{true, Vmid{1}}, {true, Vmid{2}}};
  ASSERT_EQ(statistics.l2.evictions_by.count(key), 1u);
  EXPECT_EQ(statistics.l2.evictions_by.at(key), 1u);
  m.mmu->invalidate(tlbi(vmsa::InvalidateScope::All));
  EXPECT_EQ(m.mmu->statistics().l2.invalidations, 1u);
  EXPECT_EQ(m.mmu->statistics().l2.entries_invalidated, 1u);
  m.mmu->clear_statistics();
  EXPECT_EQ(m.mmu->statistics().l1d.lookups, 0u);
  EXPECT_FALSE(m.cached(load(0x2000)));
}

TEST(Untagged, AnotherVmidDropsEl1And0EntriesOnly) {
  mmu::Config config = everything_on();
  config.vmid_tagging = false;
  MmuMachine m(config);
  m.with_stage1();
  m.lower->map(0x1000, 0x1000, 3, 0);
  m.with_stage2();
  m.map_tables_in_stage2();
  m.stage2->map(0x1000, 0x1000, 3, s2::kPlain);
  m.with_single(Regime::El2);
  m.hyp->map(0x1000, 0x9000'0000, 3, 0);
  const std::size_t cold = m.fetches(load(0x1000));
  EXPECT_FALSE(m.cached(in(Regime::El2, load(0x1000))));
  EXPECT_TRUE(m.cached(load(0x1000)));
  m.set_vmid(2);
  EXPECT_TRUE(m.cached(in(Regime::El2, load(0x1000))));  // sees the change, and keeps its own
  m.set_vmid(1);
  EXPECT_EQ(m.fetches(load(0x1000)), cold);
  EXPECT_EQ(m.mmu->statistics().vmid_flushes, 2u);
}

TEST(Fidelity, FunctionalWalksWithoutATrace) {
  MmuMachine m(everything_on());
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, 0);
  m.mmu->set_timed(false);
  EXPECT_TRUE(m.go(load(0x1000)).ok());
  EXPECT_TRUE(m.go(load(0x1000)).ok());
  EXPECT_EQ(m.memory.requests.size(), 8u);
  for (const auto& request : m.memory.requests) EXPECT_FALSE(request.timed);
  EXPECT_EQ(m.ledger.elapsed(), 0u);
  EXPECT_EQ(m.mmu->statistics().l1d.lookups, 0u);
  m.mmu->set_timed(true);
  EXPECT_FALSE(m.cached(load(0x1000)));
  EXPECT_TRUE(m.cached(load(0x1000)));
  const u64 elapsed = m.ledger.elapsed();
  const u64 lookups = m.mmu->statistics().l1d.lookups;
  EXPECT_TRUE(m.mmu->peek(load(0x1000), m.controls).ok());
  EXPECT_EQ(m.ledger.elapsed(), elapsed);
  EXPECT_EQ(m.mmu->statistics().l1d.lookups, lookups);
}

TEST(Fidelity, FlatAccessesCostNothing) {
  MmuMachine m;
  EXPECT_TRUE(m.go(load(0x1000)).ok());
  EXPECT_EQ(m.ledger.elapsed(), 0u);
  EXPECT_EQ(m.mmu->statistics().l1d.lookups, 0u);
}

TEST(Maintenance, AtWalksAndLeavesTheTlbsAlone) {
  MmuMachine m;
  m.with_stage1();
  m.lower->map(0x1000, 0x8000'0000, 3, 0);
  vmsa::Access at = load(0x1000);
  at.kind = vmsa::AccessKind::AddressTranslation;
  EXPECT_EQ(m.fetches(at), 4u);
  EXPECT_EQ(m.fetches(at), 4u);
  EXPECT_EQ(m.fetches(load(0x1000)), 4u);
  m.ledger.settle();
  EXPECT_EQ(m.ledger.walks().size(), 2u);
}

}  // namespace
}  // namespace tw
