// A hit through a handle and a hit through a look-up leave the same MMU behind.
#include <cstdlib>
#include <map>
#include <random>

#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::InvalidateScope;

u64 seed() {
  const char* text = std::getenv("TW_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 1848;
}

void build(MmuMachine& m) {
  std::mt19937_64 leaves(seed());
  m.with_stage1();
  for (u64 page = 0; page < 48; ++page) {
    m.lower->map(page << 12, 0x8000'0000 + (page << 12), 3, (leaves() & 1) ? s1::kNotGlobal : 0);
  }
  for (u64 block = 1; block < 4; ++block) m.lower->map(block << 21, 0x9000'0000 + (block << 21), 2, 0);
  m.with_stage2();
  m.map_tables_in_stage2();
  for (u64 page = 0; page < 48; ++page) {
    m.stage2->map(0x8000'0000 + (page << 12), 0x8000'0000 + (page << 12), 3, s2::kPlain);
  }
  for (u64 block = 1; block < 4; ++block) {
    m.stage2->map(0x9000'0000 + (block << 21), 0x9000'0000 + (block << 21), 2, s2::kPlain);
  }
}

/// What a core does that remembers its hits, by page, kind, VMID and ASID.
class Rememberer {
 public:
  explicit Rememberer(MmuMachine& m) : m_(m) {}
  void go(const vmsa::Access& access, u64 context) {
    vmsa::ResidenceHandle& handle = handles_[{access.va.value >> 12, static_cast<int>(access.kind), context}];
    if (handle.valid()) {
      handle.touch();
      ++remembered;
      return;
    }
    handle = m_.go(access).residence;
  }
  u64 remembered = 0;

 private:
  MmuMachine& m_;
  std::map<std::tuple<u64, int, u64>, vmsa::ResidenceHandle> handles_;
};

/// An access, and the handle that a second one gets: the first one's entry is on its way until the walk ends.
vmsa::Translation twice(MmuMachine& m, const vmsa::Access& access) {
  m.go(access);
  return m.go(access);
}

class Residence : public testing::TestWithParam<const char*> {};

TEST_P(Residence, TouchedOrLookedUpIsTheSame) {
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  mmu::Config config = everything_on();
  config.l1i_entries = 4;
  config.l1d_entries = 12;
  config.l2_entries = 32;
  config.replacement = GetParam();
  MmuMachine looks(config), remembers(config);
  build(looks);
  build(remembers);
  Rememberer core(remembers);
  std::mt19937_64 random(seed());
  u16 asid = 0, vmid = 1;
  for (int step = 0; step < 20000; ++step) {
    if (random() % 16 == 0) {
      asid = static_cast<u16>(random() % 2);
      vmid = static_cast<u16>(1 + random() % 2);
    }
    u64 va = (random() % 6) * (random() % 4) << 12 | (random() & 0xFF8);
    if (random() % 4 == 0) va = (1 + random() % 3) << 21 | (random() & 0x1F'FFF8);
    const vmsa::Access access = random() % 3 == 0 ? fetch(va) : load(va);
    for (MmuMachine* m : {&looks, &remembers}) {
      m->set_asid(asid);
      m->set_vmid(vmid);
    }
    looks.go(access);
    core.go(access, u64{vmid} << 16 | asid);
    const u64 what = random() % 256;
    if (what < 4) {
      const InvalidateScope scopes[] = {InvalidateScope::VaAsid, InvalidateScope::AsidAll, InvalidateScope::VmidAll,
                                        InvalidateScope::VaAllAsid};
      for (MmuMachine* m : {&looks, &remembers}) m->mmu->invalidate(tlbi(scopes[what], vmid, asid, va));
    }
    if (what == 4) {
      for (MmuMachine* m : {&looks, &remembers}) {
        m->mmu->set_timed(false);
        m->mmu->set_timed(true);
      }
    }
    if (what == 5) {  // who breaks before he makes would have said so first
      const u64 page = random() % 48, leaf = (random() & 1) ? s1::kNotGlobal : 0;
      for (MmuMachine* m : {&looks, &remembers}) m->lower->map(page << 12, 0x8000'0000 + (page << 12), 3, leaf);
    }
    ASSERT_EQ(looks.memory.requests.size(), remembers.memory.requests.size()) << step;
  }
  EXPECT_GT(core.remembered, 2000u);
  EXPECT_EQ(looks.mmu->statistics(), remembers.mmu->statistics());
  EXPECT_EQ(looks.mmu->events(), remembers.mmu->events());
  EXPECT_EQ(looks.ledger.elapsed(), remembers.ledger.elapsed());
}

INSTANTIATE_TEST_SUITE_P(Policies, Residence, testing::Values("lru", "fifo", "random"));

TEST(ResidenceOfOne, EndsWithItsEntry) {
  mmu::Config config = only_l1();
  config.l1d_entries = 1;
  MmuMachine m(config);
  build(m);
  const vmsa::ResidenceHandle first = twice(m, load(0x1000)).residence;
  EXPECT_TRUE(first.valid());
  EXPECT_TRUE(m.go(load(0x1008)).residence.valid());
  EXPECT_TRUE(first.valid());
  m.go(load(0x2000));
  EXPECT_FALSE(first.valid());
  const vmsa::ResidenceHandle again = twice(m, load(0x1000)).residence;
  EXPECT_TRUE(again.valid());
  m.mmu->invalidate(tlbi(InvalidateScope::All));
  EXPECT_FALSE(again.valid());
  const vmsa::ResidenceHandle last = twice(m, load(0x1000)).residence;
  EXPECT_TRUE(last.valid());
  m.mmu->set_timed(false);
  EXPECT_FALSE(last.valid());
  EXPECT_EQ(twice(m, load(0x1000)).residence.entry, nullptr);
}

TEST(ResidenceOfOne, IsNoneWhereNothingIsKept) {
  MmuMachine m(all_off());
  build(m);
  EXPECT_EQ(twice(m, load(0x1000)).residence.entry, nullptr);
  EXPECT_EQ(m.go(load(0xFFFF'0000)).residence.entry, nullptr);  // a fault
  mmu::Config untagged = everything_on();
  untagged.vmid_tagging = false;
  MmuMachine other(untagged);
  build(other);
  EXPECT_EQ(twice(other, load(0x1000)).residence.entry, nullptr);
}

TEST(ResidenceOfOne, LastsForEverWhereNoTlbIsNeeded) {
  MmuMachine m;
  const vmsa::ResidenceHandle flat = m.go(load(0x1000)).residence;
  ASSERT_TRUE(flat.valid());
  flat.touch();
  m.mmu->invalidate(tlbi(InvalidateScope::All));
  EXPECT_TRUE(flat.valid());
  EXPECT_EQ(m.mmu->statistics().l1d.lookups, 0u);
}

TEST(ResidenceOfOne, OfACleanPageEndsWithTheFirstWrite) {
  mmu::Config config = only_l1();
  MmuMachine m(config);
  m.controls.features.hafdbs = m.controls.features.dirty = true;
  m.with_stage1();
  m.controls.el1.tcr |= u64{3} << 39;  // HA, HD
  m.lower->map(0x1000, 0x8000'0000, 3, s1::kReadOnly | u64{1} << 51);
  const vmsa::Translation read = twice(m, load(0x1000));
  EXPECT_FALSE(read.writable);
  EXPECT_TRUE(read.residence.valid());
  const vmsa::Translation write = m.go(store(0x1000));
  EXPECT_TRUE(write.writable);
  EXPECT_FALSE(read.residence.valid());
  EXPECT_TRUE(m.go(store(0x1000)).residence.valid());
}

}  // namespace
}  // namespace tw
