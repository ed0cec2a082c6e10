#include "cost/histogram.hpp"

#include <cmath>

namespace tw::cost {
u64 Histogram::lower_bound_of(std::size_t bucket) {
  const std::size_t octave = bucket >> kLinearBits;
  const std::size_t width = octave == 0 ? 0 : octave - 1;
  return (bucket - (width << kLinearBits)) << width;
}

u64 Histogram::lower_bound(u64 value) { return value >> width_bits(value) << width_bits(value); }

u64 Histogram::upper_bound(u64 value) { return lower_bound(value) + ((u64{1} << width_bits(value)) - 1); }

std::map<u64, u64> Histogram::buckets() const {
  std::map<u64, u64> used;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    if (buckets_[bucket] != 0) used.emplace_hint(used.end(), lower_bound_of(bucket), buckets_[bucket]);
  }
  return used;
}

Histogram Histogram::restored(const std::map<u64, u64>& buckets, u64 sum, u64 min, u64 max) {
  Histogram histogram;
  for (const auto& [lower, times] : buckets) histogram.add(lower, times);
  if (histogram.count_ == 0) return histogram;
  histogram.sum_ = sum;
  histogram.min_ = min;
  histogram.max_ = max;
  return histogram;
}

void Histogram::merge(const Histogram& other) {
  if (buckets_.size() < other.buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t bucket = 0; bucket < other.buckets_.size(); ++bucket) buckets_[bucket] += other.buckets_[bucket];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

u64 Histogram::quantile(double fraction) const {
  if (count_ == 0) return 0;
  // 0.07 * 100 is a little above 7 in binary; a rank must not slip by that.
  const double exact = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_);
  const u64 rank = std::clamp<u64>(static_cast<u64>(std::ceil(exact * (1.0 - 1e-12))), 1, count_);
  u64 seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= rank) return std::min(upper_bound(lower_bound_of(bucket)), max_);
  }
  return max_;
}

}  // namespace tw::cost
