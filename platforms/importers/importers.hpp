// The tools whose traces `trapwalk import` takes, a row each.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "platforms/importers/input.hpp"
#include "trace/record.hpp"

namespace tw::importers {

/// Takes the records, one after the other.
using Sink = std::function<void(const trace::Record&)>;

struct Options {
  trace::Record context;  ///< its vmid, asid and el are those of all records
  /// gem5: numbers of its commands that are reads and writes, beside ReadReq and WriteReq.
  std::vector<u32> reads, writes;
};

/// What was left out of the trace, and how often.
using LeftOut = std::map<std::string, u64>;

struct Importer {
  const char* name;
  const char* what;          ///< the files
  trace::Contents contents;  ///< of the trace that comes out
  const char* addresses;     ///< what its VAs are
  LeftOut (*import)(Input&, const Options&, const Sink&);
};
std::span<const Importer> all_importers();
/// Throws UserError that names them all.
const Importer& importer_of(const std::string& name);

struct Request {
  std::string importer;
  std::filesystem::path from, to;
  Options options;
  std::string command;  ///< what was recorded, for the trace's provenance; may be empty
  std::string build;    ///< of Trapwalk
};
struct Outcome {
  u64 records = 0, bytes = 0;  ///< of the trace
  LeftOut left_out;
};
/// Reads `from`, writes `to`. UserError: no such importer, a file that cannot be read or written, that is not what it
/// should be, or in which there is no access; then what was at `to` stays.
Outcome import_file(const Request& request);

}  // namespace tw::importers
