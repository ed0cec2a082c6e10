// A histogram of whole numbers whose quantiles are exact up to 1/64: log-linear buckets, 64 to an octave.
#pragma once

#include <map>
#include <vector>

#include "base/types.hpp"

namespace tw::cost {

class Histogram final {
 public:
  void add(u64 value, u64 times = 1);
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
  std::vector<u64> buckets_;  ///< the smallest first, up to the last one that is used
  u64 count_ = 0;
  u64 sum_ = 0;
  u64 min_ = ~u64{0};
  u64 max_ = 0;
};

}  // namespace tw::cost
