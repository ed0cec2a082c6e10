#include "cost/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace tw::cost {
namespace {

constexpr unsigned kLinearBits = 6;  // 64 buckets to an octave

unsigned width_bits(u64 value) {
  const unsigned length = static_cast<unsigned>(std::bit_width(value));
  return length > kLinearBits + 1 ? length - kLinearBits - 1 : 0;
}

}  // namespace

u64 Histogram::lower_bound(u64 value) { return value >> width_bits(value) << width_bits(value); }

u64 Histogram::upper_bound(u64 value) { return lower_bound(value) + ((u64{1} << width_bits(value)) - 1); }

void Histogram::add(u64 value, u64 times) {
  if (times == 0) return;
  buckets_[lower_bound(value)] += times;
  count_ += times;
  sum_ += value * times;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

Histogram Histogram::restored(std::map<u64, u64> buckets, u64 sum, u64 min, u64 max) {
  Histogram histogram;
  for (const auto& [lower, times] : buckets) histogram.count_ += times;
  if (histogram.count_ == 0) return histogram;
  histogram.buckets_ = std::move(buckets);
  histogram.sum_ = sum;
  histogram.min_ = min;
  histogram.max_ = max;
  return histogram;
}

void Histogram::merge(const Histogram& other) {
  for (const auto& [lower, times] : other.buckets_) buckets_[lower] += times;
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
  for (const auto& [lower, times] : buckets_) {
    seen += times;
    if (seen >= rank) return std::min(upper_bound(lower), max_);
  }
  return max_;
}

}  // namespace tw::cost
