// Traces: records written and read a second, and references a second of a miss curve of all sizes.
#include <benchmark/benchmark.h>

#include <cmath>
#include <filesystem>

#include "base/random.hpp"
#include "trace/reader.hpp"
#include "trace/writer.hpp"
#include "vmsa/tlb/stack_distances.hpp"

namespace tw {
namespace {

constexpr std::size_t kRecords = 1'000'000;

/// Fetches in runs; loads and stores that mostly stay near, sometimes go anywhere in 64 MB.
std::vector<trace::Record> program() {
  SplitMix64 random(1);
  std::vector<trace::Record> records(kRecords);
  u64 pc = 0x40'0000, data = 0x1000'0000;
  for (trace::Record& record : records) {
    if (random.below(3) != 0) {
      pc = random.below(10) == 0 ? 0x40'0000 + random.below(0x4'0000) * 4 : pc + 4;
      record.kind = trace::Kind::Fetch;
      record.va = Va{pc};
      record.size = 4;
    } else {
      if (random.below(4) == 0) data = 0x1000'0000 + random.below(0x400'0000);
      record.kind = random.below(3) == 0 ? trace::Kind::Write : trace::Kind::Read;
      record.va = Va{data += 8};
      record.size = 8;
    }
    record.ipa = Ipa{record.va.value + 0x4000'0000};
    record.pa = Pa{record.va.value + 0x1'0000'0000};
  }
  return records;
}

std::filesystem::path file() { return std::filesystem::temp_directory_path() / "trapwalk-trace-benchmark"; }

void write_all(const std::vector<trace::Record>& records) {
  trace::Writer writer(file(), {});
  for (const trace::Record& record : records) writer.write(record);
  writer.finish();
}

void write(benchmark::State& state) {
  const std::vector<trace::Record> records = program();
  for (auto _ : state) write_all(records);
  state.SetItemsProcessed(state.iterations() * std::ssize(records));
  state.counters["bytes a record"] = static_cast<double>(std::filesystem::file_size(file())) / kRecords;
  std::filesystem::remove(file());
}

void read(benchmark::State& state) {
  write_all(program());
  for (auto _ : state) {
    trace::Reader reader(file());
    while (!reader.next().empty()) {
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<i64>(kRecords));
  std::filesystem::remove(file());
}

void count(benchmark::State& state, const std::vector<u64>& pages) {
  std::vector<vmsa::StackDistances::Reference> references;
  for (const u64 page : pages) references.push_back({{}, page});
  for (auto _ : state) {
    vmsa::StackDistances distances({});
    distances.reference(references);
    benchmark::DoNotOptimize(distances.misses(1, 64));
  }
  state.SetItemsProcessed(state.iterations() * std::ssize(pages));
}

/// Every size and associativity up to 4096 entries.
void miss_curve_of_a_program(benchmark::State& state) {
  std::vector<u64> pages;
  for (const trace::Record& record : program()) pages.push_back(record.va.value >> 12);
  count(state, pages);
}

/// Nothing is near: `range(0)` pages in any order.
void miss_curve_at_random(benchmark::State& state) {
  SplitMix64 random(2);
  std::vector<u64> pages(kRecords);
  for (u64& page : pages) page = random.below(static_cast<u64>(state.range(0)));
  count(state, pages);
}

/// Page k is asked for as often as 1 / (k + 1) says.
void miss_curve_of_zipf(benchmark::State& state) {
  const auto most = static_cast<double>(state.range(0));
  SplitMix64 random(3);
  std::vector<u64> pages(kRecords);
  constexpr double kUnit = 0x1p-64;
  for (u64& page : pages) page = static_cast<u64>(std::pow(most, static_cast<double>(random.next()) * kUnit)) - 1;
  count(state, pages);
}

void miss_curve_of_a_loop(benchmark::State& state) {
  std::vector<u64> pages(kRecords);
  for (std::size_t n = 0; n < kRecords; ++n) pages[n] = n % static_cast<u64>(state.range(0));
  count(state, pages);
}

BENCHMARK(write);
BENCHMARK(read);
BENCHMARK(miss_curve_of_a_program);
BENCHMARK(miss_curve_at_random)->Arg(512)->Arg(8192);
BENCHMARK(miss_curve_of_zipf)->Arg(100'000);
BENCHMARK(miss_curve_of_a_loop)->Arg(4000);

}  // namespace
}  // namespace tw

BENCHMARK_MAIN();
