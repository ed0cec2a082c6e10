// trapwalk import: traces of other tools.
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <limits>

#include "base/error.hpp"
#include "platforms/importers/importers.hpp"
#include "sc_main/commands.hpp"
#include "sc_main/options.hpp"

namespace tw::command {
namespace {

namespace po = boost::program_options;

constexpr const char* kCommand = "trapwalk import";

struct Options {
  std::string tool, from, to, command;
  i64 vmid = 0, asid = 0;
  std::vector<i64> reads, writes;
  bool help = false;
};

po::options_description describe(Options& o) {
  std::string title = "trapwalk import TOOL FILE TRACE [OPTION]...: FILE may be packed by gzip, xz or zstd. Tools:";
  for (const importers::Importer& importer : importers::all_importers()) {
    title += fmt::format("\n  {:<12}{}", importer.name, importer.what);
  }
  po::options_description all(title + "\nOptions", /*line_length=*/120);
  all.add_options()("vmid", po::value(&o.vmid), "of all accesses; default 0")(
      "asid", po::value(&o.asid), "of all accesses; default 0")("command", po::value(&o.command),
                                                                "what was recorded, for the trace's provenance")(
      "read", po::value(&o.reads)->composing(), "gem5: a command's number that is a read, beside ReadReq (1)")(
      "write", po::value(&o.writes)->composing(), "gem5: a command's number that is a write, beside WriteReq (4)")(
      "help,h", po::bool_switch(&o.help), "this page");
  return all;
}

Options parse(std::span<const std::string> arguments) {
  Options o;
  po::options_description all = describe(o);
  all.add_options()("tool", po::value(&o.tool), "")("from", po::value(&o.from), "")("to", po::value(&o.to), "");
  po::positional_options_description positional;
  positional.add("tool", 1).add("from", 1).add("to", 1);
  po::variables_map given;
  store_options(kCommand, {arguments.begin(), arguments.end()}, all, positional, given);
  po::notify(given);
  if (o.help) return o;
  if (o.to.empty()) {
    throw UserError(Complaint{
        kCommand, "give a tool, its file and the trace to write: TOOL FILE TRACE; see trapwalk import --help"});
  }
  if (importers::importer_of(o.tool).name != std::string("gem5") && (!o.reads.empty() || !o.writes.empty())) {
    throw UserError(Complaint{kCommand, "--read and --write are for gem5's commands"});
  }
  return o;
}

template <class T>
T within(const char* option, i64 value) {
  if (value < 0 || value > i64{std::numeric_limits<T>::max()}) {
    throw UserError(Complaint{option, fmt::format("{} is not from 0 to {}", value, std::numeric_limits<T>::max())});
  }
  return static_cast<T>(value);
}

}  // namespace

int command_import(std::span<const std::string> arguments) {
  const Options options = parse(arguments);
  if (options.help) {
    Options unused;
    fmt::print("{}", text_of(describe(unused)));
    return 0;
  }
  importers::Request request{.importer = options.tool,
                             .from = options.from,
                             .to = options.to,
                             .options = {},
                             .command = options.command,
                             .build = TW_VERSION};
  request.options.context.vmid = Vmid{within<u16>("--vmid", options.vmid)};
  request.options.context.asid = Asid{within<u16>("--asid", options.asid)};
  for (const i64 number : options.reads) request.options.reads.push_back(within<u32>("--read", number));
  for (const i64 number : options.writes) request.options.writes.push_back(within<u32>("--write", number));
  const importers::Outcome outcome = importers::import_file(request);
  fmt::print("{}: {} records, {} bytes\n", options.to, outcome.records, outcome.bytes);
  for (const auto& [what, count] : outcome.left_out) fmt::print("left out: {} {}\n", count, what);
  return 0;
}

}  // namespace tw::command
