// The TLM shell of the GICv3: its frames, its wires, and its way to the tables in memory. System registers do not
// travel over a bus: the platform joins a core's port to core().read and core().write.
#pragma once

#include <functional>

#include <systemc>

#include "gic/tlm/memory_module.hpp"
#include "gic/v3/gic_v3.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::gic {

class GicV3Module final : public sc_core::sc_module {
 public:
  /// Latencies of `config` are cycles of `clock`. `memory_written` hears what the GIC writes to its tables.
  GicV3Module(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, CpuSignals& signals,
              InterruptObserver* observer, std::function<void(Pa at, u64 bytes)> memory_written);

  GicV3& core() { return core_; }
  auto& distributor() { return distributor_.socket; }
  auto& redistributors() { return redistributors_.socket; }
  auto& its() { return its_.socket; }
  auto& memory() { return memory_.bus.socket; }
  u64 redistributor_bytes() const { return GicV3::kRedistributorBytes * core_.config().cpus; }

 private:
  MemoryModule memory_;
  GicV3 core_;
  tlm::MmioModule distributor_, redistributors_, its_;
};

}  // namespace tw::gic
