#include "platforms/report/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tw::report {
namespace {

constexpr const char* kCyclesPerInstruction = "cycles per instruction";
constexpr double kThousand = 1000;

/// P(|T| <= t) of Student's t with n degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4).
double inside(double t, u64 n) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(n)));
  const double sine = std::sin(angle), cosine = std::cos(angle);
  const bool odd = n % 2 == 1;
  double term = odd ? cosine : 1.0, sum = n == 1 ? 0.0 : term;
  for (u64 k = odd ? 3 : 2; k + 2 <= n; k += 2) {
    term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

}  // namespace

double t_of_95_percent(u64 samples) {
  double low = 0, high = 16;  // 12.7 with one degree of freedom
  for (unsigned i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (inside(middle, samples - 1) < 0.95 ? low : high) = middle;
  }
  return high;
}

void Samples::Series::add(double value) {
  const double before = value - mean;
  mean += before / static_cast<double>(++count);
  squares += before * (value - mean);
}

double Samples::Series::half_width() const {
  if (count < 2) return 0;
  const double n = static_cast<double>(count);
  return t_of_95_percent(count) * std::sqrt(squares / (n - 1) / n);
}

void Samples::note(const std::string& name, double value) {
  auto series = std::find_if(series_.begin(), series_.end(), [&](const Series& s) { return s.name == name; });
  if (series == series_.end()) {
    series_.push_back({.name = name});
    series = std::prev(series_.end());
  }
  series->add(value);
}

void Samples::note(const std::string& name, u64 part, u64 whole, double scale) {
  if (whole != 0) note(name, scale * static_cast<double>(part) / static_cast<double>(whole));
}

void Samples::add(std::span<const Core> cores) {
  ++count_;
  const Core all = sum_of(cores);
  cost::ByCause cycles{};
  for (const ContextTotals& context : all.contexts) {
    for (unsigned i = 0; i < cost::kCauseCount; ++i) cycles[i] += context.cycles[i];
  }
  cycles[static_cast<unsigned>(cost::Cause::Idle)] = 0;
  const u64 busy = cost::total(cycles);
  note(kCyclesPerInstruction, busy, all.instructions);
  for (unsigned i = 0; i < cost::kCauseCount; ++i) {
    note("share of cycles: " + std::string(cost::kCauses[i].name), cycles[i], busy);
  }
  for (const TlbStatistics& tlb : all.tlbs) {
    if (tlb.entries == 0) continue;
    note(tlb.name + ": misses per lookup", tlb.misses, tlb.lookups);
    note(tlb.name + ": misses per 1000 instructions", tlb.misses, all.instructions, kThousand);
  }
  u64 walks = 0, walk_cycles = 0, traps = 0, trap_cycles = 0;
  for (const Walk& walk : all.walks) {
    walks += walk.count;
    walk_cycles += walk.cycles.sum();
  }
  for (const Trap& trap : all.traps) {
    traps += trap.cycles.count();
    trap_cycles += trap.cycles.sum();
  }
  note("walks per 1000 instructions", walks, all.instructions, kThousand);
  note("cycles per walk", walk_cycles, walks);
  note("traps per 1000 instructions", traps, all.instructions, kThousand);
  note("cycles per trap", trap_cycles, traps);
}

void Samples::estimate(Sampling& sampling, u64 instructions, u64 idle_cycles) const {
  sampling.samples = count_;
  sampling.instructions = instructions;
  sampling.idle_cycles = idle_cycles;
  for (const Series& series : series_) {
    if (series.mean == 0 && series.squares == 0) continue;
    sampling.metrics.push_back({series.name, series.mean, series.half_width(), series.count});
    if (series.name != kCyclesPerInstruction) continue;
    sampling.cycles = series.mean * static_cast<double>(instructions) + static_cast<double>(idle_cycles);
    sampling.cycles_half_width = series.half_width() * static_cast<double>(instructions);
  }
}

}  // namespace tw::report
