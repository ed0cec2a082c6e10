// The bytes of a file of another tool's, whether it is packed (gzip, xz, zstd) or not. Whatever is wrong with it is a
// UserError with its name and the offset.
#pragma once

#include <filesystem>
#include <istream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platforms/importers/codec.hpp"

namespace tw::importers {

class Input final {
 public:
  explicit Input(const std::filesystem::path& path);
  /// The same from any stream; `name` for messages.
  Input(std::string name, std::unique_ptr<std::istream> file);

  const std::string& name() const { return name_; }
  /// Of the next byte, in what the file unpacks to.
  u64 offset() const { return base_ + at_; }
  /// The next byte; -1 at the end.
  int get() { return at_ < end_ || fill() ? unpacked_[at_++] : -1; }
  /// Fewer than asked for only at the end.
  std::size_t read(std::span<u8> bytes);
  /// The next line without its end; false at the end of the file. A line longer than kMostLine is none of a text's.
  bool line(std::string& line);
  [[noreturn]] void fail(u64 offset, std::string_view what) const;

  static constexpr std::size_t kMostLine = 4096;

 private:
  bool fill();
  std::span<u8> unpack();
  void read_more();
  [[noreturn]] void damaged(std::string_view what) const;

  std::string name_;
  std::unique_ptr<std::istream> file_;
  std::vector<u8> packed_, unpacked_;
  std::span<const u8> left_;  ///< of packed_: not yet unpacked
  u64 packed_read_ = 0;       ///< bytes of the file that have been read
  bool last_ = false;         ///< the file has no more
  std::unique_ptr<Codec> codec_;
  std::size_t at_ = 0, end_ = 0;  ///< in unpacked_
  u64 base_ = 0;                  ///< offset of its first byte
};

}  // namespace tw::importers
