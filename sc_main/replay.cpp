// trapwalk replay: a trace through an MMU, without a CPU.
#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <optional>
#include <sstream>

#include "base/error.hpp"
#include "platforms/config/all_parameters.hpp"
#include "platforms/replay/miss_curve.hpp"
#include "platforms/replay/replay.hpp"
#include "platforms/report/file.hpp"
#include "platforms/report/format.hpp"
#include "platforms/report/structures.hpp"
#include "platforms/report/text.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/ghost_option.hpp"
#include "sc_main/report_paths.hpp"
#include "sc_main/structures.hpp"
#include "trace/reader.hpp"

namespace tw::command {
namespace {

namespace po = boost::program_options;

constexpr const char* kCommand = "trapwalk replay";
constexpr const char* kUsage = "trapwalk replay TRACE [OPTION]...: a trace through an MMU, without a CPU";

struct Options {
  std::string trace, cpu;
  std::vector<std::string> configs, sets, reports;
  GhostOptions ghosts;
  u64 from = 0;
  std::optional<u64> records;
  bool miss_curve = false, help = false;
};

po::options_description describe(Options& o) {
  po::options_description all(kUsage);
  all.add_options()("cpu", po::value(&o.cpu), "the MMU of a set of parameters: cortex-a53, neoverse-n1 ...")(
      "config", po::value(&o.configs), "a TOML file of parameters; may be repeated")(
      "set", po::value(&o.sets), "KEY=VALUE; of the parameters only mmu.* and replay.* matter; may be repeated")(
      "from", po::value(&o.from), "begins with this record")("records", po::value<u64>(), "ends after so many")(
      "ghost", po::value<std::vector<std::string>>(), "STRUCTURE=entries:FROM[..TO][,ways:N|full]; may be repeated")(
      "miss-curve", po::bool_switch(&o.miss_curve),
      "also the misses of LRU TLBs of every size and associativity, of the same pass")(
      "report", po::value(&o.reports), "FILE.txt or FILE.json; may be repeated")("help,h", po::bool_switch(&o.help),
                                                                                 "this page");
  return all;
}

Options parse(std::span<const std::string> arguments) {
  Options o;
  po::options_description all = describe(o);
  all.add_options()("trace", po::value(&o.trace), "");
  po::positional_options_description positional;
  positional.add("trace", 1);
  po::variables_map given;
  try {
    const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(std::vector<std::string>(arguments.begin(), arguments.end()))
                  .options(all)
                  .positional(positional)
                  .style(style)
                  .run(),
              given);
    po::notify(given);
  } catch (const po::error& error) {
    throw UserError(Complaint{kCommand, error.what()});
  }
  if (given.count("records")) o.records = given["records"].as<u64>();
  if (given.count("ghost")) {
    for (const std::string& ghost : given["ghost"].as<std::vector<std::string>>()) parse_ghost(ghost, o.ghosts);
    if (!o.ghosts.smmu.empty()) throw UserError(Complaint{"--ghost", "of the MMU alone: there is no SMMU"});
  }
  if (!o.help && o.trace.empty()) throw UserError(Complaint{kCommand, "which trace? see trapwalk replay --help"});
  check_reports(o.reports);
  return o;
}

void print_help() {
  Options unused;
  replay::Config defaults;
  config::ParameterTable table;
  table.add(replay::kParameters, defaults);
  std::ostringstream text;
  text << describe(unused) << "\nParameters of a replay\n" << report::to_text(table.parameters());
  fmt::print("{}", text.str());
}

std::string provenance_text(const trace::Reader& reader, const replay::Replay& replay) {
  std::string text = report::heading("Trace");
  for (const auto& [key, value] : reader.header().provenance) text += fmt::format("  {}: {}\n", key, value);
  const replay::Counts& counts = replay.counts();
  text += fmt::format("  {} of {} records, {} translations in {} address spaces, {} pages or blocks\n",
                      report::grouped(counts.records), report::grouped(reader.records()),
                      report::grouped(counts.translations), report::grouped(replay.tables().spaces()),
                      report::grouped(replay.tables().leaves()));
  if (counts.faults != 0) {
    text += fmt::format("  {} faults: addresses that no table can hold\n", report::grouped(counts.faults));
  }
  if (counts.streams != 0)
    text += fmt::format("  {} accesses of DMA masters, left out\n", report::grouped(counts.streams));
  return text;
}

/// Misses by entries (rows) and ways.
std::string miss_curve_text(const replay::MissCurve& curve) {
  constexpr u64 kWays[] = {1, 2, 4, 8, 16};
  const vmsa::StackDistances& distances = curve.distances();
  std::vector<report::TextTable::Column> columns = {{"entries"}};
  for (const u64 ways : kWays) columns.push_back({fmt::format("{}-way", ways)});
  columns.push_back({"full"});
  columns.push_back({"of references"});
  report::TextTable table(std::move(columns));
  for (u64 entries = 1; entries <= distances.most_ways(1); entries *= 2) {
    std::vector<std::string> cells = {report::grouped(entries)};
    for (const u64 ways : kWays) {
      const std::optional<u64> misses = ways <= entries ? distances.misses(entries / ways, ways) : std::nullopt;
      cells.push_back(misses ? report::grouped(*misses) : std::string(report::kNothing));
    }
    const u64 full = *distances.misses(1, entries);
    cells.push_back(report::grouped(full));
    cells.push_back(report::percent(full, distances.references()));
    table.row(std::move(cells));
  }
  return report::heading("Misses of LRU TLBs", fmt::format("pages of {} bytes, fetches and data together; {} "
                                                           "references, {} pages",
                                                           curve.page_bytes(), report::grouped(distances.references()),
                                                           report::grouped(distances.pages()))) +
         table.text();
}

report::Report report_of(const Options& options, replay::Replay& replay, const config::PlatformConfig& platform,
                         std::vector<config::Parameter> configuration) {
  report::Report report;
  report.cores.push_back(report::take_core(replay.ledger(), "none", platform.core.frequency_mhz, tlbs(replay.mmu())));
  const u64 cycles = report.cores.front().cycles();
  report.run = {.platform = "replay",
                .fidelity = "timed",
                .images = {options.trace},
                .stopped = "end of the trace",
                .exit_status = 0,
                .simulated_ps = cycles * 1'000'000 / platform.core.frequency_mhz};
  for (const mmu::GhostResult& ghost : replay.mmu().ghosts()) {
    report.ghosts.push_back({std::string(name(ghost.spec.structure)), ghost.spec.entries, ghost.spec.ways,
                             ghost.lookups, ghost.misses, ghost.estimated_cycles});
  }
  std::erase_if(configuration, [](const config::Parameter& parameter) {
    return !parameter.key.starts_with("mmu.") && !parameter.key.starts_with("replay.");
  });
  report.configuration = std::move(configuration);
  return report;
}

}  // namespace

int command_replay(std::span<const std::string> arguments) {
  const Options options = parse(arguments);
  if (options.help) {
    print_help();
    return 0;
  }
  config::PlatformConfig platform;
  replay::Config settings;
  config::ParameterTable table;
  config::add_all(table, platform);
  table.add(replay::kParameters, settings);
  if (!options.cpu.empty()) table.load_builtin(options.cpu);
  for (const std::string& file : options.configs) table.load_file(file);
  for (const std::string& assignment : options.sets) table.set(assignment);
  config::require_valid(table, platform);

  trace::Reader reader{std::filesystem::path(options.trace)};
  replay::Replay replay(settings, platform.mmu, reader.header().contents);
  for (const vmsa::GhostSpec& ghost : options.ghosts.cores) replay.mmu().add_ghost(ghost);
  std::optional<replay::MissCurve> curve;
  if (options.miss_curve) curve.emplace(settings, reader.header().contents);
  const auto begin = std::chrono::steady_clock::now();
  reader.seek(options.from);
  u64 left = options.records.value_or(reader.records());
  while (left != 0) {
    std::span<const trace::Record> records = reader.next();
    if (records.empty()) break;
    records = records.first(std::min<u64>(left, records.size()));
    left -= records.size();
    replay.access(records);
    if (curve) curve->access(records);
  }
  const std::chrono::duration<double> host = std::chrono::steady_clock::now() - begin;

  const report::Report report = report_of(options, replay, platform, table.parameters());
  fmt::print("{}{}", report::to_text(report), provenance_text(reader, replay));
  if (curve) fmt::print("{}", miss_curve_text(*curve));
  for (const std::string& path : options.reports) report::write(report, path);
  fmt::print(stderr, "\ntrapwalk: {:.2f} s, {:.1f} million translations a second\n", host.count(),
             static_cast<double>(replay.counts().translations) / std::max(host.count(), 1e-9) / 1e6);
  return 0;
}

}  // namespace tw::command
