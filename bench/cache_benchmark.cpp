// What a look into the modelled caches costs the host: first-level hits, second-level hits, misses, with one core and
// with four.
#include <benchmark/benchmark.h>

#include "cache/hierarchy.hpp"

namespace tw {
namespace {

struct FlatMemory final : cache::MemoryPort {
  u64 read_line(const cache::LineTransfer&) override { return 100; }
  u64 write_line(const cache::LineTransfer&) override { return 50; }
  u64 uncached(unsigned, const cache::Request&) override { return 100; }
};

/// Goes round `bytes`, a line at a time.
void round_trip(benchmark::State& state, cache::Kind kind, u64 bytes, unsigned cores) {
  cache::Config config;
  config.enabled = true;
  FlatMemory memory;
  cache::Hierarchy caches(config, cores, memory);
  cost::Latency latency;
  u64 now = 0, address = 0, cycles = 0;
  for (auto _ : state) {
    latency.clear();
    caches.access(0, {.pa = Pa{address}, .now = now, .kind = kind}, latency);
    cycles += latency.total();
    now += 4 + latency.total();
    address = address + config.line == bytes ? 0 : address + config.line;
  }
  benchmark::DoNotOptimize(cycles);
  state.counters["misses"] = static_cast<double>(caches.statistics(cache::LevelId::L1d, 0)->misses);
}

BENCHMARK_CAPTURE(round_trip, load_l1_hit, cache::Kind::Load, 16 << 10, 1);
BENCHMARK_CAPTURE(round_trip, store_l1_hit, cache::Kind::Store, 16 << 10, 1);
BENCHMARK_CAPTURE(round_trip, fetch_l1_hit, cache::Kind::Fetch, 16 << 10, 1);
BENCHMARK_CAPTURE(round_trip, load_l2_hit, cache::Kind::Load, 256 << 10, 1);
BENCHMARK_CAPTURE(round_trip, store_l2_hit, cache::Kind::Store, 256 << 10, 1);
BENCHMARK_CAPTURE(round_trip, load_memory, cache::Kind::Load, 8 << 20, 1);
BENCHMARK_CAPTURE(round_trip, load_l2_hit_of_four_cores, cache::Kind::Load, 256 << 10, 4);

}  // namespace
}  // namespace tw

BENCHMARK_MAIN();
