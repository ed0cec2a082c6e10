// A trace that is being written, whatever comes of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "trace/writer.hpp"

namespace tw::record {

class Sink final {
 public:
  /// Throws UserError when the file cannot be begun.
  Sink(std::filesystem::path path, const trace::Header& header, u64 most_records)
      : path_(std::move(path)), writer_(path_, header), most_(most_records) {}

  /// What cannot be written is dropped: the run goes on, and its report is written. See failure().
  void put(const trace::Record& record) {
    if (full()) return;
    try {
      writer_.write(record);
    } catch (const UserError& error) {
      failure_ = error.what();
    }
  }
  /// Nothing is written any more.
  bool full() const { return failure_ || writer_.records() >= most_; }
  void finish() {
    if (failure_) return;
    try {
      writer_.finish();
    } catch (const UserError& error) {
      failure_ = error.what();
    }
  }

  const std::optional<std::string>& failure() const { return failure_; }
  const std::filesystem::path& path() const { return path_; }
  u64 records() const { return writer_.records(); }
  u64 bytes() const { return writer_.bytes(); }

 private:
  const std::filesystem::path path_;
  trace::Writer writer_;
  const u64 most_;
  std::optional<std::string> failure_;
};

}  // namespace tw::record
