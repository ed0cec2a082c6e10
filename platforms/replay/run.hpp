// A whole replay: traces in, a report out. In-process: no file is written, nothing is printed, and several replays may
// run in threads of their own.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "platforms/replay/miss_curve.hpp"
#include "platforms/replay/replay.hpp"
#include "platforms/replay/settings.hpp"
#include "platforms/replay/source.hpp"
#include "platforms/report/report.hpp"
#include "vmsa/tlb/ghost.hpp"

namespace tw::replay {

struct Options {
  std::vector<vmsa::GhostSpec> ghosts = {};                   ///< of the MMU
  std::optional<vmsa::StackDistances::Spec> miss_curve = {};  ///< of the same pass
  PartsBy walks_by = PartsBy::None;                           ///< of the curve of walk caches
  /// Told now and then how many records are done; false: that is enough, and the report is of those.
  std::function<bool(u64 records)> progress = {};
};

/// Of one of the traces.
struct TraceOutcome {
  std::string name;
  u64 records_of_trace = 0;
  trace::Provenance provenance;
  u64 records = 0;
  u64 switches = 0;  ///< to it, from another trace
};

struct Outcome {
  report::Report report;
  Counts counts;
  Dma::Counts dma;
  std::vector<TraceOutcome> traces;
  u64 spaces = 0;  ///< address spaces
  u64 leaves = 0;  ///< pages and blocks that were accessed
  // With Options::miss_curve:
  std::optional<MissCurve> miss_curve;              ///< of the cores' TLBs
  std::optional<MissCurve> iotlb_curve;             ///< of the SMMU's, where DMA masters are in the traces
  std::optional<SharedDistances> walk_cache_curve;  ///< of tables of the last level, where there is a stage 1
  u64 table_bytes = 0;                              ///< that each of these maps
  bool cancelled = false;
};

/// Several traces are VMs that take turns (replay.vmids, replay.quantum, replay.switch), in their order, until the last
/// has ended. `configuration` is what the report shows of the parameters that `settings` comes from. Throws UserError.
Outcome run(const Settings& settings, std::vector<config::Parameter> configuration, std::span<Source* const> sources,
            const Options& options = {});
/// Of one.
inline Outcome run(const Settings& settings, std::vector<config::Parameter> configuration, Source& source,
                   const Options& options = {}) {
  Source* const one[] = {&source};
  return run(settings, std::move(configuration), one, options);
}

}  // namespace tw::replay
