// The reach of a fully associative LRU TLB: pages in turn all hit up to its size, and all miss beyond it; and with
// random pages a larger one never misses more (LRU has no Belady anomaly).
#include <gtest/gtest.h>

#include "support/translation_machine.hpp"
#include "support/waiting_mmu.hpp"

namespace tw {
namespace {

constexpr u64 kPage = 0x1000, kVa = 0x40'0000, kPa = 0x8000'0000;

struct Reach {
  explicit Reach(u64 l2_entries) : mmu(config_of(l2_entries), machine.memory, ledger) {
    machine.with_stage1({12, 39, 1});
    for (u64 page = 0; page < kPages; ++page) machine.lower->map(kVa + page * kPage, kPa + page * kPage, 3, 0);
  }
  static mmu::Config config_of(u64 l2_entries) {
    mmu::Config config;
    config.l1i_entries = config.l1d_entries = 0;
    config.l2_entries = config.l2_ways = l2_entries;
    return config;
  }
  void touch(u64 page) {
    EXPECT_TRUE(test::translate(mmu, ledger, test::load(kVa + page * kPage), machine.controls).ok());
  }
  u64 misses() const { return mmu.statistics().l2.misses; }

  static constexpr u64 kPages = 48;
  test::TranslationMachine machine;
  cost::CoreLedger ledger{0};
  mmu::Mmu mmu;
};

TEST(TlbReach, EndsAtTheNumberOfEntries) {
  for (const u64 entries : {u64{1}, u64{7}, u64{16}, u64{32}}) {
    for (const u64 pages : {entries - 1, entries, entries + 1}) {
      if (pages == 0) continue;
      SCOPED_TRACE(testing::Message() << entries << " entries, " << pages << " pages");
      Reach reach(entries);
      for (unsigned round = 0; round < 4; ++round) {
        for (u64 page = 0; page < pages; ++page) reach.touch(page);
      }
      EXPECT_EQ(reach.misses(), pages <= entries ? pages : 4 * pages);
    }
  }
}

TEST(TlbReach, NeverMissesMoreWithMoreEntries) {
  u64 before = ~u64{0}, first = 0;
  for (u64 entries = 1; entries <= Reach::kPages; ++entries) {
    Reach reach(entries);
    u64 random = 1;
    for (unsigned n = 0; n < 2'000; ++n) {
      random = random * 6364136223846793005 + 1442695040888963407;
      reach.touch((random >> 33) % Reach::kPages * ((random >> 60) % 4) / 3);  // small pages more often
    }
    EXPECT_LE(reach.misses(), before) << entries;
    before = reach.misses();
    if (entries == 1) first = before;
  }
  EXPECT_LE(before, Reach::kPages) << "each page once";
  EXPECT_GT(first, 10 * before);
}

}  // namespace
}  // namespace tw
