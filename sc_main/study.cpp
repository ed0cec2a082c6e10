#include "sc_main/study.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <systemc>

#include "base/error.hpp"
#include "platforms/dma_study/platform.hpp"
#include "platforms/report/file.hpp"
#include "platforms/report/format.hpp"
#include "platforms/report/html/html.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/perfetto/perfetto.hpp"
#include "platforms/report/structures.hpp"
#include "platforms/report/text.hpp"
#include "platforms/statistics/smmu.hpp"
#include "sc_main/deadline.hpp"
#include "sc_main/events_option.hpp"
#include "sc_main/ghost_option.hpp"
#include "sc_main/memory_statistics.hpp"
#include "sc_main/options.hpp"
#include "sc_main/quantities.hpp"
#include "sc_main/report_paths.hpp"

namespace tw::command {

namespace {

namespace po = boost::program_options;

constexpr const char* kCommand = "trapwalk run --platform dma-study";

enum ExitStatus : int { kDone = 0, kNotDone = 3 };

struct Options {
  std::string smmu;
  std::vector<std::string> configs, sets, reports;
  std::optional<cost::EventOptions> events;
  std::string perfetto;
  GhostOptions ghosts;
  std::optional<u64> max_time_ps;
  bool help = false;
};

po::options_description describe(Options& o) {
  po::options_description all(
      "trapwalk run --platform dma-study: DMA masters, an SMMU and memory, without a CPU (docs/dma-study.md)");
  all.add_options()("smmu", po::value(&o.smmu), "a set of parameters: mmu-500-like, mmu-600-like, gem5-default-like")(
      "config", po::value(&o.configs), "a TOML file of parameters; may be repeated")(
      "set", po::value(&o.sets), "KEY=VALUE, a parameter (trapwalk parameters --platform dma-study); may be repeated")(
      "events", po::value<std::string>()->implicit_value(""),
      "[limit=N][,keep=first|last]: logs the last (or first) N translations (20000) that a TBU does not answer at "
      "once, "
      "for the timeline of a page")("perfetto", po::value(&o.perfetto),
                                    "FILE.json: the same as a trace for ui.perfetto.dev and chrome://tracing")(
      "max-time", po::value<std::string>(), "end after so much simulated time: 10ms, 500us …")(
      "ghost", po::value<std::vector<std::string>>(),
      "STRUCTURE=entries:FROM[..TO][,ways:N|full]: what smmu.tlb, smmu.walk_cache or smmu.ipa of other sizes would "
      "miss, "
      "in the same run; may be repeated")("report", po::value(&o.reports),
                                          "FILE.txt, FILE.json or FILE.html; may be repeated")(
      "help,h", po::bool_switch(&o.help), "this page");
  return all;
}

Options parse(std::span<const std::string> arguments) {
  Options o;
  const po::options_description description = describe(o);
  po::variables_map given;
  std::vector<std::string> words(arguments.begin(), arguments.end());
  join_events_value(words);
  store_options(kCommand, words, description, {}, given);
  po::notify(given);
  if (given.count("ghost")) {
    for (const std::string& ghost : given["ghost"].as<std::vector<std::string>>()) parse_ghost(ghost, o.ghosts);
    if (!o.ghosts.cores.empty()) throw UserError(Complaint{"--ghost", "of the SMMU alone: there is no CPU"});
  }
  if (given.count("max-time")) o.max_time_ps = parse_time_ps(given["max-time"].as<std::string>(), "--max-time");
  check_reports(o.reports);
  if (given.count("events")) o.events = parse_events(given["events"].as<std::string>());
  if (!o.perfetto.empty()) {
    check_folder("--perfetto", o.perfetto);
    if (!o.events) o.events.emplace();
  }
  return o;
}

report::Report report_of(study::Platform& platform, const study::Settings& settings, int status,
                         std::vector<config::Parameter> configuration) {
  report::Report report;
  report.run = {.platform = "dma-study",
                .fidelity = "timed",
                .images = {},
                .stopped = platform.is_done() ? "all is done" : "time limit",
                .exit_status = static_cast<u64>(status),
                .simulated_ps = tlm::to_picoseconds(sc_core::sc_time_stamp())};
  if (const smmu::Smmu* smmu = platform.smmu()) {
    report.smmu.push_back(statistics::take_smmu(*smmu));
    report.ghosts = statistics::ghosts_of(*smmu);
  }
  if (settings.interconnect.contention) report.links = links_of(platform.fabric());
  if (const memory::Dram* dram = platform.dram()) {
    report.dram.push_back(dram_of(*dram, settings.dram, platform.measured_cycles(), settings.study.frequency_mhz));
  }
  // What only concerns the host changes no result, and is no part of one.
  std::erase_if(configuration, [](const config::Parameter& parameter) { return parameter.key.starts_with("host."); });
  report.configuration = std::move(configuration);
  return report;
}

/// Without what a report says of cores.
std::string page(const study::Results& results, const report::Report& report) {
  return study::to_text(results) + report::smmu_text(report) + report::ghosts_text(report) +
         report::links_text(report) + report::dram_text(report);
}

std::string settings_text(const report::Report& report) {
  std::vector<config::Parameter> changed;
  for (const config::Parameter& parameter : report.configuration) {
    if (parameter.value != parameter.default_value) changed.push_back(parameter);
  }
  return report::heading("Parameters that are not at their default") + report::to_text(changed);
}

void write(const std::string& path, const study::Results& results, const report::Report& report) {
  const std::string text = path.ends_with(".json") ? study::to_json(results, report::to_json(report))
                           : path.ends_with(".html")
                               ? report::to_html(report, study::to_json(results, report::to_json(report)))
                               : page(results, report) + settings_text(report);
  report::write_atomically(path, text);
}

}  // namespace

int command_study(std::span<const std::string> arguments) {
  const Options options = parse(arguments);
  if (options.help) {
    Options unused;
    std::ostringstream text;
    text << describe(unused)
         << "\nExit status: 0 all requests or I/Os are done, or the time is over that was given instead; 2 something "
            "is\n"
            "wrong with what the user gave; 3 --max-time came first.\n";
    fmt::print("{}", text.str());
    return kDone;
  }
  study::Settings settings;
  config::ParameterTable table;
  study::add_all(table, settings);
  if (!options.smmu.empty()) table.load_smmu_builtin(options.smmu);
  for (const std::string& file : options.configs) table.load_file(file, "--config");
  for (const std::string& assignment : options.sets) table.set(assignment);
  study::inherit(table, settings);
  study::require_valid(table, settings);
  const bool ends = settings.study.work == "io" || study::ends(settings);
  if (!ends && !options.max_time_ps) {
    throw UserError(Complaint{kCommand, "would never end: give traffic.requests, or --max-time"});
  }
  study::Platform platform("dma_study", settings);
  add_ghosts(options.ghosts, platform.smmu());
  if (options.events) platform.log_translations(options.events->ring(cost::EventKind::Dma));
  std::unique_ptr<Deadline> end;
  if (options.max_time_ps) {
    end = std::make_unique<Deadline>("end", *options.max_time_ps, [] { sc_core::sc_stop(); });
  }
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
  const auto begin = std::chrono::steady_clock::now();
  sc_core::sc_start();
  const std::chrono::duration<double> host = std::chrono::steady_clock::now() - begin;

  const int status = platform.is_done() || !ends ? kDone : kNotDone;
  const study::Results results = platform.results();
  report::Report report = report_of(platform, settings, status, study::parameters_of(table));
  fmt::print("{}", page(results, report));
  fmt::print(stderr, "\ntrapwalk: stopped: {}\ntrapwalk: {:.2f} s, {:.6f} s simulated\n", report.run.stopped,
             host.count(), sc_core::sc_time_stamp().to_seconds());
  if (options.events) {
    report.events.push_back(report::events_asked_for(*options.events));
    take_translations(platform.translations(), platform.smmu(), report.events.front());
    print_events(report.events);
  }
  for (const std::string& path : options.reports) write(path, results, report);
  if (!options.perfetto.empty()) {
    report::write_atomically(options.perfetto, report::to_perfetto(report, options.perfetto));
  }
  return status;
}

}  // namespace tw::command
