// Which lines a prefetcher guesses. Trained by demand misses and by the first use of a prefetched line, so hits pay
// nothing for it.
#pragma once

#include <array>
#include <span>

#include "cache/tag_array.hpp"

namespace tw::cache {

enum class PrefetcherKind : u8 { None, NextLine, Stride };

class Prefetcher final {
 public:
  static constexpr unsigned kMaxDegree = 16;

  Prefetcher(PrefetcherKind kind, u64 degree, u64 line_bytes);

  bool off() const { return kind_ == PrefetcherKind::None; }
  /// The lines to ask for after an access at `pa` of line `key` by `stream`. Never beyond the 4 KB page: the next
  /// physical page may be anybody's. Valid until the next call.
  std::span<const LineKey> train(Pa pa, LineKey key, u64 stream);

 private:
  /// By PC: twice the same stride is a pattern.
  struct Stream {
    u64 stream = 0;
    u64 last = 0;
    i64 stride = 0;
    u8 confidence = 0;
  };
  static constexpr unsigned kStreams = 64;
  static constexpr u8 kConfident = 2;

  i64 stride_of(Pa pa, u64 stream);

  PrefetcherKind kind_;
  unsigned degree_;
  u64 line_bytes_;
  std::array<Stream, kStreams> streams_{};
  std::array<LineKey, kMaxDegree> guesses_{};
};

}  // namespace tw::cache
