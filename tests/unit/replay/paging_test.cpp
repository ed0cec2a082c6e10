// Paging methods on small traces: descriptor fetches and exits by closed formulas.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include "platforms/replay/replay.hpp"
#include "platforms/report/report.hpp"
#include "vmsa/walker.hpp"

namespace tw::replay {
namespace {

constexpr u64 kPage = 4096, k2M = u64{2} << 20;
constexpr u64 kPages = 100;  ///< in one table of the last level
constexpr u64 kBase = k2M * 5;
constexpr u64 kLevels = 4;

mmu::Config without_structures() {
  mmu::Config config;
  config.l1i_entries = config.l1d_entries = config.l2_entries = 0;
  return config;
}

trace::Record access(u64 page, trace::Kind kind = trace::Kind::Read, u16 asid = 1) {
  trace::Record record;
  record.va = Va{kBase + page * kPage};
  record.size = 8;
  record.vmid = Vmid{1};
  record.asid = Asid{asid};
  record.kind = kind;
  return record;
}

trace::Record tlbi(trace::Scope scope, u64 page = 0, u16 asid = 1) {
  trace::Record record = access(page, trace::Kind::Invalidate, asid);
  record.size = 0;
  record.el = El::El1;
  record.scope = scope;
  return record;
}

void all_pages(Replay& replay, trace::Kind kind = trace::Kind::Read) {
  for (u64 n = 0; n < kPages; ++n) replay.access(access(n, kind));
}

/// Exits by control and what it caught.
std::map<std::string, u64> exits(Replay& replay) {
  std::map<std::string, u64> counts;
  for (const auto& [key, summary] : replay.ledger().traps_so_far()) {
    EXPECT_EQ(summary.count, summary.returned);
    counts[std::string(key.reason.control) + ": " + std::string(key.reason.subject)] += summary.count;
  }
  return counts;
}
using Exits = std::map<std::string, u64>;

constexpr const char* kTableWrite = "table of the guest's, write-protected: data write";
constexpr const char* kFillForRead = "page not in the shadow: data read";
constexpr const char* kFillForWrite = "page not in the shadow: data write";
constexpr const char* kFirstWrite = "page clean in the shadow: data write";
constexpr const char* kUpdates = "HVC: table updates";

TEST(Paging, NestedAndNativeHaveNoExits) {
  for (const auto& [paging, fetches] : {std::pair<const char*, u64>{"nested", 19}, {"native", 4}}) {
    Replay replay({.paging = paging}, without_structures());
    all_pages(replay);
    replay.access(tlbi(trace::Scope::VmidStage1));
    replay.access(access(0, trace::Kind::Read, 2));
    EXPECT_EQ(exits(replay), Exits{});
    EXPECT_EQ(replay.mmu().statistics().descriptor_fetches, (kPages + 1) * fetches) << paging;
  }
}

/// The levels of stage 2 that are walked for each of stage 1 and for the final IPA: stage 2 of 40 bits begins at
/// level 1.
TEST(Paging, ReportSaysOfEachLevelHowOftenItWasFetched) {
  using Place = std::tuple<u64, i64, i64>;
  constexpr i64 kFinal = -1;
  for (const std::string paging : {"nested", "native", "stage2"}) {
    Replay replay({.paging = paging}, without_structures());
    all_pages(replay);
    std::map<Place, u64> expected;
    for (i64 level = 0; level < 4 && paging != "stage2"; ++level) expected[{1, level, kFinal}] = kPages;
    for (i64 level = 1; level < 4 && paging != "native"; ++level) {
      expected[{2, level, kFinal}] = kPages;
      for (i64 of = 0; of < 4 && paging == "nested"; ++of) expected[{2, level, of}] = kPages;
    }
    const report::Core core = report::take_core(replay.ledger(), "", 0);
    ASSERT_EQ(core.walks.size(), 1u);
    std::map<Place, u64> counts;
    u64 cycles = 0;
    for (const report::LevelFetches& fetches : core.walks[0].levels) {
      counts[{fetches.stage, fetches.level, fetches.for_stage1_level}] = fetches.count;
      cycles += fetches.cycles;
    }
    EXPECT_EQ(counts, expected) << paging;
    EXPECT_EQ(cycles, core.walks[0].cycles.sum()) << paging;
    EXPECT_EQ(core.walks[0].fetches_stage1, replay.tables().stage1_fetches()) << paging;
  }
}

/// A new page: the guest writes its descriptor, the access misses in the shadow, the shadow is filled, the access comes
/// again. Walks that end early: the first in the root, the others in the table of the last level.
TEST(Paging, ShadowExitsTwiceForANewPageAndThenWalksOneDimension) {
  const Config config{.paging = "shadow"};
  Replay replay(config, without_structures());
  all_pages(replay);
  u64 fetches = (1 + kLevels) + (kPages - 1) * 2 * kLevels;
  EXPECT_EQ(replay.mmu().statistics().descriptor_fetches, fetches);
  EXPECT_EQ(exits(replay), (Exits{{kTableWrite, kPages}, {kFillForRead, kPages}}));
  all_pages(replay);
  fetches += kPages * kLevels;
  EXPECT_EQ(replay.mmu().statistics().descriptor_fetches, fetches);
  EXPECT_EQ(exits(replay), (Exits{{kTableWrite, kPages}, {kFillForRead, kPages}}));
  const u64 any_exit = config.exit_entry + config.exit_software + config.exit_return;
  EXPECT_EQ(replay.ledger().elapsed(), fetches * config.descriptor_cycles + 2 * kPages * config.access_cycles +
                                           kPages * (2 * any_exit + config.write_cycles + config.fill_cycles));
  EXPECT_EQ(replay.counts().faults, 0u);
}

/// The host has small pages: of one block of the guest's, each part is missed on its own.
TEST(Paging, AShadowMapsNoMoreThanBothStagesDo) {
  Replay replay({.paging = "shadow", .leaf = k2M}, without_structures());
  all_pages(replay);
  EXPECT_EQ(exits(replay), (Exits{{kTableWrite, 1}, {kFillForRead, kPages}}));
  Replay blocks({.paging = "shadow", .leaf = k2M, .leaf2 = k2M}, without_structures());
  all_pages(blocks);
  EXPECT_EQ(exits(blocks), (Exits{{kTableWrite, 1}, {kFillForRead, 1}}));
  EXPECT_EQ(blocks.mmu().statistics().descriptor_fetches, 1 + kPages * 3);
}

TEST(Paging, ShadowWithHardwareDirtyExitsForTheFirstWrite) {
  Replay replay({.paging = "shadow", .hardware_dirty = true}, {});
  all_pages(replay);
  all_pages(replay, trace::Kind::Write);
  all_pages(replay, trace::Kind::Write);
  EXPECT_EQ(exits(replay), (Exits{{kTableWrite, kPages}, {kFillForRead, kPages}, {kFirstWrite, kPages}}));
  Replay written({.paging = "shadow", .hardware_dirty = true}, {});
  all_pages(written, trace::Kind::Write);
  all_pages(written);
  EXPECT_EQ(exits(written), (Exits{{kTableWrite, kPages}, {kFillForWrite, kPages}}));
  EXPECT_EQ(written.counts().faults, 0u);
}

TEST(Paging, DirectAsksOnceForANewPage) {
  const Config config{.paging = "direct"};
  Replay replay(config, without_structures());
  all_pages(replay);
  all_pages(replay);
  EXPECT_EQ(exits(replay), (Exits{{kUpdates, kPages}}));
  const u64 fetches = 2 * kPages * kLevels;
  EXPECT_EQ(replay.mmu().statistics().descriptor_fetches, fetches);
  const u64 any_exit = config.exit_entry + config.exit_software + config.exit_return;
  EXPECT_EQ(replay.ledger().elapsed(), fetches * config.descriptor_cycles + 2 * kPages * config.access_cycles +
                                           kPages * (any_exit + config.update_cycles));
}

/// 100 stores into tables that the trace tells of, all to one page: by one, by eights, and as the batch has room.
TEST(Paging, TableWritesOfTheTrace) {
  for (const u64 batch : {1, 8, 1000}) {
    Replay replay({.paging = "direct", .table_writes = "records", .hypercall_batch = batch}, {});
    for (u64 n = 0; n < kPages; ++n) replay.access(access(0, trace::Kind::TableWrite));
    replay.finish();
    EXPECT_EQ(exits(replay), (Exits{{kUpdates, (kPages + batch - 1) / batch}})) << batch;
    EXPECT_EQ(replay.counts().table_writes, kPages);
    EXPECT_EQ(replay.counts().translations, kPages);
  }
  Replay shadow({.paging = "shadow", .table_writes = "records"}, {});
  for (u64 n = 0; n < kPages; ++n) shadow.access(access(0, trace::Kind::TableWrite));
  EXPECT_EQ(exits(shadow), (Exits{{kTableWrite, kPages}, {kFillForWrite, 1}}));
  Replay nested({.table_writes = "records"}, {});
  for (u64 n = 0; n < kPages; ++n) nested.access(access(0, trace::Kind::TableWrite));
  EXPECT_EQ(exits(nested), Exits{});
}

TEST(Paging, ATlbiTakesUpdatesAlong) {
  Replay replay({.paging = "direct", .table_writes = "records"}, {});
  for (u64 n = 0; n < 3; ++n) replay.access(access(0, trace::Kind::TableWrite));
  replay.access(tlbi(trace::Scope::Va));
  replay.finish();
  EXPECT_EQ(exits(replay), (Exits{{"HVC: TLBI", 1}}));
}

TEST(Paging, TlbisEmptyTheTlbAndTheShadow) {
  for (const char* paging : {"native", "nested", "direct", "shadow"}) {
    const bool shadow = std::string(paging) == "shadow";
    Replay replay({.paging = paging, .table_writes = "records"}, {});
    for (u64 n = 0; n < 3; ++n) replay.access(access(n));
    const u64 walks = replay.mmu().statistics().walks;
    EXPECT_EQ(walks, shadow ? 6u : 3u);
    replay.access(tlbi(trace::Scope::Va, 1));
    for (u64 n = 0; n < 3; ++n) replay.access(access(n));
    EXPECT_EQ(replay.mmu().statistics().walks, walks + (shadow ? 2 : 1)) << paging;
    replay.access(tlbi(trace::Scope::Asid, 0, 2));
    replay.access(access(1));
    EXPECT_EQ(replay.mmu().statistics().walks, walks + (shadow ? 2 : 1)) << paging;
    replay.access(tlbi(trace::Scope::VmidStage1));
    for (u64 n = 0; n < 3; ++n) replay.access(access(n));
    EXPECT_EQ(replay.mmu().statistics().walks, walks + (shadow ? 2 : 1) + 3) << paging;
    EXPECT_EQ(replay.counts().invalidations, 3u);
    if (shadow) {
      EXPECT_EQ(exits(replay), (Exits{{"HCR_EL2.TTLB: TLBI", 3}, {kFillForRead, 4}}));
    }
    if (std::string(paging) == "direct") {
      EXPECT_EQ(exits(replay), (Exits{{"HVC: TLBI", 3}}));
    }
  }
}

/// Stage 2's concern a stage 2 alone; the host's touch no guest.
TEST(Paging, TlbisOfOthers) {
  trace::Record ipa = tlbi(trace::Scope::Ipa);
  ipa.el = El::El2;
  ipa.ipa = tables::GuestMemory::kBase;
  trace::Record host = tlbi(trace::Scope::All);
  host.el = El::El2;
  host.target = trace::Target(trace::Regime::El2, trace::Reach::Local);
  Replay shadow({.paging = "shadow"}, {});
  shadow.access(access(0));
  const u64 walks = shadow.mmu().statistics().walks;
  shadow.access(ipa);
  shadow.access(host);
  shadow.access(access(0));
  EXPECT_EQ(shadow.mmu().statistics().walks, walks);
  EXPECT_EQ(shadow.counts().invalidations, 1u);
}

TEST(Paging, AnotherAddressSpaceIsAnExit) {
  for (const auto& [paging, reason] : {std::pair<const char*, const char*>{"shadow", "HCR_EL2.TVM: write TTBR0_EL1"},
                                       {"direct", "HVC: TTBR0_EL1"},
                                       {"nested", ""}}) {
    Replay replay({.paging = paging}, {});
    for (u64 n = 0; n < 20; ++n) replay.access(access(0, trace::Kind::Read, static_cast<u16>(1 + n / 2 % 2)));
    EXPECT_EQ(exits(replay)[reason], *reason != 0 ? 9u : 0u) << paging;
  }
}

// ---- the trace's own mappings

vmsa::Translation where(Tables& tables, Space& space, u64 va) {
  vmsa::Access access;
  access.va = Va{va};
  access.privileged = false;
  return vmsa::Walker(tables).translate(access, space.controls).translation;
}

TEST(Mapping, OwnLeadsToWhereTheTraceHasIt) {
  for (const char* paging : {"native", "nested", "direct", "shadow"}) {
    Tables tables({.paging = paging, .mapping = "own"});
    Space& space = tables.space(true, Vmid{1}, Asid{1});
    const Place place{Ipa{0x4567'8123}, Pa{0x12'3456'7123}};
    for (const u64 va : {u64{0x40'0123}, u64{0xFFFF'8000'0000'0123}}) {
      EXPECT_TRUE(tables.map(space, va, &place).is_new);
      if (space.shadowed) {
        EXPECT_FALSE(where(tables, space, va).ok());
        EXPECT_TRUE(tables.fill(space, va, true));
      }
      EXPECT_EQ(where(tables, space, va).pa, place.pa) << paging;
      if (std::string(paging) == "nested") {
        EXPECT_EQ(where(tables, space, va).ipa, place.ipa);
      }
      const Place again{place.ipa + kPage, place.pa + 7 * kPage};
      EXPECT_TRUE(tables.map(space, va, &again).moved) << paging;
      if (space.shadowed) {
        EXPECT_TRUE(tables.fill(space, va, true));
      }
      EXPECT_EQ(where(tables, space, va).pa, again.pa) << paging;
    }
  }
  Tables stage2({.paging = "stage2", .mapping = "own"});
  Space& space = stage2.space(true, Vmid{1}, Asid{1});
  const Place place{Ipa{0x4567'8123}, Pa{0x12'3456'7123}};
  stage2.map(space, place.ipa.value, &place);
  EXPECT_EQ(where(stage2, space, place.ipa.value).pa, place.pa);
}

TEST(Mapping, APageThatMovesIsWalkedAgain) {
  for (const char* paging : {"native", "nested", "direct", "shadow"}) {
    Replay replay({.paging = paging, .mapping = "own"}, {});
    trace::Record record = access(0);
    record.ipa = Ipa{0x5000'0000};
    record.pa = Pa{0x6000'0000};
    for (unsigned n = 0; n < 5; ++n) replay.access(record);
    const u64 walks = replay.mmu().statistics().walks;
    record.ipa = record.ipa + kPage;
    record.pa = record.pa + kPage;
    for (unsigned n = 0; n < 5; ++n) replay.access(record);
    EXPECT_EQ(replay.mmu().statistics().walks, 2 * walks) << paging;
    EXPECT_EQ(replay.counts().moves, 1u);
    record.pa = record.pa + kPage;  // stage 2 alone has changed, where there is one
    for (unsigned n = 0; n < 5; ++n) replay.access(record);
    EXPECT_EQ(replay.mmu().statistics().walks, 3 * walks) << paging;
    EXPECT_EQ(replay.counts().moves, 2u);
    EXPECT_EQ(replay.counts().faults, 0u);
  }
}

TEST(Mapping, OwnNeedsTheTracesAddresses) {
  EXPECT_THROW(Replay({.mapping = "own"}, {}, {.ipa = false, .pa = true}), UserError);
  EXPECT_THROW(Replay({.paging = "native", .mapping = "own"}, {}, {.ipa = true, .pa = false}), UserError);
  EXPECT_NO_THROW(Replay({.paging = "native", .mapping = "own"}, {}, {.ipa = false, .pa = true}));
  EXPECT_THROW(Replay({.mapping = "own", .leaf2 = k2M}, {}), UserError);
  EXPECT_THROW(Replay({.paging = "shadow", .granule = 65536, .leaf = 65536}, {}), UserError);
}

}  // namespace
}  // namespace tw::replay
