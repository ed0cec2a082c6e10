#include "platforms/replay/run.hpp"

#include "platforms/statistics/mmu.hpp"

namespace tw::replay {
namespace {

constexpr u64 kPicosecondsOfMegahertz = 1'000'000;  ///< a cycle of 1 MHz

report::Report report_of(const Settings& settings, std::vector<config::Parameter> configuration, const Source& source,
                         Replay& replay, bool cancelled) {
  const u64 frequency = settings.platform.core.frequency_mhz;
  report::Report report;
  report.cores.push_back(report::take_core(replay.ledger(), "none", frequency, statistics::tlbs(replay.mmu())));
  report.run = {.platform = "replay",
                .fidelity = "timed",
                .images = {source.name()},
                .stopped = cancelled ? "cancelled" : "end of the trace",
                .exit_status = 0,
                .simulated_ps = report.cores.front().cycles() * kPicosecondsOfMegahertz / frequency};
  statistics::add_ghosts(report.ghosts, replay.mmu());
  std::erase_if(configuration, [](const config::Parameter& parameter) { return !is_of_replay(parameter); });
  report.configuration = std::move(configuration);
  return report;
}

}  // namespace

Outcome run(const Settings& settings, std::vector<config::Parameter> configuration, Source& source,
            const Options& options) {
  Replay replay(settings.replay, settings.platform.mmu, source.contents());
  for (const vmsa::GhostSpec& ghost : options.ghosts) replay.mmu().add_ghost(ghost);
  Outcome outcome;
  if (options.miss_curve) outcome.miss_curve.emplace(settings.replay, source.contents(), *options.miss_curve);
  for (;;) {
    const std::span<const trace::Record> records = source.next();
    if (records.empty()) break;
    replay.access(records);
    if (outcome.miss_curve) outcome.miss_curve->access(records);
    if (options.progress && !options.progress(replay.counts().records)) {
      outcome.cancelled = true;
      break;
    }
  }
  outcome.counts = replay.counts();
  outcome.spaces = replay.tables().spaces();
  outcome.leaves = replay.tables().leaves();
  outcome.report = report_of(settings, std::move(configuration), source, replay, outcome.cancelled);
  return outcome;
}

}  // namespace tw::replay
