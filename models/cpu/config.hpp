// Parameters of one core. Latencies are data with provenance; no cycle count stands in a .cpp.
#pragma once

#include <string>

#include "base/parameters.hpp"
#include "cost/causes.hpp"
#include "cpu/pipeline/branch_config.hpp"
#include "cpu/pipeline/config.hpp"

namespace tw::cpu {

struct Config {
  std::string model = "cortex-a57";  ///< ID registers and features: a row of arm/cpu_models
  u64 frequency_mhz = 2000;
  bool has_el3 = false;
  bool has_el2 = true;

  PipelineConfig pipeline;
  ByClass latency = one_cycle_each();   ///< to the instruction that needs the result; of loads: a first-level hit
  ByClass interval = one_cycle_each();  ///< until the pipe takes the next one
  ByPipe pipes = one_pipe_each();
  BranchConfig prediction;  ///< of branches

  // The simple pipeline: cycles of one instruction by class, when nothing stalls it.
  u64 integer = 1;
  u64 multiply = 3;
  u64 divide = 12;
  u64 branch = 1;
  u64 load = 4;
  u64 store = 1;
  u64 exclusive = 8;
  u64 atomic = 8;
  u64 fp_simd = 3;
  u64 system_register = 4;
  u64 barrier = 10;
  u64 cache_maintenance = 10;
  u64 tlb_maintenance = 20;
  u64 hint = 1;
  u64 exception_entry = 72;
  u64 exception_return = 65;
};

inline constexpr std::string_view kGuess = "a plausible core; to be replaced by Timed fidelity";
inline constexpr std::string_view kXgene = "ANCHORS.md row 1 (NEVE, SOSP'17, X-Gene): entry 68-76, return 65";

// No class is free of charge: every instruction and every exception takes time, so that a loop of any of them uses up
// its slice and no guest can hold the simulator.
inline constexpr ParameterRow<Config> kParameters[] = {
    {"core.model", &Config::model, "", 0, 0, Provenance::Choice, "Cortex TRMs, ID register summaries",
     "generic|cortex-a53|cortex-a55|cortex-a57|cortex-a72|cortex-a76|neoverse-n1|max"},
    {"core.frequency", &Config::frequency_mhz, "MHz", 1, 10000, Provenance::Choice,
     "1 THz divided by it is rounded to whole picoseconds"},
    {"core.el3", &Config::has_el3, "", 0, 1, Provenance::Choice, "QEMU virt: secure=off"},
    {"core.el2", &Config::has_el2, "", 0, 1, Provenance::Choice, "QEMU virt: virtualization=on"},
    {"core.cost.integer", &Config::integer, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.multiply", &Config::multiply, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.divide", &Config::divide, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.branch", &Config::branch, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.load", &Config::load, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.store", &Config::store, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.exclusive", &Config::exclusive, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.atomic", &Config::atomic, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.fp_simd", &Config::fp_simd, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.system_register", &Config::system_register, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.barrier", &Config::barrier, "cycles", 1, 10000, Provenance::Placeholder, kGuess},
    {"core.cost.cache_maintenance", &Config::cache_maintenance, "cycles", 1, 10000, Provenance::Placeholder, kGuess},
    {"core.cost.tlb_maintenance", &Config::tlb_maintenance, "cycles", 1, 10000, Provenance::Placeholder, kGuess},
    {"core.cost.hint", &Config::hint, "cycles", 1, 1000, Provenance::Placeholder, kGuess},
    {"core.cost.exception_entry", &Config::exception_entry, "cycles", 1, 10000, Provenance::Paper, kXgene},
    {"core.cost.exception_return", &Config::exception_return, "cycles", 1, 10000, Provenance::Paper, kXgene},
};

}  // namespace tw::cpu
