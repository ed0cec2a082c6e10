// Writes a trace (docs/trace-format.md), block by block.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "trace/codec.hpp"

namespace tw::trace {

/// How many records share a block: what a reader must unpack to see one of them.
inline constexpr u32 kBlockRecords = 1u << 16;

class Writer final {
 public:
  /// All members throw UserError when the file cannot be written. Until finish() it has another name, `path`.part, and
  /// what was at `path` stays.
  Writer(const std::filesystem::path& path, const Header& header, u32 block_records = kBlockRecords);
  ~Writer();  ///< without finish(): nothing is left
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void write(const Record& record) {
    encoder_.add(record);
    if (encoder_.records() == block_records_) write_block();
  }
  u64 records() const { return records_ + encoder_.records(); }
  u64 bytes() const { return offset_; }  ///< so far in the file
  /// The index and the end; then it has its name.
  void finish();

 private:
  struct Packer;
  struct Entry {
    u64 offset, first_record;
  };
  void write_block();
  void append(std::span<const u8> bytes);
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::filesystem::path written_;  ///< `path_` itself where that is a device or a pipe
  bool finished_ = false;
  std::ofstream file_;
  u32 block_records_;
  Encoder encoder_;
  std::unique_ptr<Packer> packer_;
  std::vector<Entry> index_;
  u64 offset_ = 0;
  u64 records_ = 0;  ///< in blocks that are written
};

}  // namespace tw::trace
