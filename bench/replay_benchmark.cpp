// Translations a second of a replay, by where they are found.
#include <benchmark/benchmark.h>

#include "platforms/replay/replay.hpp"

namespace tw {
namespace {

/// Loads of `pages` in turn; the tables are both stages with pages of 4 KB.
void pages_in_turn(benchmark::State& state, u64 pages, bool shortcuts) {
  std::vector<trace::Record> records;
  for (u64 n = 0; n < 4 * pages; ++n) {
    trace::Record record;
    record.va = Va{0x40'0000 + n % pages * 4096 + n * 8 % 4096};
    record.size = 8;
    record.vmid = Vmid{1};
    records.push_back(record);
  }
  mmu::Config mmu;
  mmu.walk_cache_entries = mmu.walk_cache2_entries = mmu.ipa_entries = 64;
  // What callgrind can map too.
  replay::Replay replay({.memory = u64{8} << 30, .shortcuts = shortcuts}, mmu);
  for (auto _ : state) replay.access(records);
  const auto count = static_cast<double>(replay.counts().translations);
  state.SetItemsProcessed(static_cast<i64>(replay.counts().translations));
  state.counters["walks"] = static_cast<double>(replay.mmu().statistics().walks) / count;
  state.counters["fetches a walk"] = static_cast<double>(replay.mmu().statistics().descriptor_fetches) /
                                     static_cast<double>(replay.mmu().statistics().walks);
}

BENCHMARK_CAPTURE(pages_in_turn, l1_hits, 24, true);
BENCHMARK_CAPTURE(pages_in_turn, l1_hits_without_shortcuts, 24, false);
BENCHMARK_CAPTURE(pages_in_turn, l2_hits, 600, true);
BENCHMARK_CAPTURE(pages_in_turn, walks, 4000, true);

}  // namespace
}  // namespace tw

BENCHMARK_MAIN();
