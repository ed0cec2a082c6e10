// GICv3 (Arm IHI 0069) without a clock: distributor, redistributors, and each core's CPU interface, virtual interface
// and hypervisor control as system registers; LPIs and an ITS. Affinity routing only.
#pragma once

#include <memory>
#include <vector>

#include "arm/gic_registers.hpp"
#include "base/mmio.hpp"
#include "gic/config.hpp"
#include "gic/controller.hpp"
#include "gic/ports.hpp"
#include "gic/v3/affinity.hpp"

namespace tw::gic {

/// Trap rules and lowest Exception levels are the core's; this serves what has passed them.
class GicV3 final : public Controller {
 public:
  static constexpr u64 kDistributorBytes = 0x10000;
  static constexpr u64 kRedistributorBytes = 0x20000;
  static constexpr u64 kItsBytes = 0x20000;

  /// Throws UserError when `config` is out of range or asks for more list registers than there are system
  /// registers, or when `affinities` is not one different affinity a core. Without `affinities`, core
  /// n is 0.0.0.n. Without `memory` there are no LPIs and no ITS. `signals`, `observer` and `memory` must outlive the
  /// GIC. All outputs start low.
  GicV3(const Config& config, CpuSignals& signals, InterruptObserver* observer = nullptr,
        std::vector<v3::Affinity> affinities = {}, MemoryPort* memory = nullptr);
  ~GicV3() override;
  GicV3(const GicV3&) = delete;
  GicV3& operator=(const GicV3&) = delete;

  void set_spi(u32 intid, bool level) override;
  void set_ppi(unsigned cpu, u32 intid, bool level) override;
  void hand_to_non_secure() override;

  MmioTarget& distributor();     ///< GICD, kDistributorBytes
  MmioTarget& redistributors();  ///< GICR, kRedistributorBytes a core, one after another
  MmioTarget& its();             ///< GITS control and translation frames, kItsBytes; RAZ/WI without memory

  u64 read(unsigned cpu, arm::GicRegister reg, const arm::GicAccess& how = {});
  void write(unsigned cpu, arm::GicRegister reg, u64 value, const arm::GicAccess& how = {});

  /// Where a core executes: decides between IRQ and FIQ. NonSecure until it is said.
  void set_world(unsigned cpu, arm::GicWorld world);

  /// The core's redistributor awake: what firmware does with GICR_WAKER before it hands a core over.
  void wake(unsigned cpu);

  /// Registers to their reset values. Wires are inputs and keep their levels.
  void reset();

  const Config& config() const { return config_; }

 private:
  struct Parts;
  Config config_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tw::gic
