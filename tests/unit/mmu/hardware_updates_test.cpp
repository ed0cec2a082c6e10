// FEAT_HAFDBS through the TLBs: an entry of a page that is writable but clean does not serve the first write.
#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;

class CleanPages : public testing::TestWithParam<mmu::Config> {
 protected:
  MmuMachine m{GetParam()};
  CleanPages() {
    m.controls.features.hafdbs = m.controls.features.dirty = true;
    m.with_stage1();
    m.lower->map(0x1000, 0x5000, 3, s1::kReadOnly | s1::kDbm);
    m.controls.el1.tcr |= u64{3} << 39;  // HA, HD
  }
  u64 stage1() { return m.memory.read(m.lower->slot(0x1000, 3)); }
};

TEST_P(CleanPages, TheFirstWriteWalksAndTheNextDoesNot) {
  EXPECT_TRUE(m.go(load(0x1000)).ok());
  EXPECT_FALSE(m.go(load(0x1000)).writable);
  EXPECT_EQ(stage1() >> 7 & 1, 1u);
  EXPECT_TRUE(m.go(store(0x1000)).writable);
  EXPECT_EQ(stage1() >> 7 & 1, 0u);
  EXPECT_EQ(m.memory.updates.size(), 1u);
  EXPECT_TRUE(m.go(load(0x1000)).writable);
  const bool has_tlb = GetParam().l1d_entries + GetParam().l2_entries != 0;
  EXPECT_EQ(m.cached(store(0x1000)), has_tlb);
  EXPECT_EQ(m.memory.updates.size(), 1u);
}

TEST_P(CleanPages, OfStage2) {
  m.with_stage2();
  m.controls.vtcr |= u64{3} << 21;
  m.map_tables_in_stage2();
  m.stage2->map(0x5000, 0x8000'0000, 3, s2::kNormal | s2::kRead | s2::kDbm);
  const auto stage2 = [this] { return m.memory.read(m.stage2->slot(0x5000, 3)) >> 7 & 1; };
  EXPECT_TRUE(m.go(load(0x1000)).ok());
  EXPECT_EQ(stage2(), 0u);
  EXPECT_TRUE(m.go(store(0x1000)).writable);
  EXPECT_EQ(stage2(), 1u);
  EXPECT_EQ(stage1() >> 7 & 1, 0u);
  EXPECT_EQ(m.memory.updates.size(), 2u);
  EXPECT_TRUE(m.go(atomic(0x1000)).ok());
  EXPECT_EQ(m.memory.updates.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(All, CleanPages,
                         testing::Values(only_l1(), only_l2(), only_l2(true), everything_on(), all_off()));

TEST(CleanPagesOfOneCore, FunctionalFidelityMarksToo) {
  MmuMachine m;
  m.mmu->set_timed(false);
  m.controls.features.hafdbs = true;
  m.with_stage1();
  m.lower->write_leaf(0x1000, 3, 0x5000 | 3);
  m.controls.el1.tcr |= u64{1} << 39;
  EXPECT_TRUE(m.mmu->peek(load(0x1000), m.controls).ok());
  EXPECT_TRUE(m.memory.updates.empty());
  EXPECT_TRUE(m.go(load(0x1000)).ok());
  EXPECT_EQ(m.memory.updates.size(), 1u);
}

TEST(CleanPagesOfOneCore, AreChargedToTheWalk) {
  MmuMachine m(all_off());
  m.controls.features.hafdbs = true;
  m.with_stage1();
  m.lower->write_leaf(0x1000, 3, 0x5000 | 3);
  m.controls.el1.tcr |= u64{1} << 39;
  const u64 before = m.ledger.elapsed();
  m.go(load(0x1000));
  EXPECT_EQ(m.ledger.elapsed() - before, 5 * m.memory.latency);
  m.go(load(0x1000));
  EXPECT_EQ(m.ledger.elapsed() - before, 9 * m.memory.latency);
}

}  // namespace
}  // namespace tw
