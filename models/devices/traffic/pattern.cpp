#include "devices/traffic/pattern.hpp"

#include <algorithm>
#include <stdexcept>

namespace tw::devices::traffic {

namespace {

/// A multiple of `alignment` at which `bytes` fit into the window; zero always does.
u64 aligned_place(u64 window, u64 bytes, u64 alignment, SplitMix64& random) {
  return random.below((window - bytes) / alignment + 1) * alignment;
}

class Sequential final : public Pattern {
 public:
  explicit Sequential(const Config& config) : window_(config.window) {}
  Place next(u64 bytes, SplitMix64&) override {
    if (offset_ + bytes > window_) offset_ = 0;
    const Place place{offset_, bytes};
    offset_ += bytes;
    return place;
  }

 private:
  u64 window_;
  u64 offset_ = 0;
};

class Random final : public Pattern {
 public:
  explicit Random(const Config& config) : window_(config.window), alignment_(config.alignment) {}
  Place next(u64 bytes, SplitMix64& random) override {
    return {aligned_place(window_, bytes, alignment_, random), bytes};
  }

 private:
  u64 window_, alignment_;
};

class Strided final : public Pattern {
 public:
  explicit Strided(const Config& config) : window_(config.window), stride_(config.stride) {}
  Place next(u64 bytes, SplitMix64&) override {
    if (offset_ + bytes > window_) offset_ = 0;
    const Place place{offset_, bytes};
    offset_ += stride_;
    return place;
  }

 private:
  u64 window_, stride_;
  u64 offset_ = 0;
};

class ScatterGather final : public Pattern {
 public:
  explicit ScatterGather(std::vector<Place> segments) : segments_(std::move(segments)) {}
  Place next(u64 bytes, SplitMix64&) override {
    const Place& segment = segments_[at_];
    const Place place{segment.offset + done_, std::min(bytes, segment.bytes - done_)};
    done_ += place.bytes;
    if (done_ == segment.bytes) {
      done_ = 0;
      at_ = (at_ + 1) % segments_.size();
    }
    return place;
  }

 private:
  std::vector<Place> segments_;
  std::size_t at_ = 0;
  u64 done_ = 0;  ///< bytes of the segment
};

std::unique_ptr<Pattern> random_list(const Config& config, SplitMix64& random) {
  std::vector<Place> segments;
  for (u64 n = 0; n < config.segments; ++n) {
    segments.push_back(
        {aligned_place(config.window, config.segment_bytes, config.alignment, random), config.segment_bytes});
  }
  return scatter_gather(std::move(segments));
}

template <class Kind>
std::unique_ptr<Pattern> make(const Config& config, SplitMix64&) {
  return std::make_unique<Kind>(config);
}

constexpr PatternRow kPatterns[] = {
    {"sequential", make<Sequential>},
    {"random", make<Random>},
    {"strided", make<Strided>},
    {"scatter-gather", random_list},
};

}  // namespace

std::span<const PatternRow> patterns() { return kPatterns; }

std::unique_ptr<Pattern> make_pattern(const Config& config, SplitMix64& random) {
  for (const PatternRow& row : kPatterns) {
    if (row.name == config.pattern) return row.make(config, random);
  }
  throw std::logic_error("no pattern is called " + config.pattern);
}

std::unique_ptr<Pattern> scatter_gather(std::vector<Place> segments) {
  if (segments.empty()) throw std::logic_error("a scatter-gather list without a segment");
  return std::make_unique<ScatterGather>(std::move(segments));
}

}  // namespace tw::devices::traffic
