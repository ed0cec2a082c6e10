#include "devices/traffic/generator.hpp"

#include <numeric>

#include "devices/traffic/data.hpp"

namespace tw::devices::traffic {

namespace {

constexpr u64 kPicosecondsPerMicrosecond = 1'000'000;

Statistics empty_statistics(const std::vector<Window>& windows) {
  std::vector<StreamStatistics> streams;
  for (const Window& window : windows) {
    StreamStatistics& stream = streams.emplace_back();
    stream.stream = window.stream;
    stream.substream = window.substream;
    stream.has_substream = window.has_substream;
  }
  return Statistics(std::move(streams));
}

}  // namespace

std::vector<Window> windows_of(const Config& config) {
  std::vector<Window> windows;
  for (u64 n = 0; n < config.streams; ++n) {
    const StreamId stream{static_cast<u32>(config.stream_first + n)};
    for (u64 substream = 0; substream < std::max<u64>(config.substreams, 1); ++substream) {
      Window& window = windows.emplace_back();
      window.stream = stream;
      window.has_substream = config.substreams != 0;
      window.substream = window.has_substream ? static_cast<u32>(substream + 1) : 0;
      window.base = Iova{config.base};
      window.bytes = config.window;
      window.salt = salt_of(stream, window.substream);
    }
  }
  return windows;
}

Generator::Generator(const Config& config)
    : config_(config),
      windows_(windows_of(config)),
      weights_(weights_of(config)),
      weight_sum_(std::accumulate(weights_.begin(), weights_.end(), u64{0})),
      random_(SplitMix64::mix(config.seed)),
      statistics_(empty_statistics(windows_)) {
  for (std::size_t n = 0; n < windows_.size(); ++n) patterns_.push_back(make_pattern(config_, random_));
  for (u64 size = 2 * config_.size; size <= config_.size_max; size *= 2) ++sizes_;
}

/// A stream by its weight, then any of its substreams.
std::size_t Generator::pick_window() {
  const std::size_t substreams = windows_.size() / weights_.size();
  std::size_t stream = 0;
  if (weights_.size() > 1) {
    u64 ticket = random_.below(weight_sum_);
    while (ticket >= weights_[stream]) ticket -= weights_[stream++];
  }
  return stream * substreams + (substreams > 1 ? random_.below(substreams) : 0);
}

u64 Generator::pick_size() { return sizes_ == 1 ? config_.size : config_.size << random_.below(sizes_); }

Source::Answer Generator::next(Request& request, u64 now) {
  if (config_.requests != 0 && issued_ == config_.warm_up + config_.requests) return Answer::End;
  if (issued_ == 0) start_ = now;
  const std::size_t index = pick_window();
  const Window& window = windows_[index];
  const Place place = patterns_[index]->next(pick_size(), random_);
  request = {.at = window.base + place.offset,
             .bytes = static_cast<u32>(place.bytes),
             .write = config_.read_share < 100 && random_.below(100) >= config_.read_share,
             .stream = window.stream,
             .substream = window.substream,
             .has_substream = window.has_substream,
             .not_before = config_.rate == 0 ? 0 : start_ + due_bytes_ * kPicosecondsPerMicrosecond / config_.rate,
             .tag = index};
  due_bytes_ += place.bytes;
  ++issued_;
  return Answer::Request;
}

void Generator::fill(const Request& request, std::span<u8> data) {
  traffic::fill(data, request.at, windows_[request.tag].salt, Version::Written);
}

void Generator::completed(const Request& request, const Result& result) {
  if (completed_++ < config_.warm_up) {
    if (is_warm() && on_warm_) on_warm_();
    return;
  }
  const bool right = !config_.check || request.write || !result.ok ||
                     is_right(result.data, request.at, windows_[request.tag].salt, config_.read_share < 100);
  statistics_.add(request.tag, request, result, right);
}

}  // namespace tw::devices::traffic
