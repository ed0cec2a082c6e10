// Speed of what timed fidelity asks for each instruction and each branch.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "cpu/isa/encoding.hpp"
#include "cpu/pipeline/branch_predictor.hpp"
#include "cpu/pipeline/operands.hpp"

namespace {

using namespace tw;
using namespace tw::cpu;

/// Allocated members of all rows, in random order.
void time_of_instructions(benchmark::State& state) {
  std::mt19937 random(1);
  std::vector<std::pair<u32, const Encoding*>> instructions;
  for (const auto& group : a64_groups()) {
    for (const Encoding& row : group) {
      for (unsigned sample = 0; sample < 20; ++sample) {
        const u32 insn = row.pattern.value | (static_cast<u32>(random()) & ~row.pattern.mask);
        if (find_a64(insn) == &row) instructions.emplace_back(insn, &row);
      }
    }
  }
  std::ranges::shuffle(instructions, random);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(time_of(instructions[next].first, instructions[next].second));
    next = next + 1 == instructions.size() ? 0 : next + 1;
  }
}
BENCHMARK(time_of_instructions);

/// Nested loops with calls and a switch, and, unless it is regular, functions and branches that depend on data, so that
/// the host's own predictor is as much at a loss: 64 K branches.
std::vector<BranchInfo> program(bool regular) {
  std::mt19937 random(2);
  u64 calls = 0;
  std::vector<BranchInfo> branches;
  const u64 base = 0xFFFF'8000'1000'0000;
  const auto add = [&](u64 offset, u64 target, BranchKind kind, bool taken) {
    branches.push_back({base + offset, base + target, kind, taken});
  };
  while (branches.size() < 65536) {
    const u64 function = (regular ? calls++ % 4 : random() % 64) * 0x400;
    add(0x20, 0x10'0000 + function, BranchKind::Call, true);
    const unsigned iterations = 3 + static_cast<unsigned>(function >> 10) % 13;
    for (unsigned i = 0; i < iterations; ++i) {
      add(0x10'0040 + function, 0x10'0060 + function, BranchKind::Conditional, i % 3 == 0);
      add(0x10'0080 + function, 0x10'0090 + function, BranchKind::Conditional,
          regular ? i % 5 == 0 : random() % 8 == 0);
      if (i % 4 == 0) add(0x10'00A0 + function, 0x20'0000 + i * 64, BranchKind::Indirect, true);
      add(0x10'00C0 + function, 0x10'0010 + function, BranchKind::Conditional, i + 1 != iterations);
    }
    add(0x10'0100 + function, 0x24, BranchKind::Return, true);
    add(0x40, 0x10, BranchKind::Conditional, true);
  }
  return branches;
}

void predict(benchmark::State& state, const char* predictor, bool regular) {
  BranchConfig config;
  config.predictor = predictor;
  BranchPredictor unit(config);
  const std::vector<BranchInfo> branches = program(regular);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(unit.predict_and_train(branches[next]));
    next = next + 1 == branches.size() ? 0 : next + 1;
  }
  u64 wrong = 0, all = 0;
  for (const BranchCounts& counts : unit.totals()) {
    wrong += counts.mispredicted();
    all += counts.branches;
  }
  state.counters["mispredicted"] = static_cast<double>(wrong) / static_cast<double>(all);
}
BENCHMARK_CAPTURE(predict, perfect_regular, "perfect", true);
BENCHMARK_CAPTURE(predict, static_regular, "static", true);
BENCHMARK_CAPTURE(predict, bimodal_regular, "bimodal", true);
BENCHMARK_CAPTURE(predict, gshare_regular, "gshare", true);
BENCHMARK_CAPTURE(predict, tage_regular, "tage", true);
BENCHMARK_CAPTURE(predict, perfect_irregular, "perfect", false);
BENCHMARK_CAPTURE(predict, static_irregular, "static", false);
BENCHMARK_CAPTURE(predict, bimodal_irregular, "bimodal", false);
BENCHMARK_CAPTURE(predict, gshare_irregular, "gshare", false);
BENCHMARK_CAPTURE(predict, tage_irregular, "tage", false);

void change_context(benchmark::State& state) {
  BranchConfig config;
  config.tagging = "vmid";
  BranchPredictor unit(config);
  const BranchInfo branch{0x1000, 0x2000, BranchKind::Direct, true};
  u16 vmid = 0;
  for (auto _ : state) {
    unit.set_context({.guest = true, .vmid = vmid = (vmid + 1) & 7});
    benchmark::DoNotOptimize(unit.predict_and_train(branch));
  }
}
BENCHMARK(change_context);

}  // namespace

BENCHMARK_MAIN();
