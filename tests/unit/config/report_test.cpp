// Reports from a fixed synthetic ledger: the golden page, JSON there and back, comparing, bad files.
// TW_REGENERATE=1 writes tests/golden/ anew (tests/golden/README.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>
#include <tuple>

#include "base/error.hpp"
#include "platforms/config/parameter_table.hpp"
#include "platforms/report/compare.hpp"
#include "platforms/report/events.hpp"
#include "platforms/report/file.hpp"
#include "platforms/report/format.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/text.hpp"

namespace tw::report {
namespace {

using cost::Cause;
using cost::Context;
using testing::HasSubstr;

constexpr Context kHyp{El::El2, false, Vmid{0}};
constexpr Context kernel(u16 vmid) { return {El::El1, true, Vmid{vmid}}; }
constexpr Context user(u16 vmid) { return {El::El0, true, Vmid{vmid}}; }

struct Knobs {
  u64 load = 4;
  bool tagged = true;
  std::string model = "cortex-a57";
};
constexpr ParameterRow<Knobs> kKnobs[] = {
    {"core.cost.load", &Knobs::load, "cycles", 0, 1000, Provenance::Trm, "TRM, 11.6"},
    {"core.model", &Knobs::model, "", 0, 0, Provenance::Choice, "TRM", "cortex-a57|cortex-a72"},
    {"mmu.vmid_tagging", &Knobs::tagged, "", 0, 1, Provenance::Placeholder, "a guess"},
};

void trap(cost::CoreLedger& ledger, Context from, cost::TrapReason reason, u8 exception_class, u64 work,
          u64 walks = 0) {
  ledger.exception_taken({from, El::El2, exception_class, reason}, kHyp);
  ledger.charge(Cause::ExceptionEntry, 72);
  ledger.charge(Cause::Integer, work);
  ledger.charge(Cause::ContextRegister, work / 4);
  ledger.retire(work + work / 16);
  for (u64 i = 0; i < walks; ++i) ledger.charge(Cause::Gic, 295);
  ledger.charge(Cause::ExceptionReturn, 65);
  ledger.exception_returned(kHyp, from);
}

void nested_walk(cost::CoreLedger& ledger, Context who) {
  cost::WalkRecord walk;
  walk.key = {cost::WalkRegime::El10, true, true, cost::WalkFor::Data, who};
  walk.va = Va{0xFFFF'0000'0040'0000};
  for (i8 level = 2; level <= 3; ++level) {
    walk.fetches.push_back({2, 2, level, cost::ServedBy::WalkCache, Pa{0x4800'0000}, 0x4800'1003, 1});
    walk.fetches.push_back({2, 3, level, cost::ServedBy::L2, Pa{0x4800'1008}, 0x4900'07FF, 18});
    walk.fetches.push_back({1, level, -1, cost::ServedBy::Memory, Pa{0x4900'0010}, 0x4900'1003, 120});
  }
  walk.fetches.push_back({2, 2, -1, cost::ServedBy::L1, Pa{0x4800'0008}, 0x4800'2003, 4});
  walk.fetches.push_back({2, 3, -1, cost::ServedBy::Memory, Pa{0x4800'2010}, 0x4A00'07FF, 120});
  for (const auto& fetch : walk.fetches) {
    ledger.charge(fetch.stage == 1 ? Cause::WalkStage1 : Cause::WalkStage2, fetch.cycles);
    walk.cycles += fetch.cycles;
  }
  ledger.walk(walk);
}

SmmuStream stream(u64 id, Owner owner, u64 hits, u64 walks) {
  SmmuStream s{.stream = id,
               .owner = owner,
               .translations = {{{"bypass", 0}, {"tbu", hits}, {"tlb", 0}, {"walk", walks}, {"fault", 1}}},
               .cycles = {{{"tbu", 2 * (hits + walks + 1)}, {"walk-stage-1", 300 * walks}, {"walk-stage-2", 0}}},
               .reads = hits,
               .writes = walks + 1,
               .fetches_stage1 = 3 * walks,
               .ste_fetches = 1};
  for (u64 i = 0; i < hits; ++i) s.latency.add(2);
  for (u64 i = 0; i < walks; ++i) s.latency.add(302);
  s.latency.add(2);
  return s;
}

Pl330 synthetic_pl330(u64 bursts) {
  Pl330 dmac;
  dmac.frequency_mhz = 500;
  dmac.threads = {{.name = "channel 0",
                   .starts = 3,
                   .instructions = 900,
                   .fetches = 12,
                   .reads = {bursts, 128 * bursts, 40 * bursts},
                   .writes = {bursts, 128 * bursts, 25 * bursts},
                   .faults = 1},
                  {.name = "channel 1"},
                  {.name = "manager", .instructions = 3, .fetches = 1}};
  return dmac;
}

Smmu synthetic_smmu(u64 walks) {
  Smmu smmu;
  smmu.frequency_mhz = 1000;
  smmu.streams = {stream(8, {}, 500, walks), stream(0x1'001F, {true, Vmid{3}}, 20, walks)};
  smmu.streams.push_back({.stream = 0x10, .substream = 5, .has_substream = true, .page_requests = 2});
  smmu.commands = {{"CMD_TLBI_NH_VA", 700, 2800}, {"CMD_SYNC", 30, 4000}};
  smmu.events = {{{"F_TRANSLATION", 2}}};
  smmu.events_lost = 1;
  smmu.sync_wait_cycles = 3500;
  smmu.structures.push_back(
      {"SMMU TLB", 1024, 4, 600, 500, 100, 100, 7, 700, 40, {{{true, Vmid{3}}, {false, Vmid{0}}, 7}}});
  const SmmuWho disk{.stream = 8}, guest{.stream = 0x1'001F, .owner = {true, Vmid{3}}};
  smmu.evictions = {{"TLB", guest, disk, 7}, {"TLB", disk, disk, 2}};
  return smmu;
}

Events synthetic_events(const cost::CoreEvents& log, const cost::EventRing<cost::InterruptEvent>& interrupts) {
  Events events = events_asked_for({.limit = 40});
  events.cores.push_back(take_core_events(log, 0, 500));
  take_interrupt_events(interrupts, events);
  events.dma_period_ps = 1000;
  events.dma_levels = {"bypass", "tbu", "tlb", "walk", "fault"};
  events.dma_sources = {{.stream = 8}, {.stream = 0x1'001F, .owner = {true, Vmid{3}}}};
  for (u64 i = 0; i < 6; ++i) {
    add_row(events.dma.inside, {"tbu", "walk-stage-1"}, {2, 100 * i}, i);
    events.dma.source.push_back(i % 2);
    events.dma.level.push_back(i == 0 ? 4 : 3);
    events.dma.write.push_back(i / 3);
    events.dma.begin.push_back(50'000 + 1000 * i);
    events.dma.cycles.push_back(2 + 100 * i);
  }
  return events;
}

Report synthetic(u64 load = 4, u64 exits = 1000) {
  cost::CoreLedger ledger(0);
  cost::CoreEvents log({.limit = 40, .sample_cycles = 20'000});
  ledger.record(&log);
  ledger.set_context(kHyp);
  ledger.charge(Cause::Integer, 50'000);
  ledger.retire(50'000);
  ledger.set_context(kernel(1));
  for (u64 i = 0; i < exits; ++i) {
    ledger.charge(Cause::Integer, 700);
    ledger.charge(Cause::Load, 100 * load);
    ledger.retire(800);
    trap(ledger, kernel(1), {"HVC", "#0"}, 0x16, 40 + i % 7);
    if (i % 10 == 0) trap(ledger, kernel(1), {"HCR_EL2.TVM", "write SCTLR_EL1"}, 0x18, 200);
    if (i % 50 == 0) trap(ledger, kernel(1), {"IRQ", ""}, cost::kAsynchronous, 400, 3);
    if (i % 20 == 0) nested_walk(ledger, kernel(1));
  }
  // A system call with a trap inside, and a guest that is switched out in the end.
  ledger.exception_returned(kernel(1), user(2));
  ledger.exception_taken({user(2), El::El1, 0x15, {"SVC", "#0"}}, kernel(2));
  ledger.charge(Cause::ExceptionEntry, 72);
  trap(ledger, kernel(2), {"stage-2 translation fault, level 3", "data write"}, 0x24, 900);
  ledger.charge(Cause::ExceptionReturn, 65);
  ledger.exception_returned(kernel(2), user(2));
  ledger.exception_taken({user(2), El::El2, 0x01, {"HCR_EL2.TWI", "WFI"}}, kHyp);
  ledger.charge(Cause::ExceptionEntry, 72);
  ledger.charge(Cause::Idle, 10'000);

  TlbStatistics l1{"L1 data",
                   32,
                   0,
                   500'000,
                   499'000,
                   1000,
                   1000,
                   900,
                   4,
                   60,
                   {{{true, Vmid{1}}, {true, Vmid{2}}, 850}, {{true, Vmid{2}}, {false, Vmid{0}}, 50}}};
  TlbStatistics l2{"L2", 1024, 4, 1000, 950, 50, 50, 0, 4, 48, {}};
  TlbStatistics off{"IPA cache", 0, 4, 0, 0, 0, 0, 0, 0, 0, {}};

  CacheStatistics l1d{"L1 data",
                      32 << 10,
                      2,
                      0,
                      {{{"accesses", 300'000}, {"misses", 9000}, {"write_backs", 2500}, {"prefetches", 0}}},
                      {{{true, Vmid{1}}, {false, Vmid{0}}, 4000}},
                      3};
  CacheStatistics system{"system cache", 4 << 20, 16, 30, {{{"accesses", 500}, {"misses", 100}, {"snoops", 7}}}, {}, 0};

  ledger.record(nullptr);
  Report report;
  report.run = {"virt", "timed", {"hypervisor.elf"}, "guest powered off (PSCI SYSTEM_OFF)", 0, ledger.elapsed() * 500};
  report.cores.push_back(take_core(ledger, "cortex-a57", 2000, {l1, l2, off}, {l1d}));
  report.cores.back().branches = {{kHyp, "conditional", 5000, 4000, 90, 0, 20},
                                  {kHyp, "return", 700, 700, 0, 3, 1},
                                  {kernel(1), "conditional", 90'000, 50'000, 1500, 0, 40}};
  report.shared_caches.push_back(system);

  cost::InterruptLedger interrupts;
  cost::EventRing<cost::InterruptEvent> told({.limit = 40});
  interrupts.record(&told);
  using enum cost::InterruptStation;
  for (u64 i = 0; i < 20; ++i) {
    const u64 at = i * 1'000'000;
    interrupts.at({27, 0, false, Vmid{0}}, Asserted, at);
    interrupts.at({27, 0, false, Vmid{0}}, Signalled, at + 5'000);
    interrupts.at({27, 0, false, Vmid{0}}, Acknowledged, at + 100'000 + i * 500);
    interrupts.at({27, 0, false, Vmid{0}}, PriorityDrop, at + 200'000);
    interrupts.at({27, 0, true, Vmid{1}}, Asserted, at + 180'000);
    interrupts.at({27, 0, true, Vmid{1}}, Acknowledged, at + 300'000);
    interrupts.at({27, 0, true, Vmid{1}}, Deactivated, at + 310'000);
  }
  interrupts.record(nullptr);
  report.interrupts = take_interrupts(interrupts);
  report.events.push_back(synthetic_events(log, told));
  report.links.push_back({"ram", 4000, 256'000, 1500, 500});
  report.links.push_back({"virtio", 0, 0, 0, 0});
  report.dram.push_back({.clock_mhz = 1200,
                         .elapsed_clocks = 100'000,
                         .bytes_per_clock = 16,
                         .reads = 3000,
                         .writes = 1000,
                         .bytes = 256'000,
                         .row_hits = 2500,
                         .row_closed = 500,
                         .row_conflicts = 1000,
                         .read_clocks = 200'000,
                         .queued_clocks = 70,
                         .refresh_clocks = 800,
                         .bus_clocks = 16'000});
  report.smmu.push_back(synthetic_smmu(exits / 10));
  report.pl330.push_back(synthetic_pl330(exits));
  report.unimplemented.push_back({0x4E208400, 0xFFFF'0000'0008'1234, 3});

  Knobs knobs;
  config::ParameterTable table;
  table.add(kKnobs, knobs);
  table.load_text("mmu.vmid_tagging = false", "flush.toml");
  if (load != 4) table.set("core.cost.load=" + std::to_string(load));
  report.configuration = table.parameters();
  return report;
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_golden(const std::string& text, const std::string& name) {
  const std::filesystem::path path = std::filesystem::path("tests/golden") / name;
  if (std::getenv("TW_REGENERATE")) write_atomically(path, text);
  EXPECT_EQ(text, contents(path)) << "regenerate with TW_REGENERATE=1 and give the reason in the commit";
}

struct Files : testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("tw-report-test-" + std::to_string(getpid()));
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
};

TEST(Report, GoldenPage) { expect_golden(to_text(synthetic()), "report.txt"); }
TEST(Report, GoldenComparison) {
  expect_golden(to_text(compare(synthetic(), synthetic(6, 800), "base", "slow")), "compare.txt");
}
TEST(Report, GoldenJson) { expect_golden(to_json(synthetic(4, 3)), "report.json"); }

TEST(Report, JsonThereAndBackIsTheSame) {
  const Report report = synthetic();
  const std::string json = to_json(report);
  const Report back = from_json(json, "x.json");
  EXPECT_EQ(back, report);
  EXPECT_EQ(to_json(back), json);
  EXPECT_EQ(to_text(back), to_text(report));
}

TEST(Report, TheSameRunGivesTheSameBytes) {
  EXPECT_EQ(to_json(synthetic()), to_json(synthetic()));
  EXPECT_EQ(to_text(synthetic()), to_text(synthetic()));
}

TEST(Report, EmptyReportIsAReport) {
  const Report empty;
  EXPECT_EQ(from_json(to_json(empty), "x"), empty);
  EXPECT_THAT(to_text(empty), HasSubstr("0 instructions"));
  EXPECT_FALSE(to_text(compare(empty, empty, "A", "B")).empty());
}

TEST(Report, ALossInTheLedgerIsShown) {
  Report report = synthetic();
  EXPECT_THAT(to_text(report), HasSubstr("sum over causes, difference 0"));
  report.cores[0].accounted -= 5;
  EXPECT_THAT(to_text(report), HasSubstr("NOT CONSERVED"));
  EXPECT_THAT(to_text(report), HasSubstr("difference 5"));
}

TEST(Report, AMachineWithoutAnSmmuSaysNothingOfOne) {
  Report report = synthetic();
  EXPECT_THAT(to_text(report), HasSubstr("SMMU: translations"));
  EXPECT_THAT(to_text(compare(report, report, "A", "B"), {.all = true}), HasSubstr("CMD_TLBI_NH_VA"));
  report.smmu.clear();
  EXPECT_THAT(to_text(report), testing::Not(HasSubstr("SMMU")));
  EXPECT_THAT(to_json(report), testing::Not(HasSubstr("smmu")));
  EXPECT_THAT(to_json(compare(report, report, "A", "B")), testing::Not(HasSubstr("smmu")));
  const std::string gone = to_text(compare(synthetic(), report, "A", "B"));
  EXPECT_THAT(gone, HasSubstr("0x8, no stage 2: translations")) << "only one has it";
}

TEST(Report, StretchesOfAPl330AreAddedByThread) {
  Pl330 dmac = synthetic_pl330(10);
  Pl330 more = synthetic_pl330(3);
  more.threads.push_back({.name = "channel 7", .faults = 2});
  merge(dmac, more);
  ASSERT_EQ(dmac.threads.size(), 4u);
  EXPECT_EQ(dmac.threads[0].starts, 6u);
  EXPECT_EQ(dmac.threads[0].reads.bytes, 128u * 13);
  EXPECT_EQ(dmac.threads[0].writes.cycles, 25u * 13);
  EXPECT_EQ(dmac.threads[2].instructions, 6u);
  EXPECT_EQ(dmac.threads[3].faults, 2u);
}

TEST(Report, AMachineWithoutAPl330SaysNothingOfOne) {
  Report report = synthetic();
  EXPECT_THAT(to_text(report), HasSubstr("DMA controller (PL330)"));
  EXPECT_THAT(to_text(report), testing::Not(HasSubstr("channel 1"))) << "that did nothing";
  const Report with = report;
  report.pl330.clear();
  EXPECT_THAT(to_text(report), testing::Not(HasSubstr("PL330")));
  EXPECT_THAT(to_json(report), testing::Not(HasSubstr("pl330")));
  EXPECT_THAT(to_json(compare(report, report, "A", "B")), testing::Not(HasSubstr("pl330")));
  EXPECT_THAT(to_text(compare(with, report, "A", "B")), HasSubstr("channel 0: bytes read")) << "only one has it";
}

TEST(Report, StretchesOfAnSmmuAreAdded) {
  Smmu smmu = synthetic_smmu(10), more = synthetic_smmu(3);
  more.streams.push_back(stream(1, {}, 1, 1));
  more.commands.push_back({"CMD_CFGI_STE", 1, 9});
  merge(smmu, more);
  ASSERT_EQ(smmu.streams.size(), 4u);
  EXPECT_EQ(smmu.streams[0].stream, 1u) << "by stream";
  EXPECT_EQ(smmu.streams[1].translations.of("walk"), 13u);
  EXPECT_EQ(smmu.streams[1].latency.count(), 2u * 501 + 13);
  EXPECT_EQ(smmu.streams[2].page_requests, 4u);
  EXPECT_EQ(smmu.commands[0].count, 1400u);
  EXPECT_EQ(smmu.commands[2].name, "CMD_CFGI_STE");
  EXPECT_EQ(smmu.events.of("F_TRANSLATION"), 4u);
  EXPECT_EQ(smmu.structures[0].evictions_by[0].count, 14u);
  ASSERT_EQ(smmu.evictions.size(), 2u);
  EXPECT_EQ(smmu.evictions[0].count, 14u);
}

Trap of_register(const std::string& control, const std::string& subject, u64 cycles) {
  Trap trap{kernel(1), El::El2, 0x18, control, subject, 1, 1, 0, 5, 0, 0, {}, {}, {}};
  trap.inside[static_cast<unsigned>(Cause::Integer)] = cycles;
  trap.cycles.add(cycles);
  return trap;
}

TEST(Report, RegistersOfOneControlShareARow) {
  std::vector<Trap> traps;
  for (const char* reg : {"A", "B", "C"}) {
    traps.push_back(of_register("HCR_EL2.TVM", std::string("write ") + reg, 10));
    traps.push_back(of_register("HCR_EL2.TVM", std::string("read ") + reg, 30));
    traps.push_back(of_register("HCR_EL2.TID2", std::string("read ") + reg, 50));
  }
  const std::vector<Trap> rows = folded(traps);
  ASSERT_EQ(rows.size(), 1u + 3u) << "three rows stay, six become one";
  EXPECT_EQ(reason(rows[0]), "HCR_EL2.TVM: 3 registers");
  EXPECT_EQ(rows[0].count, 6u);
  EXPECT_EQ(cost::total(rows[0].inside), 3u * 10 + 3u * 30);
  EXPECT_DOUBLE_EQ(rows[0].cycles.mean(), 20.0);
  Report report = synthetic();
  report.cores[0].traps = traps;
  EXPECT_THAT(to_text(report), testing::Not(HasSubstr("write A")));
  EXPECT_THAT(to_text(report, {.max_traps = 100, .fold = false}), HasSubstr("write A"));
  EXPECT_EQ(from_json(to_json(report), "x").cores[0].traps.size(), traps.size());
}

TEST(Report, FitsInto160Columns) {
  const auto check = [](const std::string& page) {
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(width(line), 160u) << line;
  };
  check(to_text(synthetic(40'000, 3000)));
  Report wide = synthetic();
  SmmuStream& busy = wide.smmu[0].streams[2];
  for (const char* part : {"tbu", "tbu-wait", "link", "port", "slot", "invalidation", "configuration", "tlb",
                           "walk-stage-1", "walk-stage-2"}) {
    busy.cycles.rows.push_back({part, 123'456'789'000});
  }
  for (const char* level : {"bypass", "tbu", "tlb", "walk", "fault"})
    busy.translations.rows.push_back({level, 12'345'678});
  busy.substream = 0xF'FFFF;
  busy.owner = {true, Vmid{65535}};
  busy.reads = busy.writes = busy.fetches_stage1 = busy.fetches_stage2 = busy.ste_fetches = busy.cd_fetches =
      123'456'789;
  busy.prefetches = busy.ats_requests = 123'456'789;
  check(to_text(wide));
  check(to_text(compare(synthetic(40'000, 3000), synthetic(6, 800), "hypervisor_tagged", "hypervisor_flush")));
}

TEST(Report, CoresAreMergedByKey) {
  Report report = synthetic();
  report.cores.push_back(report.cores[0]);
  report.cores[1].cpu = 1;
  const Core all = all_cores(report);
  EXPECT_EQ(all.accounted, 2 * report.cores[0].accounted);
  ASSERT_EQ(all.traps.size(), report.cores[0].traps.size());
  for (std::size_t i = 0; i < all.traps.size(); ++i) {
    EXPECT_EQ(all.traps[i].count, 2 * report.cores[0].traps[i].count);
    EXPECT_EQ(all.traps[i].cycles.quantile(0.5), report.cores[0].traps[i].cycles.quantile(0.5));
  }
  EXPECT_THAT(to_text(report), HasSubstr("cpu 1 conserved"));
}

/// Every fetch is in one place, of one core and of several: what was counted otherwise is their sum.
TEST(Report, LevelsOfWalksAreAllOfTheirFetches) {
  const Report one = synthetic();
  Report several = one;
  several.cores.push_back(synthetic(4, 100).cores.front());
  for (const Core& core : {one.cores.front(), all_cores(several)}) {
    ASSERT_FALSE(core.walks.empty());
    for (const Walk& walk : core.walks) {
      u64 count = 0, cycles = 0, final_stage2 = 0;
      for (const LevelFetches& place : walk.levels) {
        count += place.count;
        cycles += place.cycles;
        if (place.stage == 2 && place.for_stage1_level < 0) final_stage2 += place.cycles;
      }
      EXPECT_EQ(walk.levels.size(), 2u + 6u);  // nested_walk()
      EXPECT_EQ(count, walk.fetches.sum());
      EXPECT_EQ(count, std::accumulate(walk.served_by.begin(), walk.served_by.end(), u64{0}));
      EXPECT_EQ(cycles, walk.cycles.sum());
      EXPECT_EQ(final_stage2, walk.cycles_final_stage2);
    }
  }
  EXPECT_EQ(all_cores(several).walks.front().count, 50u + 5u);
}

TEST(Report, EveryCauseIsInOneGroupAndNothingIsLost) {
  cost::ByCause cycles{};
  for (unsigned i = 0; i < cost::kCauseCount; ++i) cycles[i] = u64{1} << i;
  u64 sum = 0;
  for (const u64 group : by_group(cycles)) sum += group;
  EXPECT_EQ(sum, cost::total(cycles));
}

TEST(Report, TextThatIsNotUtf8IsWritten) {
  Report report;
  report.run.images = {"\xff\xfe.bin"};
  EXPECT_NO_THROW(from_json(to_json(report), "x"));
}

TEST(ReportReading, EveryTruncationIsAUserError) {
  const std::string json = to_json(synthetic(4, 3));
  for (std::size_t length = 0; length + 2 < json.size(); length += 1 + length / 50) {
    EXPECT_THROW(from_json(json.substr(0, length), "cut.json"), UserError) << length;
  }
  try {
    from_json(json.substr(0, json.size() / 2), "cut.json");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith("cut.json:"));
    EXPECT_THAT(error.what(), HasSubstr("truncated"));
  }
}

TEST(ReportReading, NumbersAndDepthsBeyondAllBoundsAreUserErrors) {
  const std::string json = to_json(synthetic(1, 0));
  const std::string begin = json.substr(0, json.rfind('}'));
  const std::string deep(200'000, '[');
  const std::string end(200'000, ']');
  EXPECT_THROW(from_json(begin + ",\"study\": " + deep + end + "}", "deep.json"), UserError);
  EXPECT_THROW(from_json(begin + ",\"study\": 1e999}", "big.json"), UserError);
  const std::string text = "\"[[\\\"[\"";
  EXPECT_NO_THROW(from_json(begin + ",\"study\": [" + text + "]}", "text.json"));
}

std::string complaint_of(const std::string& json) {
  try {
    from_json(json, "bad.json");
  } catch (const UserError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ReportReading, SaysWhatIsWrongWhere) {
  std::string json = to_json(synthetic(4, 3));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = json;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return changed.replace(at, from.size(), to);
  };
  EXPECT_THAT(complaint_of("{}"), HasSubstr("\"schema\" is missing"));
  EXPECT_THAT(complaint_of("[]"), HasSubstr("an object is needed"));
  EXPECT_THAT(complaint_of(with("trapwalk-report/1", "trapwalk-report/9")),
              HasSubstr("this program reads \"trapwalk-report/1\""));
  EXPECT_THAT(complaint_of(with("\"elapsed\": ", "\"elapsed\": -")), HasSubstr("cores[0].elapsed: a whole number"));
  EXPECT_THAT(complaint_of(with("\"count\":", "\"coumt\":")), HasSubstr("\"count\" is missing"));
  EXPECT_THAT(complaint_of(with("\"exception-entry\"", "\"daydream\"")), HasSubstr("\"daydream\" is not known"));
  EXPECT_THAT(complaint_of(with("\"exception_class\": ", "\"exception_class\": 9")), HasSubstr("too large"));
  EXPECT_THAT(complaint_of("nonsense"), HasSubstr("bad.json:1:"));
}

TEST_F(Files, WrittenWholeOrNotAtAll) {
  const std::filesystem::path path = folder / "r.json";
  write(synthetic(4, 3), path);
  EXPECT_EQ(read_json(path), synthetic(4, 3));
  write(synthetic(4, 2), path);
  EXPECT_EQ(read_json(path), synthetic(4, 2));
  write(synthetic(4, 3), folder / "r.txt");
  EXPECT_EQ(contents(folder / "r.txt"), to_text(synthetic(4, 3)));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 2);  // no temporary file left
  EXPECT_THROW(write(Report{}, folder / "no" / "such" / "folder.json"), UserError);
  EXPECT_THROW(write(Report{}, folder), UserError);
  EXPECT_THROW(read_json(folder / "none.json"), UserError);
  EXPECT_THROW(read_json(folder), UserError);
}

TEST(Compare, LargestDifferenceFirstAndAsJson) {
  const Comparison c = compare(synthetic(), synthetic(6, 800), "base", "slow");
  for (const PairTable& table : c.tables) {
    if (table.key == "totals") continue;
    for (std::size_t i = 1; i < table.rows.size(); ++i) {
      EXPECT_GE(std::abs(table.rows[i - 1].difference()), std::abs(table.rows[i].difference())) << table.key;
    }
  }
  const std::string json = to_json(c);
  EXPECT_THAT(json, HasSubstr("\"schema\": \"trapwalk-comparison/1\""));
  EXPECT_THAT(json, HasSubstr("\"reason\": \"HCR_EL2.TVM: write SCTLR_EL1\""));
  EXPECT_THAT(json, HasSubstr("\"difference\": -115936")) << "of the cycles: 1,441,136 and 1,325,200";
}

/// nested_walk() has eight places; 50 walks and 40.
TEST(Compare, LevelsOfAllWalks) {
  const Comparison c = compare(synthetic(), synthetic(6, 800), "base", "slow");
  for (const auto& [key, a, b] :
       {std::tuple("walk_level_fetches", 50 * 8u, 40 * 8u), std::tuple("walk_level_cycles", 50 * 402u, 40 * 402u)}) {
    const auto table = std::find_if(c.tables.begin(), c.tables.end(), [&](const auto& t) { return t.key == key; });
    ASSERT_NE(table, c.tables.end());
    u64 sum_a = 0, sum_b = 0;
    for (const Pair& row : table->rows) {
      sum_a += row.a;
      sum_b += row.b;
    }
    EXPECT_EQ(table->rows.size(), 8u);
    EXPECT_EQ(sum_a, a) << key;
    EXPECT_EQ(sum_b, b) << key;
  }
  EXPECT_THAT(to_text(c), HasSubstr("stage 2, level 3, for the final IPA"));
  const Comparison one_sided = compare(synthetic(), Report(), "base", "none");
  EXPECT_THAT(to_text(one_sided), HasSubstr("stage 2, level 2, for stage 1, level 3"));
}

/// A file may say anything of a level.
TEST(Report, LevelsThatNoWalkHasAreNoTrouble) {
  Report report = synthetic();
  report.cores[0].walks[0].levels.push_back({2, 99, -7, 3, 4});
  report.cores[0].walks[0].levels.push_back({7, -99, 1'000'000, 3, 4});
  EXPECT_EQ(from_json(to_json(report), "report"), report);
  EXPECT_THAT(to_text(report), HasSubstr("Walks by level"));
  EXPECT_THAT(to_text(compare(report, report, "A", "B"), {.all = true}), HasSubstr("stage 2, level 99"));
}

TEST(Compare, ShowsOnlyWhatDiffersInTheConfiguration) {
  const std::string text = to_text(compare(synthetic(), synthetic(6), "base", "slow"));
  EXPECT_THAT(text, HasSubstr("core.cost.load"));
  EXPECT_THAT(text, testing::Not(HasSubstr("mmu.vmid_tagging")));
  EXPECT_THAT(to_text(compare(synthetic(), synthetic(), "A", "B")), HasSubstr("the same"));
}

TEST(ReportEvents, AreColumnsOfOneLine) {
  const Report report = synthetic();
  const std::string json = to_json(report);
  const std::size_t events = json.find("\n \"events\": ");
  ASSERT_NE(events, std::string::npos);
  EXPECT_EQ(json.find('\n', events + 1), json.size() - 3);  // then "}"
  EXPECT_EQ(from_json(json, "report"), report);
  Report without = report;
  without.events.clear();
  EXPECT_EQ(json.substr(0, events - 1) + "\n}\n", to_json(without));
  EXPECT_EQ(report.events[0].cores[0].traps.dropped, 1000u + 100 + 20 + 3 - 40);
}

void expect_refused(void (*spoil)(Events&), const std::string& message) {
  Report report = synthetic();
  spoil(report.events[0]);
  try {
    from_json(to_json(report), "run.json");
    ADD_FAILURE() << "read: " << message;
  } catch (const UserError& error) {
    EXPECT_THAT(error.what(), HasSubstr(message));
  }
}

TEST(ReportEvents, DamagedColumnsAreRefused) {
  expect_refused([](Events& e) { e.cores[0].traps.away.pop_back(); }, "events.cores[0].traps");
  expect_refused([](Events& e) { e.cores[0].traps.inside.columns[0].second.push_back(1); }, "not equally long");
  expect_refused([](Events& e) { e.cores[0].traps.key[3] = 99; }, "trap_keys");
  expect_refused([](Events& e) { e.cores[0].period_ps = 0; }, "period_ps");
  expect_refused([](Events& e) { e.cores[0].traps.away[2] = ~u64{0}; }, "more inside than its cycles");
  expect_refused([](Events& e) { ++e.cores[0].traps.inside.columns[1].second[0]; }, "more inside than its cycles");
  expect_refused([](Events& e) { e.cores[0].worlds.begin[0] = ~u64{0}; }, "a time that no run reaches");
  expect_refused([](Events& e) { e.dma.cycles[0] = ~u64{0} / 2; }, "a time that no run reaches");
  expect_refused([](Events& e) { e.interrupts.source[0] = 2; }, "interrupt_sources");
  expect_refused([](Events& e) { e.dma.level[0] = 5; }, "dma_levels");
  expect_refused([](Events& e) { e.dma.source[0] = 2; }, "dma_sources");
}

}  // namespace
}  // namespace tw::report
