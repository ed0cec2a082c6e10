// A translation of the MMU alone, by where it is found; under stage 1 and stage 2, pages of three sizes.
#include <benchmark/benchmark.h>

#include <vector>

#include "cost/ledger.hpp"
#include "mmu/mmu.hpp"
#include "support/translation_machine.hpp"

namespace tw {
namespace {

/// `pages` of 4 KB used in turn, beside blocks of 2 MB and 1 GB that keep their sizes in every structure.
void pages_in_turn(benchmark::State& state, u64 pages, bool by_handle) {
  test::TranslationMachine machine;
  machine.with_stage1();
  machine.with_stage2();
  for (u64 page = 0; page < pages; ++page) machine.lower->map(page << 12, 0x8000'0000 + (page << 12), 3, 0);
  machine.lower->map(0x4000'0000, 0x4000'0000, 1, 0);
  machine.lower->map(0x8000'0000, 0x8000'0000, 2, 0);
  for (u64 gigabyte = 0; gigabyte < 64; ++gigabyte) {
    machine.stage2->map(gigabyte << 30, gigabyte << 30, 1, test::s2::kPlain);
  }
  cost::CoreLedger ledger(0);
  mmu::Config config;
  config.l2_entries = 1280;
  config.l2_ways = 5;
  mmu::Mmu mmu(config, machine.memory, ledger);
  u64 now = 0, at = 0;
  std::vector<vmsa::ResidenceHandle> handles(pages);
  const auto go = [&](u64 va) {
    cost::Latency latency;
    const vmsa::Translation result = mmu.translate(test::load(va), machine.controls, now, latency);
    now += latency.total() + 1;
    return result;
  };
  for (auto _ : state) {
    if ((at & 0x3FFF) == 0) {  // the blocks stay
      machine.memory.requests.clear();
      go(0x4000'0000);
      go(0x8000'0000);
    }
    const u64 page = at++ % pages;
    if (by_handle && handles[page].valid()) {
      handles[page].touch();
    } else {
      const vmsa::Translation result = go(page << 12 | 8);
      benchmark::DoNotOptimize(result.pa.value);
      handles[page] = result.residence;
    }
  }
  state.counters["l1 hits"] = static_cast<double>(mmu.statistics().l1d.hits);
  state.counters["l2 hits"] = static_cast<double>(mmu.statistics().l2.hits);
}

BENCHMARK_CAPTURE(pages_in_turn, l1_by_handle, 24, true);
BENCHMARK_CAPTURE(pages_in_turn, l1_hit, 24, false);
BENCHMARK_CAPTURE(pages_in_turn, l1_miss_l2_hit, 600, false);
BENCHMARK_CAPTURE(pages_in_turn, walk, 4000, false);

}  // namespace
}  // namespace tw

BENCHMARK_MAIN();
