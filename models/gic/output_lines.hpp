// The interrupt inputs of the cores, driven on changes only.
#pragma once

#include <array>

#include "gic/interrupt_states.hpp"
#include "gic/ports.hpp"
#include "gic/signalling.hpp"

namespace tw::gic {

class OutputLines final {
 public:
  /// All start low. `signals` must outlive this.
  explicit OutputLines(CpuSignals& signals) : signals_(signals) {}

  void drive(unsigned cpu, const Outputs& physical, const Outputs& virtual_) {
    drive(cpu, Signal::Irq, physical.irq);
    drive(cpu, Signal::Fiq, physical.fiq);
    drive(cpu, Signal::VirtualIrq, virtual_.irq);
    drive(cpu, Signal::VirtualFiq, virtual_.fiq);
  }

 private:
  void drive(unsigned cpu, Signal which, bool level) {
    bool& driven = level_[cpu][static_cast<unsigned>(which)];
    if (driven == level) return;
    driven = level;
    signals_.set(cpu, which, level);
  }

  CpuSignals& signals_;
  std::array<std::array<bool, kSignals>, kMaxCpus> level_{};
};

}  // namespace tw::gic
