// trapwalk import: traces of other tools.
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/error.hpp"
#include "platforms/replay/lackey.hpp"
#include "sc_main/commands.hpp"

namespace tw::command {
namespace {

namespace po = boost::program_options;

constexpr const char* kCommand = "trapwalk import";

struct Options {
  std::string tool, from, to, command;
  u16 vmid = 0, asid = 0;
  bool help = false;
};

po::options_description describe(Options& o) {
  po::options_description all(
      "trapwalk import lackey FILE TRACE [OPTION]...: what valgrind --tool=lackey --trace-mem=yes --log-file=FILE "
      "wrote");
  all.add_options()("vmid", po::value(&o.vmid), "of all accesses; default 0")(
      "asid", po::value(&o.asid), "of all accesses; default 0")("command", po::value(&o.command),
                                                                "what was recorded, for the trace's provenance")(
      "help,h", po::bool_switch(&o.help), "this page");
  return all;
}

Options parse(std::span<const std::string> arguments) {
  Options o;
  po::options_description all = describe(o);
  all.add_options()("tool", po::value(&o.tool), "")("from", po::value(&o.from), "")("to", po::value(&o.to), "");
  po::positional_options_description positional;
  positional.add("tool", 1).add("from", 1).add("to", 1);
  try {
    po::variables_map given;
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
  if (o.help) return o;
  if (o.tool != "lackey")
    throw UserError(Complaint{kCommand, "of which tool? lackey is known, '" + o.tool + "' is not"});
  if (o.to.empty()) throw UserError(Complaint{kCommand, "from which file to which trace? see trapwalk import --help"});
  return o;
}

}  // namespace

int command_import(std::span<const std::string> arguments) {
  const Options options = parse(arguments);
  if (options.help) {
    Options unused;
    std::ostringstream text;
    text << describe(unused);
    fmt::print("{}", text.str());
    return 0;
  }
  std::ifstream text(options.from);
  if (!text) {
    throw UserError({options.from, "cannot be read: " + std::error_code(errno, std::generic_category()).message()});
  }
  std::error_code unknown;
  if (std::filesystem::equivalent(options.from, options.to, unknown)) {
    throw UserError({options.to, "is the file that is imported"});
  }
  trace::Header header;
  header.contents = {.ipa = false, .pa = false};
  if (!options.command.empty()) header.provenance.emplace_back("command", options.command);
  header.provenance.emplace_back("build", TW_VERSION);
  header.provenance.emplace_back("source", "lackey: " + std::filesystem::path(options.from).filename().string());
  trace::Record context;
  context.vmid = Vmid{options.vmid};
  context.asid = Asid{options.asid};
  trace::Writer writer(options.to, header);
  const u64 records = replay::import_lackey(text, options.from, context, writer);
  writer.finish();
  fmt::print("{}: {} records, {} bytes\n", options.to, records, writer.bytes());
  return 0;
}

}  // namespace tw::command
