// Files of other tools, made in memory, and what becomes of them.
#pragma once

#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "platforms/importers/importers.hpp"

namespace tw::importers::test {

inline void little_endian(std::string& to, u64 value, unsigned bytes) {
  for (unsigned n = 0; n < bytes; ++n) to += static_cast<char>(value >> 8 * n);
}

inline std::string gzip(const std::string& bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string packed(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string xz(const std::string& bytes) {
  std::string packed(lzma_stream_buffer_bound(bytes.size()), '\0');
  std::size_t at = 0;
  if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const u8*>(bytes.data()), bytes.size(),
                              reinterpret_cast<u8*>(packed.data()), &at, packed.size()) != LZMA_OK) {
    std::abort();
  }
  packed.resize(at);
  return packed;
}

inline std::string zstd(const std::string& bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3));
  return packed;
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
