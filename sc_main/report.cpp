// `trapwalk report` and `trapwalk compare`: JSON reports as text or as a page, one or two at a time.
#include <fmt/core.h>

#include <filesystem>
#include <limits>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "platforms/report/compare.hpp"
#include "platforms/report/file.hpp"
#include "platforms/report/html/html.hpp"
#include "platforms/report/json.hpp"
#include "platforms/report/perfetto/perfetto.hpp"
#include "platforms/report/text.hpp"
#include "platforms/report/walks.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/options.hpp"
#include "sc_main/quantities.hpp"

namespace tw::command {
namespace {

/// Flags, and the files between them.
struct Given {
  std::vector<std::string> files;
  bool all = false, json = false, help = false;
  std::optional<u64> walks;
  std::string html;      ///< the page to write; empty: none
  std::string perfetto;  ///< the trace to write; empty: none
};

Given parse(std::span<const std::string> arguments, std::size_t files, bool is_compare, const char* usage) {
  Given given;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      given.help = true;
    } else if (argument == "--all") {
      given.all = true;
    } else if (argument == "--json" && is_compare) {
      given.json = true;
    } else if (argument == "--walks" && !is_compare) {
      if (++i == arguments.size()) throw UserError(Complaint{"--walks", "wants a number: how many of the last walks"});
      given.walks = parse_number(arguments[i], "--walks");
    } else if (argument == "--html") {
      if (++i == arguments.size()) throw UserError(Complaint{"--html", "wants the file to write: OUT.html"});
      given.html = arguments[i];
    } else if (argument == "--perfetto" && !is_compare) {
      if (++i == arguments.size()) throw UserError(Complaint{"--perfetto", "wants the file to write: OUT.json"});
      given.perfetto = arguments[i];
    } else if (argument.starts_with("-")) {
      const std::vector<std::string> names =
          is_compare ? std::vector<std::string>{"--all", "--json", "--html", "--help"}
                     : std::vector<std::string>{"--all", "--walks", "--html", "--perfetto", "--help"};
      throw UserError(
          Complaint{argument, fmt::format("no such option{}; usage: {}", nearest_option(argument, names), usage)});
    } else {
      given.files.push_back(argument);
    }
  }
  if (!given.help && given.files.size() != files) throw UserError(Complaint{"", fmt::format("usage: {}", usage)});
  if (!given.perfetto.empty() && (!given.html.empty() || given.walks)) {
    throw UserError(Complaint{"--perfetto", fmt::format("does not go with {}", given.walks ? "--walks" : "--html")});
  }
  if (!given.html.empty() && (given.json || given.walks)) {
    throw UserError(Complaint{"--html", fmt::format("does not go with {}", given.json ? "--json" : "--walks")});
  }
  return given;
}

}  // namespace

int command_report(std::span<const std::string> arguments) {
  constexpr const char* kUsage =
      "trapwalk report [--all] [--walks N] [--html OUT.html] [--perfetto OUT.json] FILE.json";
  const Given given = parse(arguments, 1, false, kUsage);
  if (given.help) {
    fmt::print(
        "{}: prints the report as text\n"
        "  --all      every trap and interrupt in a row of its own; else more than {} of one kind share a row\n"
        "  --walks N  instead, the last N translation table walks of each core, fetch by fetch, and the longest, as\n"
        "             far as the run kept them (trapwalk run --keep-walks, --keep-longest-walks)\n"
        "  --html OUT.html  instead, writes one self-contained page\n"
        "  --perfetto OUT.json  instead, writes its events (trapwalk run --events) as a trace for ui.perfetto.dev and\n"
        "             chrome://tracing\n",
        kUsage, report::kFoldAbove);
    return 0;
  }
  if (given.walks) {
    fmt::print("{}", report::explained_walks(report::read_json(given.files[0]), *given.walks));
    return 0;
  }
  if (!given.perfetto.empty()) {
    report::write_atomically(given.perfetto, report::to_perfetto(report::read_json(given.files[0]), given.files[0]));
    return 0;
  }
  if (!given.html.empty()) {
    const std::string json = report::read_text(given.files[0]);
    report::write_atomically(given.html, report::to_html(report::from_json(json, given.files[0]), json));
    return 0;
  }
  report::TextOptions options;
  if (given.all) options = {.max_traps = std::numeric_limits<u64>::max(), .fold = false};
  fmt::print("{}", report::to_text(report::read_json(given.files[0]), options));
  return 0;
}

int command_compare(std::span<const std::string> arguments) {
  constexpr const char* kUsage = "trapwalk compare [--all] [--json] [--html OUT.html] A.json B.json";
  const Given given = parse(arguments, 2, true, kUsage);
  if (given.help) {
    fmt::print(
        "{}: prints two reports side by side, largest differences first\n"
        "  --all   rows without a difference, too, and every trap and interrupt in a row of its own\n"
        "  --json  as JSON, with all rows (docs/report-schema.md)\n"
        "  --html OUT.html  instead, writes one self-contained page\n",
        kUsage);
    return 0;
  }
  const report::Report a = report::read_json(given.files[0]);
  const report::Report b = report::read_json(given.files[1]);
  const std::string stem_a = std::filesystem::path(given.files[0]).stem().string();
  const std::string stem_b = std::filesystem::path(given.files[1]).stem().string();
  const bool told_apart = stem_a != stem_b;
  const report::CompareOptions options{.fold = !given.all && !given.json && given.html.empty(), .all = given.all};
  const report::Comparison comparison =
      report::compare(a, b, told_apart ? stem_a : "A", told_apart ? stem_b : "B", options);
  if (!given.html.empty()) {
    report::write_atomically(given.html, report::to_html(comparison, a, b));
    return 0;
  }
  fmt::print("{}", given.json ? report::to_json(comparison) : report::to_text(comparison, options));
  return 0;
}

}  // namespace tw::command
