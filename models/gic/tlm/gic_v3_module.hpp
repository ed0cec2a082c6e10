// The TLM shell of the GICv3: its frames and wires. System registers do not travel over a bus: the platform joins a
// core's port to core().read and core().write.
#pragma once

#include <systemc>

#include "gic/v3/gic_v3.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::gic {

class GicV3Module final : public sc_core::sc_module {
 public:
  /// Latencies of `config` are cycles of `clock`.
  GicV3Module(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, CpuSignals& signals,
              InterruptObserver* observer);

  GicV3& core() { return core_; }
  auto& distributor() { return distributor_.socket; }
  auto& redistributors() { return redistributors_.socket; }
  u64 redistributor_bytes() const { return GicV3::kRedistributorBytes * core_.config().cpus; }

 private:
  GicV3 core_;
  tlm::MmioModule distributor_, redistributors_;
};

}  // namespace tw::gic
