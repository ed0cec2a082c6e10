// What the measured phases of a run come to: taken from ledgers and structures when a phase ends, so that nothing of
// what follows is in it; phases of a region that is entered again, and samples, are added up.
#pragma once

#include <optional>
#include <vector>

#include "platforms/report/report.hpp"
#include "platforms/report/sampling.hpp"
#include "platforms/virt/platform.hpp"

namespace tw::command {

class Measurement final : public virt::RunObserver {
 public:
  Measurement(virt::Platform& platform, const config::PlatformConfig& config);

  /// After RunControl::finish().
  void finish();
  /// The same measurement, finished as if the run had ended now. This one goes on.
  Measurement so_far() const;
  /// `report` gets cores, what they share, and what the plan says of the region. After finish().
  void fill(report::Report& report) const;

 private:
  void set_timed(cpu::Cpu&, bool) override {}
  void measure_begins(cpu::Cpu&, u64) override {}
  void measure_ends(cpu::Cpu& cpu, u64 interval) override;
  void interval_begins(u64) override {}
  void interval_ends(u64 interval) override;
  report::Core take(unsigned cpu) const;
  const region::Plan& plan() const { return plan_ ? *plan_ : platform_.control().plan(); }
  /// Cores end one sample after another; before the first core of one, the sample before it is complete.
  void go_on_to_sample(u64 interval);
  void close_sample();

  virt::Platform& platform_;
  const config::PlatformConfig& config_;
  report::Report measured_;
  report::Samples samples_;
  u64 sample_ = 0;                          ///< its interval; 0: none
  std::vector<report::Core> sample_cores_;  ///< what cores came to in it so far
  report::Report sample_shared_;
  std::optional<region::Plan> plan_;  ///< of so_far()
};

/// "functional", "timed", "timed from 'Run /init' until …".
std::string fidelity_of(const region::Options& options);

}  // namespace tw::command
