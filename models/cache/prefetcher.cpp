#include "cache/prefetcher.hpp"

#include <algorithm>

namespace tw::cache {
namespace {

constexpr u64 kPage = 4096;

}  // namespace

Prefetcher::Prefetcher(PrefetcherKind kind, u64 degree, u64 line_bytes)
    : kind_(kind), degree_(static_cast<unsigned>(std::min<u64>(degree, kMaxDegree))), line_bytes_(line_bytes) {}

i64 Prefetcher::stride_of(Pa pa, u64 stream) {
  Stream& entry = streams_[(stream >> 2) % kStreams];
  if (entry.stream != stream) {
    entry = {.stream = stream, .last = pa.value};
    return 0;
  }
  const i64 stride = static_cast<i64>(pa.value - entry.last);
  entry.last = pa.value;
  if (stride == 0) return 0;
  if (stride != entry.stride) {
    entry.stride = stride;
    entry.confidence = 1;
    return 0;
  }
  if (entry.confidence < kConfident) ++entry.confidence;
  return entry.confidence == kConfident ? stride : 0;
}

std::span<const LineKey> Prefetcher::train(Pa pa, LineKey key, u64 stream) {
  const i64 line = static_cast<i64>(line_bytes_);
  const i64 stride = kind_ == PrefetcherKind::NextLine ? line : stride_of(pa, stream);
  if (stride == 0) return {};
  const u64 bytes = pa.align_down(line_bytes_).value;
  const u64 offset = pa.value - bytes;
  unsigned count = 0;
  i64 last = 0;
  for (unsigned n = 1; count < degree_ && n <= degree_ * line_bytes_; ++n) {
    const u64 guess = bytes + offset + static_cast<u64>(stride * static_cast<i64>(n));
    if (guess / kPage != pa.value / kPage) break;
    const i64 lines = static_cast<i64>(guess / line_bytes_) - static_cast<i64>(bytes / line_bytes_);
    if (lines == last) continue;
    last = lines;
    guesses_[count++] = key + static_cast<u64>(lines);
  }
  return {guesses_.data(), count};
}

}  // namespace tw::cache
