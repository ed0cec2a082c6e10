// Parameters of the pipeline models: structure, and a latency and an interval for each timing class.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "base/parameters.hpp"
#include "cpu/pipeline/timing_class.hpp"

namespace tw::cpu {

struct PipelineConfig {
  std::string model = "simple";
  u64 width = 3;
  u64 window = 128;
  u64 commit_width = 3;
  u64 store_buffer = 16;
  u64 fetch_ahead = 0;
  u64 mispredict_penalty = 14;
  u64 taken_penalty = 0;
  u64 target_penalty = 2;
};

inline constexpr std::string_view kPipelineGuess = "a plausible out-of-order core of three instructions a cycle";

inline constexpr ParameterRow<PipelineConfig> kPipelineParameters[] = {
    {"core.pipeline.model", &PipelineConfig::model, "", 0, 0, Provenance::Choice,
     "simple: core.cost.* and no overlap; in-order: a scoreboard; out-of-order: a window",
     "simple|in-order|out-of-order"},
    {"core.pipeline.width", &PipelineConfig::width, "instructions", 1, 16, Provenance::Placeholder, kPipelineGuess},
    {"core.pipeline.window", &PipelineConfig::window, "instructions", 1, 4096, Provenance::Placeholder, kPipelineGuess},
    {"core.pipeline.commit_width", &PipelineConfig::commit_width, "instructions", 1, 16, Provenance::Placeholder,
     kPipelineGuess},
    {"core.pipeline.store_buffer", &PipelineConfig::store_buffer, "entries", 1, 1024, Provenance::Placeholder,
     kPipelineGuess},
    {"core.pipeline.fetch_ahead", &PipelineConfig::fetch_ahead, "cycles", 0, 1000, Provenance::Placeholder,
     "of a fetch beyond the first-level cache, what the instruction queue hides"},
    {"core.branch.penalty", &PipelineConfig::mispredict_penalty, "cycles", 0, 1000, Provenance::Placeholder,
     "from the resolution of a wrongly predicted branch to the dispatch of the right path"},
    {"core.branch.taken_penalty", &PipelineConfig::taken_penalty, "cycles", 0, 100, Provenance::Placeholder,
     "after a taken branch that was predicted"},
    {"core.branch.target_penalty", &PipelineConfig::target_penalty, "cycles", 0, 1000, Provenance::Placeholder,
     "after a taken direct branch that the branch target buffer does not know"},
};

/// A number for each timing class, as parameters of their own.
struct ByClass {
  std::array<u64, kTimingClassCount> cycles;
  u64 operator[](TimingClass timing) const { return cycles[static_cast<unsigned>(timing)]; }
};

namespace detail {
template <std::size_t n>
u64& element(ByClass& table) {
  return table.cycles[n];
}
template <std::size_t... n>
constexpr std::array<ParameterRow<ByClass>, sizeof...(n)> rows_by_class(std::string_view source,
                                                                        std::index_sequence<n...>) {
  return {ParameterRow<ByClass>{kTimingClasses[n].name, &element<n>, "cycles", 0, 10000, Provenance::Placeholder,
                                source}...};
}
}  // namespace detail

/// Keys are "core.latency." and "core.interval." with the name of the class behind.
inline constexpr auto kLatencyRows = detail::rows_by_class("one cycle, until the core's parameter file says better",
                                                           std::make_index_sequence<kTimingClassCount>());
inline constexpr auto kIntervalRows = detail::rows_by_class("cycles for which the instruction holds its pipe",
                                                            std::make_index_sequence<kTimingClassCount>());

/// Number of pipes of each kind.
struct ByPipe {
  std::array<u64, kPipeCount> count;
};

namespace detail {
template <std::size_t n>
u64& pipe_element(ByPipe& table) {
  return table.count[n];
}
template <std::size_t... n>
constexpr std::array<ParameterRow<ByPipe>, sizeof...(n)> rows_by_pipe(std::index_sequence<n...>) {
  return {ParameterRow<ByPipe>{kPipeNames[n], &pipe_element<n>, "pipes", 1, 12, Provenance::Placeholder,
                               "one, until the core's parameter file says better"}...};
}
}  // namespace detail

/// Keys are "core.pipes." with the name of the pipe behind.
inline constexpr auto kPipeRows = detail::rows_by_pipe(std::make_index_sequence<kPipeCount>());

constexpr ByClass one_cycle_each() {
  ByClass table{};
  table.cycles.fill(1);
  return table;
}
constexpr ByPipe one_pipe_each() {
  ByPipe table{};
  table.count.fill(1);
  return table;
}

}  // namespace tw::cpu
