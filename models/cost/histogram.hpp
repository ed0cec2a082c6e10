// A histogram of whole numbers whose quantiles are exact up to 1/64: log-linear buckets, 64 to an octave.
#pragma once

#include <algorithm>
#include <bit>
#include <map>
#include <vector>

#include "base/types.hpp"

namespace tw::cost {

class Histogram final {
 public:
  void add(u64 value, u64 times = 1) {
    if (times == 0) return;
    const std::size_t bucket = bucket_of(value);
    if (bucket >= buckets_.size()) [[unlikely]]
      buckets_.resize(bucket + 1);
    buckets_[bucket] += times;
    count_ += times;
    sum_ += value * times;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }
  void merge(const Histogram& other);
  u64 count() const { return count_; }
  u64 sum() const { return sum_; }
  u64 min() const { return count_ ? min_ : 0; }
  u64 max() const { return max_; }
  double mean() const { return count_ ? static_cast<double>(sum_) / static_cast<double>(count_) : 0.0; }
  /// The smallest upper bucket bound (at most max()) such that at least `fraction` (0..1) of the values are at or below
  /// it; 0 when empty. Exact for values below 128, else at most 1/64 too high.
  u64 quantile(double fraction) const;
  /// Lower bound of each used bucket -> count.
  std::map<u64, u64> buckets() const;
  static u64 lower_bound(u64 value);  ///< of the bucket that holds `value`
  static u64 upper_bound(u64 value);  ///< the largest value in that bucket
  /// What buckets(), sum(), min() and max() of a histogram gave (a report that is read back).
  static Histogram restored(const std::map<u64, u64>& buckets, u64 sum, u64 min, u64 max);
  bool operator==(const Histogram&) const = default;

 private:
  static constexpr unsigned kLinearBits = 6;  // 64 buckets to an octave
  static unsigned width_bits(u64 value) {
    const unsigned length = static_cast<unsigned>(std::bit_width(value));
    return length > kLinearBits + 1 ? length - kLinearBits - 1 : 0;
  }
  static std::size_t bucket_of(u64 value) {
    const unsigned width = width_bits(value);
    return (std::size_t{width} << kLinearBits) + (value >> width);
  }
  static u64 lower_bound_of(std::size_t bucket);

  std::vector<u64> buckets_;  ///< the smallest first, up to the last one that is used
  u64 count_ = 0;
  u64 sum_ = 0;
  u64 min_ = ~u64{0};
  u64 max_ = 0;
};

}  // namespace tw::cost
