// A translation of the SMMU alone, by where it is found; under both stages, pages of 4 KB, with time and ledger.
#include <benchmark/benchmark.h>

#include "unit/smmu/machine.hpp"

namespace tw {
namespace {

/// `pages` of each of `streams` streams in turn.
void pages_in_turn(benchmark::State& state, u64 pages, u32 streams) {
  test::SmmuMachine machine;
  for (u32 stream = 0; stream < streams; ++stream) machine.nested_pages(pages, stream, static_cast<u16>(stream + 1));
  const u64 bytes = pages << 12;
  u64 now = 1000, at = 0;
  u32 stream = 0;
  for (auto _ : state) {
    const smmu::Response response = machine.smmu->translate(0, test::dma(test::SmmuMachine::kBase + at, stream), now);
    benchmark::DoNotOptimize(response.pa.value);
    now += response.cycles;
    if (++stream == streams) {
      stream = 0;
      at = at + 4096 == bytes ? 0 : at + 4096;
      if (at == 0) machine.streams.memory.words.requests.clear();
    }
  }
  state.SetItemsProcessed(static_cast<i64>(state.iterations()));
  u64 fetches = 0, walks = 0;
  for (const auto& [key, summary] : machine.smmu->statistics().streams) {
    fetches += summary.fetches_stage1 + summary.fetches_stage2;
    walks += summary.translations[static_cast<unsigned>(smmu::HitLevel::Walk)];
  }
  state.counters["fetches/walk"] = walks == 0 ? 0 : static_cast<double>(fetches) / static_cast<double>(walks);
  state.counters["walks"] = static_cast<double>(walks);
}

/// A page that is walked for, invalidated by its address, and a CMD_SYNC, with full structures.
void strict_invalidation(benchmark::State& state, unsigned tbus) {
  constexpr u64 kPages = 4000;
  test::SmmuMachine machine({}, tbus);
  machine.nested_pages(kPages);
  u64 now = 1000, page = 0;
  const auto go = [&](unsigned tbu) {
    now += machine.smmu->translate(tbu, test::dma(test::SmmuMachine::kBase + (page << 12)), now).cycles;
    page = page + 1 == kPages ? 0 : page + 1;
  };
  for (unsigned tbu = 0; tbu < tbus; ++tbu) {
    for (u64 n = 0; n < kPages; ++n) go(tbu);
  }
  for (auto _ : state) {
    const u64 address = test::SmmuMachine::kBase + (page << 12);
    go(0);
    machine.ring(test::tlbi_nh_va(1, 1, address), now);
    machine.ring(test::sync(), now);
    machine.run();
    now = std::max(now, machine.signals.time);
    machine.streams.memory.words.requests.clear();
    machine.streams.memory.reads.clear();
  }
  state.SetItemsProcessed(static_cast<i64>(state.iterations()));
}

BENCHMARK_CAPTURE(pages_in_turn, tbu_hit, 24, 1);
BENCHMARK_CAPTURE(pages_in_turn, tbu_hit_of_8_streams, 8, 8);
BENCHMARK_CAPTURE(pages_in_turn, tbu_miss_tcu_hit, 600, 1);
BENCHMARK_CAPTURE(pages_in_turn, nested_walk, 4000, 1);
BENCHMARK_CAPTURE(strict_invalidation, of_1_tbu, 1);
BENCHMARK_CAPTURE(strict_invalidation, of_32_tbus, 32);

}  // namespace
}  // namespace tw

BENCHMARK_MAIN();
