// A trace for people, as JSON, and its records as CSV.
#pragma once

#include <cstdio>
#include <span>
#include <string>

#include "trace/summary.hpp"

namespace tw::command {

/// A trace file and what is in it.
struct TraceFile {
  std::string path;
  u64 bytes = 0;
  u64 records = 0;  ///< of the file; those of the summary may be fewer
  trace::Header header;
  trace::Summary summary;
};

/// At most `most_spaces` address spaces, those with the most accesses first.
std::string to_text(const TraceFile& trace, std::size_t most_spaces);
std::string to_json(const TraceFile& trace);

/// The first line of the CSV.
inline constexpr const char* kCsvColumns = "record,kind,el,vmid,asid,stream,va,ipa,pa,size,scope,regime,reach\n";
/// Lines of records, of which the first is number `first`. Empty is what a record has not.
std::string to_csv(std::span<const trace::Record> records, u64 first, trace::Contents contents);

}  // namespace tw::command
