#include "platforms/importers/importers.hpp"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "base/error.hpp"
#include "platforms/importers/champsim.hpp"
#include "platforms/importers/gem5.hpp"
#include "platforms/importers/lackey.hpp"
#include "trace/writer.hpp"

namespace tw::importers {
namespace {

constexpr trace::Contents kVaOnly{.ipa = false, .pa = false}, kPaToo{.ipa = false, .pa = true};

constexpr std::array kImporters = {
    Importer{"lackey", "text of valgrind --tool=lackey --trace-mem=yes --log-file=FILE", kVaOnly, "virtual",
             import_lackey},
    Importer{"champsim", "instructions of ChampSim, 64 bytes each", kVaOnly, "virtual", import_champsim},
    Importer{"cloudsuite", "instructions of ChampSim's CloudSuite traces, 96 bytes each", kVaOnly, "virtual",
             import_cloudsuite},
    Importer{"gem5", "packets of gem5's MemTraceProbe", kPaToo, "physical: VA = PA", import_gem5},
};

}  // namespace

std::span<const Importer> all_importers() { return kImporters; }

const Importer& importer_of(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Importer& importer : kImporters) {
    if (importer.name == name) return importer;
    known.emplace_back(importer.name);
  }
  throw UserError({"trapwalk import", fmt::format("of which tool? '{}' is none of {}", name, fmt::join(known, ", "))});
}

Outcome import_file(const Request& request) {
  const Importer& importer = importer_of(request.importer);
  Input input(request.from);
  std::error_code unknown;
  if (std::filesystem::equivalent(request.from, request.to, unknown)) {
    throw UserError({request.to.string(), "is the file that is imported"});
  }
  trace::Header header;
  header.contents = importer.contents;
  if (!request.command.empty()) header.provenance.emplace_back("command", request.command);
  header.provenance.emplace_back("build", request.build);
  header.provenance.emplace_back("source", fmt::format("{}: {}", importer.name, request.from.filename().string()));
  header.provenance.emplace_back("addresses", importer.addresses);
  trace::Writer writer(request.to, header);
  Outcome outcome;
  outcome.left_out = importer.import(input, request.options, [&](const trace::Record& r) { writer.write(r); });
  outcome.records = writer.records();
  if (outcome.records == 0) throw UserError({input.name(), fmt::format("no access of {}'s in it", importer.name)});
  writer.finish();
  outcome.bytes = writer.bytes();
  return outcome;
}

}  // namespace tw::importers
