// `trapwalk parameters`: every parameter with value, default, unit, range, provenance and source.
#include <fmt/core.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <functional>
#include <vector>

#include "platforms/config/all_parameters.hpp"
#include "platforms/config/nearest.hpp"
#include "platforms/dma_study/settings.hpp"
#include "platforms/replay/settings.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/text.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/options.hpp"
#include "sc_main/platform_option.hpp"

namespace tw::command {
namespace {

namespace po = boost::program_options;

struct Options {
  std::string cpu, smmu;
  std::vector<std::string> configs, sets, prefixes;
  bool placeholders = false, json = false, help = false;
};

Options parse(std::span<const std::string> arguments, std::string& usage) {
  Options o;
  po::options_description options("Options");
  options.add_options()("platform", po::value<std::string>(), "virt (default), dma-study or replay")(
      "cpu", po::value(&o.cpu), "a parameter set that comes with the program, e.g. cortex-a72")(
      "smmu", po::value(&o.smmu), "the same of an SMMU, e.g. mmu-600-like")(
      "config", po::value(&o.configs), "a TOML file of parameters; may be repeated")(
      "set", po::value(&o.sets), "KEY=VALUE, a parameter; may be repeated")(
      "placeholders", po::bool_switch(&o.placeholders), "only values that have no source yet")(
      "json", po::bool_switch(&o.json), "as JSON")("help,h", po::bool_switch(&o.help), "this page");
  po::options_description all = options;
  all.add_options()("prefix", po::value(&o.prefixes));
  po::positional_options_description positional;
  positional.add("prefix", -1);
  po::variables_map given;
  store_options("trapwalk parameters", {arguments.begin(), arguments.end()}, all, positional, given);
  po::notify(given);
  usage =
      "trapwalk parameters [OPTION]... [PREFIX]...: lists the parameters, those that begin with a PREFIX if given.\n" +
      text_of(options);
  return o;
}

/// Parameters that begin with one of the prefixes; a prefix that none begins with is a complaint.
std::vector<config::Parameter> selected(const config::ParameterTable& table, const Options& o) {
  for (const std::string& prefix : o.prefixes) {
    const std::vector<std::string> keys = table.keys();
    if (std::none_of(keys.begin(), keys.end(), [&](const std::string& key) { return key.starts_with(prefix); })) {
      throw UserError(
          Complaint{"", fmt::format("no parameter begins with \"{}\"{}", prefix, config::did_you_mean(prefix, keys))});
    }
  }
  std::vector<config::Parameter> list;
  for (config::Parameter& parameter : study::parameters_of(table)) {
    if (o.placeholders && parameter.provenance != Provenance::Placeholder) continue;
    const bool wanted =
        o.prefixes.empty() || std::any_of(o.prefixes.begin(), o.prefixes.end(),
                                          [&](const std::string& p) { return parameter.key.starts_with(p); });
    if (wanted) list.push_back(parameter);
  }
  return list;
}

}  // namespace

int command_parameters(std::span<const std::string> arguments) {
  std::vector<std::string> words(arguments.begin(), arguments.end());
  const PlatformName name = take_platform(words);
  std::string usage;
  const Options o = parse(words, usage);
  if (o.help) {
    fmt::print("{}", usage);
    return 0;
  }
  config::PlatformConfig platform;
  study::Settings study;
  config::ParameterTable table;
  replay::Settings replay;
  if (name == PlatformName::DmaStudy) {
    study::add_all(table, study);
  } else if (name == PlatformName::Replay) {
    replay::add_all(table, replay);
  } else {
    config::add_all(table, platform);
  }
  if (!o.cpu.empty()) table.load_builtin(o.cpu);
  if (!o.smmu.empty()) table.load_smmu_builtin(o.smmu);
  for (const std::string& file : o.configs) table.load_file(file, "--config");
  for (const std::string& assignment : o.sets) table.set(assignment);
  if (name == PlatformName::DmaStudy) {
    study::inherit(table, study);
    study::require_valid(table, study);
  } else if (name == PlatformName::Replay) {
    replay::require_valid(table, replay);
  } else {
    config::require_valid(table, platform);
  }
  std::vector<config::Parameter> list = selected(table, o);
  if (name == PlatformName::Replay) std::erase_if(list, std::not_fn(replay::is_of_replay));
  fmt::print("{}", o.json ? report::to_json(list) : report::to_text(list));
  if (o.json) return 0;
  const auto placeholders = std::count_if(
      list.begin(), list.end(), [](const config::Parameter& p) { return p.provenance == Provenance::Placeholder; });
  fmt::print("\n{} parameters, {} of them placeholders without a source\n", list.size(), placeholders);
  return 0;
}

}  // namespace tw::command
