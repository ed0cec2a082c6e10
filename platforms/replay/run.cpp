#include "platforms/replay/run.hpp"

#include <algorithm>
#include <deque>

#include "platforms/statistics/caches.hpp"
#include "platforms/statistics/mmu.hpp"
#include "platforms/statistics/smmu.hpp"

namespace tw::replay {
namespace {

constexpr u64 kPicosecondsOfMegahertz = 1'000'000;  ///< a cycle of 1 MHz

report::Report report_of(const Settings& settings, std::vector<config::Parameter> configuration, Replay& replay,
                         const Outcome& outcome) {
  const u64 frequency = settings.platform.core.frequency_mhz;
  report::Report report;
  const cache::Hierarchy* caches = replay.caches();
  report.cores.push_back(
      report::take_core(replay.ledger(), "none", frequency, statistics::tlbs(replay.mmu()),
                        caches ? statistics::caches(*caches, 0, false) : std::vector<report::CacheStatistics>{}));
  if (caches) report.shared_caches = statistics::caches(*caches, 0, true);
  report.run = {.platform = "replay",
                .fidelity = "timed",
                .images = {},
                .stopped = outcome.cancelled ? "cancelled" : "end of the trace",
                .exit_status = 0,
                .simulated_ps = report.cores.front().cycles() * kPicosecondsOfMegahertz / frequency};
  for (const TraceOutcome& trace : outcome.traces) report.run.images.push_back(trace.name);
  statistics::add_ghosts(report.ghosts, replay.mmu());
  const bool dma = replay.dma() != nullptr;
  if (dma) {
    report.smmu.push_back(statistics::take_smmu(replay.dma()->smmu()));
    for (report::Ghost& ghost : statistics::ghosts_of(replay.dma()->smmu())) report.ghosts.push_back(std::move(ghost));
  }
  std::erase_if(configuration, [&](const config::Parameter& parameter) {
    return !is_of_replay(parameter) || (!dma && parameter.key.starts_with("smmu.")) ||
           (!caches && parameter.key.starts_with("cache."));
  });
  report.configuration = std::move(configuration);
  return report;
}

/// What all traces know.
trace::Contents common_contents(std::span<Source* const> sources) {
  trace::Contents contents;
  for (const Source* source : sources) {
    contents.ipa = contents.ipa && source->contents().ipa;
    contents.pa = contents.pa && source->contents().pa;
  }
  return contents;
}

/// One trace on its way.
class Lane final {
 public:
  Lane(Source& source, TraceOutcome& outcome) : source_(source), outcome_(outcome) {}
  /// False: it has ended.
  bool has_more() {
    if (records_.empty()) records_ = source_.next();
    return !records_.empty();
  }
  const trace::Record& front() const { return records_.front(); }
  std::span<const trace::Record> take(u64 most) {
    const std::span<const trace::Record> taken = records_.first(std::min<u64>(most, records_.size()));
    records_ = records_.subspan(taken.size());
    outcome_.records += taken.size();
    return taken;
  }
  void switched_to() { ++outcome_.switches; }

 private:
  Source& source_;
  TraceOutcome& outcome_;
  std::span<const trace::Record> records_;
};

/// What a trace has before the next one's turn.
struct Turn {
  static constexpr u64 kNoEnd = ~u64{0};
  u64 accesses = kNoEnd, cycles = kNoEnd;
};

Turn turn_of(const Config& config, bool alone) {
  if (alone) return {};
  return config.quantum_unit == "cycles" ? Turn{.cycles = config.quantum} : Turn{.accesses = config.quantum};
}

/// All that sees the records go by.
class Course final {
 public:
  Course(Replay& replay, const Options& options, Outcome& outcome)
      : replay_(replay), options_(options), outcome_(outcome) {}

  /// False: cancelled.
  bool go(Lane& lane, Turn turn) {
    const u64 begun = replay_.ledger().elapsed();
    while (turn.accesses != 0 && replay_.ledger().elapsed() - begun < turn.cycles && lane.has_more()) {
      const std::span<const trace::Record> records = lane.take(turn.cycles == Turn::kNoEnd ? turn.accesses : 1);
      if (turn.accesses != Turn::kNoEnd) turn.accesses -= records.size();
      replay_.access(records);
      if (outcome_.miss_curve) outcome_.miss_curve->access(records);
      if (outcome_.iotlb_curve) outcome_.iotlb_curve->access(records);
      if (!tell()) return false;
    }
    return true;
  }
  /// All records are done.
  void end() { tell(1); }

 private:
  static constexpr u64 kTellEvery = 1u << 16;

  bool tell(u64 at_least = kTellEvery) {
    const u64 done = replay_.counts().records;
    if (!options_.progress || done - told_ < at_least) return true;
    told_ = done;
    return options_.progress(done);
  }

  Replay& replay_;
  const Options& options_;
  Outcome& outcome_;
  u64 told_ = 0;
};

/// Round robin until all have ended. False: cancelled.
bool take_turns(std::deque<Lane>& lanes, const Config& config, Replay& replay, Course& course) {
  const Lane* running = nullptr;
  const auto runs_on = [](Lane& lane) { return lane.has_more(); };
  while (std::ranges::any_of(lanes, runs_on)) {
    for (Lane& lane : lanes) {
      if (!lane.has_more()) continue;
      if (running != nullptr && running != &lane) {
        replay.switch_machine(lane.front());
        lane.switched_to();
      }
      running = &lane;
      if (!course.go(lane, turn_of(config, lanes.size() == 1))) return false;
    }
  }
  return true;
}

}  // namespace

Outcome run(const Settings& settings, std::vector<config::Parameter> configuration, std::span<Source* const> sources,
            const Options& options) {
  if (sources.empty()) throw UserError(Complaint{"replay", "no trace"});
  const Config& config = settings.replay;
  const trace::Contents contents = common_contents(sources);
  Replay replay(config, settings.platform.mmu, contents, settings.platform.smmu, settings.platform.cache);
  for (const vmsa::GhostSpec& ghost : options.ghosts) replay.mmu().add_ghost(ghost);
  Outcome outcome;
  if (options.miss_curve) {
    outcome.miss_curve.emplace(config, contents, *options.miss_curve);
    outcome.iotlb_curve.emplace(config, contents, *options.miss_curve, CurveOf::Masters);
    if (config.has_stage1()) replay.watch_walks(*options.miss_curve, options.walks_by);
  }
  std::deque<OneMachine> machines;
  std::deque<Lane> lanes;
  for (Source* source : sources) {
    outcome.traces.push_back({source->name(), source->records_of_trace(), source->provenance()});
  }
  for (std::size_t n = 0; n < sources.size(); ++n) {
    const bool numbered = sources.size() > 1 && config.vmids == "numbered";
    Source& source = numbered ? machines.emplace_back(*sources[n], Vmid{static_cast<u16>(n + 1)}) : *sources[n];
    lanes.emplace_back(source, outcome.traces[n]);
  }
  Course course(replay, options, outcome);
  outcome.cancelled = !take_turns(lanes, config, replay, course);
  course.end();
  replay.finish();
  outcome.counts = replay.counts();
  outcome.spaces = replay.tables().spaces();
  outcome.leaves = replay.tables().leaves();
  if (const Dma* dma = replay.dma()) {
    outcome.dma = dma->counts();
  } else {
    outcome.iotlb_curve.reset();
  }
  outcome.walk_cache_curve = replay.walks();
  outcome.table_bytes = replay.table_bytes();
  outcome.report = report_of(settings, std::move(configuration), replay, outcome);
  return outcome;
}

}  // namespace tw::replay
