// GICv2 (ARM IHI 0048B): distributor, CPU interfaces, and the Virtualization Extensions, as one core without a clock.
#pragma once

#include <memory>

#include "base/mmio.hpp"
#include "base/types.hpp"
#include "gic/config.hpp"
#include "gic/controller.hpp"
#include "gic/ports.hpp"
#include "gic/signalling.hpp"

namespace tw::gic {

/// The four frames bank by MmioAccess::cpu. Accesses of an unsupported size, to a reserved offset, or by a cpu that is
/// not there read as zero and ignore writes. An access with `debug` set has no effect and reports the value it would
/// read.
class GicV2 final : public Controller {
 public:
  /// Throws UserError when `config` is out of range. `signals` and `observer` must outlive the GIC. All outputs start
  /// low.
  GicV2(const Config& config, CpuSignals& signals, InterruptObserver* observer = nullptr);
  ~GicV2() override;
  GicV2(const GicV2&) = delete;
  GicV2& operator=(const GicV2&) = delete;

  void set_spi(u32 intid, bool level) override;
  void set_ppi(unsigned cpu, u32 intid, bool level) override;
  void hand_to_non_secure() override;

  MmioTarget& distributor();            ///< GICD, 0x1000 bytes
  MmioTarget& cpu_interface();          ///< GICC, 0x2000 bytes
  MmioTarget& hypervisor_interface();   ///< GICH, 0x1000 bytes
  MmioTarget& virtual_cpu_interface();  ///< GICV, 0x2000 bytes

  /// Registers to their reset values. Wires are inputs and keep their levels.
  void reset();

  const Config& config() const { return config_; }

 private:
  struct Parts;
  Config config_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tw::gic
