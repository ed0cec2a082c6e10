// The TLM shell of the GICv2: four frames and the wires, and a GICv2m frame beside them.
#pragma once

#include <memory>

#include <systemc>

#include "gic/v2/gic_v2.hpp"
#include "gic/v2/message_frame.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::gic {

class GicV2Module final : public sc_core::sc_module {
 public:
  /// Each frame is 64 KB apart on QEMU's virt, and decoded as a whole.
  static constexpr u64 kFrameBytes = 0x10000;
  static constexpr u64 kMessageBytes = 0x1000;

  /// Which SPIs the GICv2m frame may pulse.
  struct Messages {
    u32 first_intid;
    u32 count;
  };

  /// Latencies of `config` are cycles of `clock`. Without `virtualization` GICH and GICV do not exist.
  GicV2Module(sc_core::sc_module_name name, const Config& config, tlm::Clock clock, CpuSignals& signals,
              InterruptObserver* observer, bool virtualization, Messages messages);

  GicV2& core() { return core_; }
  auto& distributor() { return distributor_.socket; }
  auto& cpu_interface() { return cpu_interface_.socket; }
  auto& messages() { return messages_.socket; }
  auto& hypervisor_interface() { return hypervisor_interface_->socket; }
  auto& virtual_cpu_interface() { return virtual_cpu_interface_->socket; }

 private:
  GicV2 core_;
  v2::MessageFrame message_frame_;
  tlm::MmioModule distributor_, cpu_interface_, messages_;
  std::unique_ptr<tlm::MmioModule> hypervisor_interface_, virtual_cpu_interface_;
};

}  // namespace tw::gic
