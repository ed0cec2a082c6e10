#include "sc_main/measurement.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "sc_main/structures.hpp"

namespace tw::command {

Measurement::Measurement(virt::Platform& platform, const config::PlatformConfig& config)
    : platform_(platform), config_(config) {
  for (unsigned cpu = 0; cpu < platform.complexes().size(); ++cpu) measured_.cores.push_back(take(cpu));
  close_sample();
}

report::Core Measurement::take(unsigned cpu) const {
  report::Core taken = take_core(platform_, cpu, config_);
  if (taken.accounted != taken.cycles()) {
    throw std::logic_error(
        fmt::format("core {}: {} cycles elapsed, {} have an owner", cpu, taken.cycles(), taken.accounted));
  }
  return taken;
}

void Measurement::measure_ends(cpu::Cpu& cpu, u64 interval) {
  if (!plan().options().sampling) {
    report::add(measured_.cores[cpu.index], take(cpu.index));
    return;
  }
  go_on_to_sample(interval);
  sample_cores_[cpu.index] = take(cpu.index);
}

void Measurement::interval_ends(u64 interval) {
  if (!plan().options().sampling) {
    report::add_shared(measured_, take_shared(platform_, config_));
    return;
  }
  go_on_to_sample(interval);
  sample_shared_ = take_shared(platform_, config_);
}

void Measurement::go_on_to_sample(u64 interval) {
  if (interval != sample_) close_sample();
  sample_ = interval;
}

void Measurement::close_sample() {
  // A sample in which the region ended is shorter than the others: it is no sample.
  if (sample_ != 0 && !plan().cut(sample_)) {
    samples_.add(sample_cores_);
    report::add_shared(measured_, sample_shared_);
    for (std::size_t cpu = 0; cpu < sample_cores_.size(); ++cpu) report::add(measured_.cores[cpu], sample_cores_[cpu]);
  }
  sample_ = 0;
  sample_cores_.assign(measured_.cores.size(), {});
  sample_shared_ = {};
}

void Measurement::finish() { close_sample(); }

Measurement Measurement::so_far() const {
  const virt::RunControl& control = platform_.control();
  Measurement copy = *this;
  copy.plan_ = control.plan_now();
  for (const auto& complex : platform_.complexes()) {
    cpu::Cpu& core = complex->core();
    if (const u64 interval = control.measured_interval(core.index)) copy.measure_ends(core, interval);
  }
  if (control.interval_open()) copy.interval_ends(copy.plan().intervals());
  copy.finish();
  return copy;
}

void Measurement::fill(report::Report& report) const {
  report.cores = measured_.cores;
  report::add_shared(report, measured_);
  const region::Options& options = plan().options();
  if (options.from) report.region.from = options.from->written;
  if (options.until) report.region.until = options.until->written;
  report.region.warm_up = options.warm_up;
  if (options.sampling) {
    report.sampling.period = options.sampling->period;
    report.sampling.warm = options.sampling->warm;
    report.sampling.measure = options.sampling->measure;
    u64 instructions = 0, idle = 0;
    for (const region::Span& span : plan().spans()) {
      instructions += span.end.instructions - span.begin.instructions;
      idle += span.end.idle_cycles - span.begin.idle_cycles;
    }
    samples_.estimate(report.sampling, instructions, idle);
  }
  if (options.plain()) return;
  for (const region::Span& span : plan().spans()) {
    report.region.spans.push_back(
        {span.begin.instructions, span.end.instructions, span.begin.picoseconds, span.end.picoseconds});
  }
}

std::string fidelity_of(const region::Options& options) {
  if (options.plain()) return "functional";
  std::string text = options.sampling ? "sampled" : "timed";
  if (options.from) text += " from " + options.from->written;
  if (options.until) text += " until " + options.until->written;
  return text;
}

}  // namespace tw::command
