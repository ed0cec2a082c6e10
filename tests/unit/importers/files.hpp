// Files of other tools, made in memory, and what becomes of them.
#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "platforms/importers/importers.hpp"
#include "support/packed.hpp"

namespace tw::importers::test {

using packed::gzip;
using packed::xz;
using packed::zstd;

inline void little_endian(std::string& to, u64 value, unsigned bytes) {
  for (unsigned n = 0; n < bytes; ++n) to += static_cast<char>(value >> 8 * n);
}

struct Result {
  std::vector<trace::Record> records;
  LeftOut left_out;
  std::string complaint;  ///< empty: none
};

inline Result import(const std::string& importer, const std::string& file, const Options& options = {}) {
  Result result;
  try {
    Input input("f", std::make_unique<std::istringstream>(file));
    result.left_out =
        importer_of(importer).import(input, options, [&](const trace::Record& r) { result.records.push_back(r); });
  } catch (const UserError& error) {
    result.complaint = error.what();
  }
  return result;
}

/// What an access shows in a test.
inline std::string text_of(const trace::Record& record) {
  static constexpr const char* kKinds[] = {"F", "R", "W"};
  std::ostringstream text;
  text << kKinds[static_cast<unsigned>(record.kind)] << std::hex << record.va.value << '+' << std::dec << record.size;
  return text.str();
}
inline std::string text_of(const std::vector<trace::Record>& records) {
  std::string text;
  for (const trace::Record& record : records) text += (text.empty() ? "" : " ") + text_of(record);
  return text;
}

}  // namespace tw::importers::test
