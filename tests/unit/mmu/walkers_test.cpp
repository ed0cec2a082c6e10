// Time of walks: how many at a time, who waits for whose, who walks ahead; and of invalidations.
#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::InvalidateScope;

constexpr u64 kWalk = 40;  ///< four fetches of ten cycles

class Walkers : public testing::Test {
 protected:
  mmu::Config config = only_l1();
  std::unique_ptr<MmuMachine> m;

  void build() {
    m = std::make_unique<MmuMachine>(config);
    m->with_stage1();
    for (u64 page = 0; page < 64; ++page) m->lower->map(page << 12, 0x8000'0000 + (page << 12), 3, 0);
    ASSERT_EQ(m->memory.latency, 10u);
  }
  cost::Latency go(const vmsa::Access& access, u64 now) {
    cost::Latency latency;
    EXPECT_TRUE(m->mmu->translate(access, m->controls, now, latency).ok());
    return latency;
  }
  u64 at(const vmsa::Access& access, u64 now) { return go(access, now).total(); }
};

TEST_F(Walkers, OneServesOneAtATime) {
  build();
  EXPECT_EQ(at(load(0x0000), 1000), kWalk);
  EXPECT_EQ(at(load(0x1000), 1010), 30 + kWalk);
  const cost::Latency latency = go(load(0x2000), 1079);
  ASSERT_EQ(latency.parts().size(), 2u);
  EXPECT_EQ(latency.parts()[0].cause, cost::Cause::TlbLookup);
  EXPECT_EQ(latency.parts()[0].cycles, 1u);
  EXPECT_EQ(latency.parts()[1].cycles, kWalk);
  EXPECT_EQ(at(load(0x3000), 1120), kWalk);
  EXPECT_EQ(at(load(0x4000), 500), kWalk);  // late in the host's order, before the others in time
}

TEST_F(Walkers, SeveralServeSeveral) {
  config.walkers = 2;
  build();
  EXPECT_EQ(at(load(0x0000), 1000), kWalk);
  EXPECT_EQ(at(load(0x1000), 1000), kWalk);
  EXPECT_EQ(at(load(0x2000), 1000), 2 * kWalk);
  EXPECT_EQ(at(load(0x3000), 1039), 1 + kWalk);
}

TEST_F(Walkers, WithoutALimit) {
  config.walkers = 0;
  build();
  for (u64 page = 0; page < 9; ++page) EXPECT_EQ(at(load(page << 12), 1000), kWalk);
}

TEST_F(Walkers, AWalkUnderWayIsWaitedFor) {
  build();
  EXPECT_EQ(at(load(0x0000), 1000), kWalk);
  const std::size_t fetches = m->memory.requests.size();
  const cost::Latency rest = go(load(0x0008), 1015);
  EXPECT_EQ(rest.total(), kWalk - 15);
  EXPECT_EQ(rest.parts()[0].cause, cost::Cause::WalkStage1);
  EXPECT_EQ(at(load(0x0010), 1039), 1u);
  EXPECT_EQ(at(load(0x0010), 1040), 0u);
  EXPECT_EQ(m->memory.requests.size(), fetches);
}

TEST_F(Walkers, AWalkUnderWayIsWaitedForInTheSecondLevel) {
  config = mmu::Config{};
  build();
  EXPECT_EQ(at(load(0x0000), 1000), 5 + kWalk);
  EXPECT_EQ(at(fetch(0x0000), 1010), 35u);  // its own lookup of five is part of the time that it would wait
  EXPECT_EQ(at(fetch(0x0000), 1044), 1u);
  EXPECT_EQ(at(fetch(0x0000), 1045), 0u);
}

TEST_F(Walkers, WhoComesEarlierInTimeTakesTheWalkOver) {
  build();
  EXPECT_EQ(at(load(0x0000), 1000), kWalk);
  EXPECT_EQ(at(load(0x0000), 900), kWalk);
  EXPECT_EQ(at(load(0x0000), 939), 1u);
  EXPECT_EQ(at(load(0x0000), 940), 0u);
}

TEST_F(Walkers, WithoutCoalescingEachWalks) {
  config.coalesce = false;
  config.walkers = 2;
  build();
  EXPECT_EQ(at(load(0x0000), 1000), kWalk);
  EXPECT_EQ(at(load(0x0008), 1015), kWalk);
  EXPECT_EQ(m->memory.requests.size(), 8u);
  EXPECT_EQ(at(load(0x0008), 1055), 0u);
}

TEST_F(Walkers, HandlesAreGivenWhenTheEntryIsThere) {
  build();
  cost::Latency latency;
  EXPECT_EQ(m->mmu->translate(load(0), m->controls, 1000, latency).residence.entry, nullptr);
  latency.clear();
  EXPECT_EQ(m->mmu->translate(load(0), m->controls, 1039, latency).residence.entry, nullptr);
  latency.clear();
  EXPECT_TRUE(m->mmu->translate(load(0), m->controls, 1040, latency).residence.valid());
}

TEST_F(Walkers, AnEntryThatHadAHandleIsThereForAll) {
  build();
  cost::Latency latency;
  at(load(0), 1000);
  EXPECT_TRUE(m->mmu->translate(load(0), m->controls, 1050, latency).residence.valid());
  EXPECT_EQ(at(load(0), 1020), 0u);
}

class Prefetch : public Walkers {
 protected:
  void SetUp() override {
    config = only_l2();
    config.prefetch = "next-page";
  }
};

TEST_F(Prefetch, FillsTheSecondLevelBehindTheWalk) {
  build();
  EXPECT_EQ(at(load(0x0000), 1000), 5 + kWalk);
  EXPECT_EQ(m->mmu->statistics().prefetches, 1u);
  EXPECT_EQ(m->mmu->statistics().walks, 1u);
  EXPECT_EQ(at(load(0x1000), 1060), 1045 + kWalk - 1060);  // it is on its way
  EXPECT_EQ(m->memory.requests.size(), 8u);
  EXPECT_EQ(at(load(0x1000), 2000), 5u);
  EXPECT_EQ(at(load(0x2000), 2000), 5 + kWalk);  // a hit brings nothing
}

TEST_F(Prefetch, KeepsAWalkerBusyAndIsFiledAsWhatItIs) {
  build();
  at(load(0x0000), 1000);
  EXPECT_EQ(at(load(0x8000), 1045), 5 + (1085 - 1050) + kWalk);
  m->ledger.settle();
  u64 prefetches = 0, demands = 0;
  for (const auto& [key, walks] : m->ledger.walks()) {
    (key.purpose == cost::WalkFor::Prefetch ? prefetches : demands) += walks.count;
  }
  EXPECT_EQ(prefetches, 2u);
  EXPECT_EQ(demands, 2u);
}

TEST_F(Prefetch, LeavesMarksInMemoryToAccesses) {
  build();
  m->controls.features.hafdbs = true;
  m->controls.el1.tcr |= u64{1} << 39;  // HA
  at(load(0x0000), 1000);
  EXPECT_EQ(m->mmu->statistics().prefetches, 0u);
}

TEST_F(Prefetch, StaysInItsHalfOfTheAddressSpace) {
  build();
  m->lower->map(0xFFFF'FFFF'F000, 0x8000'0000, 3, 0);
  at(load(0xFFFF'FFFF'F000), 1000);
  EXPECT_EQ(m->mmu->statistics().prefetches, 0u);
}

TEST_F(Walkers, InvalidationsTakeTheirTimeByReach) {
  config = mmu::Config{};  // 256 sets
  config.tlbi_issue = 3;
  config.tlbi_by_address = 8;
  config.tlbi_by_set = 1;
  config.tlbi_all = 20;
  build();
  EXPECT_EQ(m->mmu->invalidate(tlbi(InvalidateScope::VaAsid), 1000), 1011u);
  EXPECT_EQ(m->mmu->invalidate(tlbi(InvalidateScope::Ipa), 1000), 1019u);  // behind the other
  EXPECT_EQ(m->mmu->invalidate(tlbi(InvalidateScope::AsidAll), 2000), 2259u);
  EXPECT_EQ(m->mmu->invalidate(tlbi(InvalidateScope::VmidStage1), 3000), 3259u);
  EXPECT_EQ(m->mmu->invalidate(tlbi(InvalidateScope::All), 4000), 4023u);
  EXPECT_EQ(m->mmu->invalidate(tlbi(InvalidateScope::VaAsid), 1100), 1111u);  // in a gap
}

TEST_F(Walkers, AnothersInvalidationKeepsAWalkerBusy) {
  config.tlbi_by_address = 8;
  config.tlbi_remote = 15;
  build();
  EXPECT_EQ(m->mmu->invalidate_for_another(tlbi(InvalidateScope::VaAsid), 1000), 1008u);
  EXPECT_EQ(at(load(0), 1000), 15 + kWalk);
  EXPECT_FALSE(m->cached(load(0x1000)));
  EXPECT_TRUE(m->cached(load(0x1000)));
  m->mmu->invalidate_for_another(tlbi(InvalidateScope::All), 5000);
  EXPECT_FALSE(m->cached(load(0x1000)));
}

}  // namespace
}  // namespace tw
