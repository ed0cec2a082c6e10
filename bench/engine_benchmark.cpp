// The run loop alone, without SystemC: a loop of integer code with loads and stores, in both fidelities.
// The whole-program figure beside QEMU's is bench/run.sh's.
#include <benchmark/benchmark.h>

#include "support/cpu_rig.hpp"

namespace tw {
namespace {

void load_store_loop(benchmark::State& state, cpu::Fidelity fidelity, bool shortcuts) {
  test::CpuRig rig;
  rig.core.set_fidelity(fidelity);
  rig.core.set_host_shortcuts(shortcuts);
  // The data wander through the first 16 KB of memory; the code lies elsewhere.
  rig.program(
      {
          0xF9400443,  // ldr  x3, [x2, #8]
          0x8B030000,  // add  x0, x0, x3
          0xCA030004,  // eor  x4, x0, x3
          0xF9000840,  // str  x0, [x2, #16]
          0x93C40C86,  // ror  x6, x4, #3
          0xB8404445,  // ldr  w5, [x2], #4
          0x92403442,  // and  x2, x2, #0x3fff
          0xB2620042,  // orr  x2, x2, #0x40000000
          0xF10004E7,  // subs x7, x7, #1
          0x54FFFEE1,  // b.ne .-36
      },
      test::CpuRig::kMemoryBase + 0x10000);
  rig.core.x[2] = test::CpuRig::kMemoryBase;
  rig.core.x[7] = ~u64{0};
  u64 instructions = 0;
  for (auto _ : state) {
    const u64 before = rig.core.retired;
    rig.core.run(1'000'000);
    instructions += rig.core.retired - before;
  }
  state.counters["instructions"] = benchmark::Counter(static_cast<double>(instructions), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(load_store_loop, functional, cpu::Fidelity::Functional, true);
BENCHMARK_CAPTURE(load_store_loop, functional_without_shortcuts, cpu::Fidelity::Functional, false);
BENCHMARK_CAPTURE(load_store_loop, timed, cpu::Fidelity::Timed, true);

}  // namespace
}  // namespace tw

BENCHMARK_MAIN();
