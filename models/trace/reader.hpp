// Reads a trace (docs/trace-format.md), block by block or from any record on. Whatever is wrong with the file is a
// UserError with its name and the offset.
#pragma once

#include <filesystem>
#include <istream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trace/format.hpp"
#include "trace/record.hpp"

namespace tw::trace {

class Reader final {
 public:
  explicit Reader(const std::filesystem::path& path);
  /// The same from any stream that can seek; `name` for messages.
  Reader(std::string name, std::unique_ptr<std::istream> file);
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;

  const Header& header() const { return header_; }
  u64 records() const { return records_; }
  u64 blocks() const { return index_.size(); }
  /// The records from where the reader is to the end of their block; none at the end of the trace. They stay until the
  /// next call.
  std::span<const Record> next();
  /// next() begins with this record; behind the last one it gives none.
  void seek(u64 record);

 private:
  struct Unpacker;
  struct Entry {
    u64 offset, first_record;
  };
  void read_header();
  void read_index();
  Bytes read(u64 offset, u64 bytes);
  void check(u64 offset, const Bytes& bytes, std::string_view what) const;
  [[noreturn]] void damaged(u64 offset, const std::string& what) const;

  std::string name_;
  std::unique_ptr<std::istream> file_;
  std::unique_ptr<Unpacker> unpacker_;
  u64 file_bytes_ = 0;
  u64 blocks_at_ = 0;  ///< where the first block begins
  Header header_;
  Vocabulary vocabulary_;  ///< of its version
  u64 records_ = 0;
  std::vector<Entry> index_;
  u64 index_at_ = 0;
  std::size_t next_block_ = 0;
  u64 skip_ = 0;  ///< records of that block
  std::vector<Record> block_;
};

}  // namespace tw::trace
