// A run's traces: one a core, and one of the masters behind the SMMU.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <vector>

#include "platforms/record/core_recorder.hpp"
#include "platforms/record/dma_recorder.hpp"
#include "platforms/virt/platform.hpp"

namespace tw::record {

class Recording final : public virt::RunObserver {
 public:
  /// `file` is the trace of the only core; of several, core N's is `stem.cpuN.extension`, and that of DMA, in a machine
  /// with an SMMU, `stem.dma.extension`. Each gets `provenance` and what it is of. Throws UserError when one cannot be
  /// begun. Before the run; both must outlive it.
  Recording(const std::filesystem::path& file, const Selection& selection, const trace::Provenance& provenance,
            virt::Platform& platform);
  ~Recording() override;

  /// Of a core whose trace is full nothing is asked any more.
  void after_slice(cpu::Cpu& cpu);
  /// Nothing runs any more. All that can be finished is; see Sink::failure().
  void finish();
  const std::deque<Sink>& sinks() const { return sinks_; }

 private:
  void set_timed(cpu::Cpu& cpu, bool timed) override;
  void measure_begins(cpu::Cpu& cpu, u64 interval) override;
  void measure_ends(cpu::Cpu& cpu, u64 interval) override;
  void interval_begins(u64 interval) override;
  void interval_ends(u64 interval) override;

  virt::Platform& platform_;
  TableMap tables_;
  std::deque<Sink> sinks_;  ///< by core, then that of DMA
  std::deque<CoreRecorder> cores_;
  std::unique_ptr<DmaRecorder> dma_;
};

}  // namespace tw::record
