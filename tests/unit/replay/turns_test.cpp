// Several traces as VMs: turns, switches, and what they do to each other.
#include <gtest/gtest.h>

#include <deque>

#include "platforms/replay/run.hpp"
#include "platforms/report/json.hpp"

namespace tw::replay {
namespace {

constexpr u64 kPages = 10, kQuantum = 100, kTurns = 5;

/// The same pages in turn.
std::vector<trace::Record> loop(u64 count, u64 pages = kPages) {
  std::vector<trace::Record> records;
  for (u64 n = 0; n < count; ++n) {
    trace::Record record;
    record.va = Va{0x40'0000 + n % pages * 4096};
    record.size = 8;
    records.push_back(record);
  }
  return records;
}

class Mix {
 public:
  void add(std::vector<trace::Record> records) {
    records_.push_back(std::move(records));
    sources_.emplace_back("trace " + std::to_string(sources_.size()), records_.back(),
                          trace::Contents{.ipa = false, .pa = false});
  }
  Outcome run(const Options& options = {}) {
    settings.replay.quantum = kQuantum;
    std::vector<Source*> all;
    for (MemorySource& source : sources_) all.push_back(&source);
    config::ParameterTable table;
    add_all(table, settings);
    return replay::run(settings, table.parameters(), all, options);
  }
  Settings settings;

 private:
  std::deque<std::vector<trace::Record>> records_;
  std::deque<MemorySource> sources_;
};

u64 walks_of(const Outcome& outcome, u16 vmid) {
  u64 walks = 0;
  for (const report::Walk& walk : outcome.report.cores.front().walks) {
    if (walk.key.context.vmid == Vmid{vmid}) walks += walk.count;
  }
  return walks;
}

TEST(Turns, TaggedKeepsWhatFlushLoses) {
  for (const bool flush : {false, true}) {
    Mix mix;
    mix.settings.replay.switch_policy = flush ? "flush" : "tagged";
    mix.add(loop(kQuantum * kTurns));
    mix.add(loop(kQuantum * kTurns));
    const Outcome outcome = mix.run();
    const Config& config = mix.settings.replay;
    EXPECT_EQ(outcome.counts.records, 2 * kQuantum * kTurns);
    for (const u16 vmid : {u16{1}, u16{2}}) EXPECT_EQ(walks_of(outcome, vmid), flush ? kPages * kTurns : kPages);
    EXPECT_EQ(outcome.traces[0].switches, kTurns - 1);
    EXPECT_EQ(outcome.traces[1].switches, kTurns);
    const report::Core& core = outcome.report.cores.front();
    ASSERT_EQ(core.traps.size(), 2u);
    EXPECT_EQ(core.traps[0].count + core.traps[1].count, 2 * kTurns - 1);
    const u64 walks = (flush ? kTurns : 1) * 2 * kPages;
    EXPECT_EQ(core.cycles(), outcome.counts.records * config.access_cycles +
                                 walks * (19 * config.descriptor_cycles + mix.settings.platform.mmu.l2_latency) +
                                 (2 * kTurns - 1) * (config.exit_entry + config.switch_cycles + config.exit_return));
    EXPECT_EQ(core.accounted, core.cycles());
  }
}

/// A VM that is away is told from one that runs: each finds that the other has taken its entries.
TEST(Turns, InterferenceIsByVm) {
  Mix mix;
  mix.settings.platform.mmu.l1d_entries = 4;
  mix.settings.platform.mmu.l2_entries = 16;
  mix.settings.platform.mmu.l2_ways = 16;
  mix.add(loop(kQuantum * kTurns));
  mix.add(loop(kQuantum * kTurns));
  const Outcome outcome = mix.run();
  const auto& tlbs = outcome.report.cores.front().tlbs;
  const auto l2 = std::ranges::find(tlbs, "L2", &report::TlbStatistics::name);
  // Ten pages each in sixteen entries by LRU: in its turn a VM needs ten, of which none is left, and pushes out the
  // oldest.
  EXPECT_EQ(l2->misses, 2 * kPages * kTurns);
  u64 by_other = 0;
  for (const report::Evictions& e : l2->evictions_by) by_other += e.victim == e.evictor ? 0 : e.count;
  EXPECT_EQ(by_other, l2->evictions - 6 * (2 * kTurns - 2)) << "six are the VM's own from the turn before the last";
  u64 refills = 0;
  for (const report::Trap& trap : outcome.report.cores.front().traps) refills += trap.indirect[0].count;
  EXPECT_GT(refills, 0u);
}

TEST(Turns, OwnVmidsMayBeTheSameVm) {
  Mix mix;
  mix.settings.replay.vmids = "own";
  mix.add(loop(kQuantum * kTurns));
  mix.add(loop(kQuantum * kTurns));
  const Outcome outcome = mix.run();
  EXPECT_EQ(walks_of(outcome, 0), kPages);
}

TEST(Turns, OfCycles) {
  Mix mix;
  mix.settings.replay.quantum_unit = "cycles";
  mix.settings.replay.paging = "native";
  mix.add(loop(kQuantum * kTurns, 1));
  mix.add(loop(kQuantum * kTurns, 1));
  const Outcome outcome = mix.run();
  const Config& config = mix.settings.replay;
  // The first turn's walk takes some of it.
  const u64 first = kQuantum - 4 * config.descriptor_cycles - mix.settings.platform.mmu.l2_latency;
  EXPECT_EQ(outcome.traces[1].switches, 1 + (kQuantum * kTurns - first + kQuantum - 1) / kQuantum);
}

TEST(Turns, AShortTraceEndsAndTheOtherGoesOnAlone) {
  Mix mix;
  mix.add(loop(kQuantum / 2));
  mix.add(loop(kQuantum * kTurns));
  const Outcome outcome = mix.run();
  EXPECT_EQ(outcome.traces[0].records, kQuantum / 2);
  EXPECT_EQ(outcome.traces[1].records, kQuantum * kTurns);
  EXPECT_EQ(outcome.traces[1].switches, 1u);
}

TEST(Turns, EqualRunsAreEqualToTheByte) {
  std::string texts[2];
  for (std::string& text : texts) {
    Mix mix;
    mix.settings.replay.paging = "shadow";
    for (unsigned n = 0; n < 3; ++n) mix.add(loop(1000, 100 + n));
    text = report::to_json(mix.run().report);
  }
  EXPECT_EQ(texts[0], texts[1]);
}

TEST(Turns, CanBeStopped) {
  Mix mix;
  mix.add(loop(1'000'000));
  u64 told = 0;
  const Outcome outcome = mix.run({.progress = [&](u64 records) {
    told = records;
    return records < 300'000;
  }});
  EXPECT_TRUE(outcome.cancelled);
  EXPECT_EQ(outcome.counts.records, told);
  EXPECT_LT(told, 400'000u);
  EXPECT_EQ(outcome.report.run.stopped, "cancelled");
}

TEST(Turns, NeedsATrace) {
  Settings settings;
  EXPECT_THROW(run(settings, {}, {}), UserError);
}

}  // namespace
}  // namespace tw::replay
