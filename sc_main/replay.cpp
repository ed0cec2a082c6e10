// trapwalk replay: a trace through an MMU, without a CPU.
#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <deque>
#include <optional>

#include "base/error.hpp"
#include "platforms/replay/run.hpp"
#include "platforms/replay/text.hpp"
#include "platforms/report/file.hpp"
#include "platforms/report/text.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/ghost_option.hpp"
#include "sc_main/options.hpp"
#include "sc_main/report_paths.hpp"

namespace tw::command {
namespace {

namespace po = boost::program_options;

constexpr const char* kCommand = "trapwalk replay";
constexpr const char* kUsage =
    "trapwalk replay TRACE... [OPTION]...: traces through an MMU, without a CPU; several are VMs that take turns";

struct Options {
  std::string cpu, smmu;
  std::vector<std::string> traces, configs, sets, reports;
  GhostOptions ghosts;
  u64 from = 0;
  std::optional<u64> records;
  bool miss_curve = false, help = false;
};

po::options_description describe(Options& o) {
  po::options_description all(kUsage);
  all.add_options()("cpu", po::value(&o.cpu), "the MMU of a set of parameters: cortex-a53, neoverse-n1 ...")(
      "smmu", po::value(&o.smmu), "the same of an SMMU, for DMA masters: mmu-600-like ...")(
      "config", po::value(&o.configs), "a TOML file of parameters; may be repeated")(
      "set", po::value(&o.sets),
      "KEY=VALUE; of the parameters only mmu.*, smmu.* and replay.* matter; may be repeated")(
      "from", po::value(&o.from), "each trace begins with this record")("records", po::value<u64>(),
                                                                        "and ends after so many")(
      "ghost", po::value<std::vector<std::string>>(), "STRUCTURE=entries:FROM[..TO][,ways:N|full]; may be repeated")(
      "miss-curve", po::bool_switch(&o.miss_curve),
      "also the misses of LRU TLBs of every size and associativity, of the same pass")(
      "report", po::value(&o.reports), "FILE.txt, FILE.json or FILE.html; may be repeated")(
      "help,h", po::bool_switch(&o.help), "this page");
  return all;
}

Options parse(std::span<const std::string> arguments) {
  Options o;
  po::options_description all = describe(o);
  all.add_options()("trace", po::value(&o.traces), "");
  po::positional_options_description positional;
  positional.add("trace", -1);
  po::variables_map given;
  store_options(kCommand, {arguments.begin(), arguments.end()}, all, positional, given);
  po::notify(given);
  if (given.count("records")) o.records = given["records"].as<u64>();
  if (given.count("ghost")) {
    for (const std::string& ghost : given["ghost"].as<std::vector<std::string>>()) parse_ghost(ghost, o.ghosts);
    if (!o.ghosts.smmu.empty()) throw UserError(Complaint{"--ghost", "of the MMU alone: there is no SMMU"});
  }
  if (!o.help && o.traces.empty()) throw UserError(Complaint{kCommand, "which trace? see trapwalk replay --help"});
  check_reports(o.reports);
  return o;
}

void print_help() {
  Options unused;
  replay::Config defaults;
  config::ParameterTable table;
  table.add(replay::kParameters, defaults);
  fmt::print("{}\nParameters of a replay\n{}", text_of(describe(unused)), report::to_text(table.parameters()));
}

}  // namespace

int command_replay(std::span<const std::string> arguments) {
  const Options options = parse(arguments);
  if (options.help) {
    print_help();
    return 0;
  }
  replay::Settings settings;
  config::ParameterTable table;
  replay::add_all(table, settings);
  if (!options.cpu.empty()) table.load_builtin(options.cpu);
  if (!options.smmu.empty()) table.load_smmu_builtin(options.smmu);
  for (const std::string& file : options.configs) table.load_file(file, "--config");
  for (const std::string& assignment : options.sets) table.set(assignment);
  replay::require_valid(table, settings);

  std::deque<replay::FileSource> files;
  std::vector<replay::Source*> sources;
  for (const std::string& trace : options.traces) {
    sources.push_back(&files.emplace_back(trace, options.from, options.records));
  }
  replay::Options with{.ghosts = options.ghosts.cores};
  if (options.miss_curve) with.miss_curve.emplace();
  const auto begin = std::chrono::steady_clock::now();
  const replay::Outcome outcome = replay::run(settings, table.parameters(), sources, with);
  const std::chrono::duration<double> host = std::chrono::steady_clock::now() - begin;

  fmt::print("{}{}", report::to_text(outcome.report), replay::traces_text(outcome));
  fmt::print("{}", replay::miss_curves_text(outcome));
  report::write_all(outcome.report, options.reports);
  fmt::print(stderr, "\ntrapwalk: {:.2f} s, {:.1f} million translations a second\n", host.count(),
             static_cast<double>(outcome.counts.translations) / std::max(host.count(), 1e-9) / 1e6);
  return 0;
}

}  // namespace tw::command
