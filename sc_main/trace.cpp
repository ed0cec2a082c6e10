// trapwalk trace: what is in a trace.
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <filesystem>
#include <limits>
#include <optional>

#include "base/error.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/options.hpp"
#include "sc_main/trace_text.hpp"
#include "trace/reader.hpp"

namespace tw::command {
namespace {

namespace po = boost::program_options;

constexpr const char* kCommand = "trapwalk trace";
constexpr const char* kUsage = "trapwalk trace TRACE [OPTION]...: what is in a trace (docs/trace-format.md)";
constexpr std::size_t kFewSpaces = 20;

struct Options {
  std::string trace;
  u64 from = 0;
  u64 records = std::numeric_limits<u64>::max();
  bool all = false, json = false, csv = false, help = false;
};

po::options_description describe(Options& o) {
  po::options_description all(kUsage);
  all.add_options()("from", po::value(&o.from), "begins with this record")("records", po::value(&o.records),
                                                                           "and ends after so many")(
      "all", po::bool_switch(&o.all), "all address spaces, not only those with the most accesses")(
      "json", po::bool_switch(&o.json), "the counts as JSON")(
      "csv", po::bool_switch(&o.csv), "instead of counts the records, a line each")("help,h", po::bool_switch(&o.help),
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
  store_options(kCommand, {arguments.begin(), arguments.end()}, all, positional, given);
  po::notify(given);
  if (o.json && o.csv) throw UserError(Complaint{kCommand, "--json and --csv: one of them"});
  if (!o.help && o.trace.empty()) throw UserError(Complaint{kCommand, "which trace? see trapwalk trace --help"});
  return o;
}

/// Calls `use` with the records that were asked for and the number of the first, some at a time.
template <class Use>
void for_each_part(trace::Reader& reader, const Options& options, Use use) {
  if (options.from > reader.records()) {
    throw UserError({options.trace, fmt::format("--from {}: it has {} records", options.from, reader.records())});
  }
  reader.seek(options.from);
  u64 first = options.from;
  const u64 end = options.from + std::min(options.records, reader.records() - options.from);
  while (first < end) {
    const std::span<const trace::Record> block = reader.next();
    const auto part = block.first(std::min<u64>(block.size(), end - first));
    use(part, first);
    first += part.size();
  }
}

}  // namespace

int command_trace(std::span<const std::string> arguments) {
  const Options options = parse(arguments);
  if (options.help) {
    Options unused;
    fmt::print("{}", text_of(describe(unused)));
    return 0;
  }
  trace::Reader reader(options.trace);
  if (options.csv) {
    fmt::print("{}", kCsvColumns);
    for_each_part(reader, options, [&](std::span<const trace::Record> part, u64 first) {
      fmt::print("{}", to_csv(part, first, reader.header().contents));
    });
    return 0;
  }
  trace::Summarizer summarizer(reader.header().contents);
  for_each_part(reader, options, [&](std::span<const trace::Record> part, u64) { summarizer.add(part); });
  const TraceFile file{.path = options.trace,
                       .bytes = std::filesystem::file_size(options.trace),
                       .records = reader.records(),
                       .header = reader.header(),
                       .summary = summarizer.summary()};
  fmt::print("{}", options.json ? to_json(file) : to_text(file, options.all ? file.summary.spaces.size() : kFewSpaces));
  return 0;
}

}  // namespace tw::command
