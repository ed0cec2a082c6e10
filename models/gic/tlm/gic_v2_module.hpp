// The TLM shell of the GICv2: four frames and the wires.
#pragma once

#include <memory>

#include <systemc>

#include "gic/v2/gic_v2.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::gic {

class GicV2Module final : public sc_core::sc_module {
 public:
  /// Each frame is 64 KB apart on QEMU's virt, and decoded as a whole.
  static constexpr u64 kFrameBytes = 0x10000;

  /// Latencies of `config` are cycles of `clock`. Without `virtualization` the last two frames do not exist.
  GicV2Module(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, CpuSignals& signals,
              InterruptObserver* observer, bool virtualization = true);

  GicV2& core() { return core_; }
  auto& distributor() { return distributor_.socket; }
  auto& cpu_interface() { return cpu_interface_.socket; }
  auto& hypervisor_interface() { return hypervisor_interface_->socket; }
  auto& virtual_cpu_interface() { return virtual_cpu_interface_->socket; }

 private:
  GicV2 core_;
  tlm::MmioModule distributor_, cpu_interface_;
  std::unique_ptr<tlm::MmioModule> hypervisor_interface_, virtual_cpu_interface_;
};

}  // namespace tw::gic
