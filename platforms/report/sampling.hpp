// Samples of a region: what each came to, as means with confidence intervals.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "platforms/report/report.hpp"

namespace tw::report {

/// How far from the mean of `samples` values the mean of all lies at most, in standard errors, with 95 % confidence:
/// the two-sided quantile of Student's t with samples - 1 degrees of freedom. At least two samples.
double t_of_95_percent(u64 samples);

class Samples final {
 public:
  /// One sample: the figures of every core.
  void add(std::span<const Core> cores);
  u64 count() const { return count_; }
  /// Of a region of so many instructions and idle cycles, of all cores. (The plan's numbers are left as they are.)
  void estimate(Sampling& sampling, u64 instructions, u64 idle_cycles) const;

 private:
  /// Mean and sum of squared differences from it, kept as values come (B. P. Welford, 1962).
  struct Series {
    std::string name;
    u64 count = 0;
    double mean = 0, squares = 0;
    void add(double value);
    double half_width() const;
  };
  void note(const std::string& name, double value);
  /// Nothing when there is nothing to divide by.
  void note(const std::string& name, u64 part, u64 whole, double scale = 1);

  u64 count_ = 0;
  std::vector<Series> series_;
};

}  // namespace tw::report
