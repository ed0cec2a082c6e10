// The same random guest on differently built MMUs: the architecture must not notice, only the clock. TW_SEED sets the
// seed.
#include <cstdlib>
#include <random>

#include "unit/mmu/support.hpp"

namespace tw {
namespace {

using namespace test;
using vmsa::InvalidateScope;

u64 seed() {
  const char* text = std::getenv("TW_SEED");
  return text ? std::strtoull(text, nullptr, 0) : 4711;
}

std::string show(const vmsa::Translation& t) {
  std::string text;
  for (u64 value : {u64(t.fault.type), u64(t.fault.stage), u64(t.fault.level), u64(t.fault.s1ptw), u64(t.fault.write),
                    t.fault.va.value, t.fault.ipa.value}) {
    text += std::to_string(value) + " ";
  }
  if (!t.ok()) return text;
  for (u64 value : {t.pa.value, t.ipa.value, u64(t.page_bits), u64(t.secure), u64(t.readable), u64(t.writable),
                    u64(t.executable), u64(t.attributes.type), u64(t.attributes.mair), u64(t.attributes.shareability),
                    u64(t.attributes.inner_cacheable), u64(t.attributes.outer_cacheable)}) {
    text += std::to_string(value) + " ";
  }
  return text;
}

struct Outcome {
  std::vector<std::string> results;
  u64 elapsed = 0;
  u64 accounted = 0;
  mmu::MmuStatistics statistics;
};

struct Variant {
  bool functional = false;
  u16 vmid_of_guest[2] = {1, 2};
  bool identity_stage2 = true;
};

/// Two guests with their own tables, EL2, several ASIDs, maps that change with the TLBIs that the architecture asks
/// for.
Outcome run(const mmu::Config& config, const Variant& variant = {}) {
  std::mt19937_64 random(seed());
  MmuMachine m(config);
  m.mmu->set_timed(!variant.functional);
  struct Guest {
    std::unique_ptr<TableTree> lower, upper, stage2;
    vmsa::Controls controls;
  };
  Guest guests[2];
  constexpr u64 kPages = 24;
  const auto random_leaf = [&] {
    const u64 bits[] = {s1::kUserAccess, s1::kReadOnly, s1::kNotGlobal, s1::kUxn, s1::kPxn};
    u64 leaf = s1::index(static_cast<unsigned>(random() % 6)) | (random() % 4) << 8;
    for (u64 bit : bits) leaf |= (random() & 1) ? bit : 0;
    return leaf;
  };
  for (unsigned which = 0; which < 2; ++which) {
    m.with_stage1({which == 0 ? 12u : 16u, 48, which == 0 ? 0 : 1});
    for (u64 page = 0; page < kPages; ++page) {
      m.lower->map(page << 16, page << 16, 3, random_leaf());
      m.upper->map(~u64{0xFF'FFFF} | page << 16, page << 16, 3, random_leaf());
    }
    m.lower->map(u64{1} << 32, 0, 2, random_leaf());
    m.with_stage2({12, 40, 1}, variant.vmid_of_guest[which]);
    for (const TableTree* tree : {m.lower.get(), m.upper.get()}) {
      for (u64 table : tree->tables) {
        for (u64 page = 0; page < 0x10000; page += 0x1000) m.stage2->map(table + page, table + page, 3, s2::kPlain);
      }
    }
    for (u64 page = 0; page < kPages; ++page) {
      for (u64 part = 0; part < 16; part += 1 + random() % 3) {
        const u64 ipa = page << 16 | part << 12;
        u64 leaf = s2::kRead | u64{random() & 1} << 7 | s2::kNormal | ((random() % 4 == 0) ? s2::kXn : 0);
        if (random() % 8 == 0) leaf &= ~s2::kRead;
        m.stage2->map(ipa, variant.identity_stage2 ? ipa : ipa + u64(which + 1) * 0x1'0000'0000, 3, leaf);
      }
    }
    guests[which] = {std::move(m.lower), std::move(m.upper), std::move(m.stage2), m.controls};
    m.controls.el1.tcr = u64{5} << 32;
  }
  Outcome outcome;
  for (int step = 0; step < 6000; ++step) {
    const unsigned which = random() % 2;
    Guest& guest = guests[which];
    m.controls = guest.controls;
    const u16 vmid = variant.vmid_of_guest[which];
    const u16 asid = static_cast<u16>(random() % 3);
    m.set_asid(asid);
    const u64 page = random() % kPages;
    u64 va = page << 16 | (random() & 0xFFF8);
    const u64 kind = random() % 3;
    if (kind == 1) va |= ~u64{0xFF'FFFF};
    if (kind == 2) va |= u64{1} << 32;
    vmsa::Access access = load(va, random() & 1);
    const u64 what = random() % 4;
    if (what == 1) access = store(va, access.privileged);
    if (what == 2) access = fetch(va, access.privileged);
    if (what == 3) access = atomic(va, access.privileged);
    outcome.results.push_back(show(m.go(access)));
    if (random() % 64 == 0) {  // change a stage-1 page
      guest.lower->map(page << 16, (random() % kPages) << 16, 3, random_leaf());
      m.mmu->invalidate(tlbi(InvalidateScope::VaAllAsid, vmid, 0, page << 16));
    }
    if (random() % 64 == 0) {  // change a stage-2 page: IPAS2E1 and the VMALLE1 that it needs
      guest.stage2->write_leaf(page << 16, 3, (random() & 1) ? (page << 16 | s2::kPlain | kAccessFlag | 3) : 0);
      m.mmu->invalidate(tlbi(InvalidateScope::Ipa, vmid, 0, page << 16));
      m.mmu->invalidate(tlbi(InvalidateScope::VmidStage1, vmid));
    }
  }
  m.ledger.settle();
  outcome.elapsed = m.ledger.elapsed();
  outcome.accounted = m.ledger.accounted();
  outcome.statistics = m.mmu->statistics();
  return outcome;
}

TEST(Metamorphic, NoStructureChangesAnyResult) {
  SCOPED_TRACE(testing::Message() << "TW_SEED=" << seed());
  const Outcome off = run(all_off());
  u64 good = 0;
  for (const std::string& result : off.results) good += result.starts_with("0 ");
  EXPECT_GT(good, 500u);
  EXPECT_LT(good, off.results.size() - 500);
  EXPECT_EQ(off.elapsed, off.accounted);
  mmu::Config tiny = everything_on();
  tiny.l1i_entries = tiny.l1d_entries = 2;
  tiny.l2_entries = tiny.ipa_entries = tiny.walk_cache_entries = 8;
  tiny.l2_ways = 4;
  mmu::Config random_replacement = tiny;
  random_replacement.replacement = "random";
  mmu::Config untagged = everything_on();
  untagged.vmid_tagging = false;
  mmu::Config split = everything_on();
  split.split = true;
  mmu::Config split_without_ipa_tlb = only_l2(true);
  split_without_ipa_tlb.ipa_entries = 0;
  mmu::Config untagged_asids = everything_on();
  untagged_asids.asid_tagging = false;
  mmu::Config elaborate = tiny;
  elaborate.l1d_store_entries = 2;
  elaborate.l1_max_page_bits = 13;
  elaborate.l2_page_sizes = "skewed";
  elaborate.walk_cache2_entries = 8;
  elaborate.walk_cache_per_level = true;
  elaborate.ipa_policy = "plru";
  elaborate.walk_cache_policy = "fifo";
  elaborate.prefetch = "next-page";
  mmu::Config all_in_l2 = tiny;
  all_in_l2.l2_page_sizes = "split";
  all_in_l2.l2_policy = "plru";
  all_in_l2.walk_cache_in_l2 = all_in_l2.walk_cache2_in_l2 = all_in_l2.ipa_in_l2 = true;
  all_in_l2.prefetch = "next-page";
  mmu::Config rehash = only_l2(true);
  rehash.l2_page_sizes = "rehash";
  rehash.coalesce = false;
  rehash.prefetch = "next-page";
  for (const mmu::Config& config :
       {only_l1(), only_l2(), only_l2(true), everything_on(), tiny, random_replacement, untagged, split,
        split_without_ipa_tlb, untagged_asids, elaborate, all_in_l2, rehash}) {
    const Outcome outcome = run(config);
    ASSERT_EQ(outcome.results.size(), off.results.size());
    for (std::size_t at = 0; at < off.results.size(); ++at) ASSERT_EQ(outcome.results[at], off.results[at]) << at;
    EXPECT_LT(outcome.statistics.descriptor_fetches, off.statistics.descriptor_fetches);
    EXPECT_EQ(outcome.elapsed, outcome.accounted);
  }
}

TEST(Metamorphic, FunctionalFidelityHasTheSameResultsAndNoTime) {
  const Outcome timed = run(everything_on());
  Variant variant;
  variant.functional = true;
  const Outcome functional = run(everything_on(), variant);
  EXPECT_EQ(functional.results, timed.results);
  EXPECT_EQ(functional.elapsed, 0u);
}

TEST(Metamorphic, PermutingVmidsChangesNothing) {
  const Outcome one = run(everything_on());
  Variant variant;
  variant.vmid_of_guest[0] = 200;
  variant.vmid_of_guest[1] = 7;
  const Outcome other = run(everything_on(), variant);
  EXPECT_EQ(one.results, other.results);
  EXPECT_EQ(one.elapsed, other.elapsed);
  EXPECT_EQ(one.statistics.l1d.hits, other.statistics.l1d.hits);
  EXPECT_EQ(one.statistics.l2.evictions, other.statistics.l2.evictions);
  EXPECT_EQ(one.statistics.descriptor_fetches, other.statistics.descriptor_fetches);
}

TEST(Metamorphic, TheSameRunTwiceIsTheSame) {
  const Outcome one = run(everything_on()), two = run(everything_on());
  EXPECT_EQ(one.results, two.results);
  EXPECT_EQ(one.elapsed, two.elapsed);
}

TEST(Metamorphic, IdentityStage2IsNoneButForItsCost) {
  std::mt19937_64 random(seed());
  MmuMachine with, without;
  for (MmuMachine* m : {&with, &without}) {
    std::mt19937_64 leaves(seed());
    m->with_stage1();
    for (u64 page = 0; page < 64; ++page) {
      m->lower->map(page << 12, (leaves() % 0x10000) << 12, 3,
                    s1::index(static_cast<unsigned>(leaves() % 6)) | s1::kInnerShareable | (leaves() & 0xC0));
    }
  }
  with.with_stage2();
  for (u64 gigabyte = 0; gigabyte < 4; ++gigabyte) {
    with.stage2->map(gigabyte << 30, gigabyte << 30, 1, s2::kPlain);
  }
  for (int step = 0; step < 2000; ++step) {
    const u64 va = random() % (80 << 12);
    const bool privileged = random() & 1;
    const vmsa::Access access = random() & 1   ? load(va, privileged)
                                : random() & 1 ? store(va, privileged)
                                               : fetch(va, privileged);
    ASSERT_EQ(show(with.go(access)), show(without.go(access)));
  }
  EXPECT_GT(with.ledger.elapsed(), without.ledger.elapsed());
}

}  // namespace
}  // namespace tw
