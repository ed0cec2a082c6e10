// The redistributor of one core: two frames of 64 KB, RD_base and SGI_base. The states of SGIs and PPIs are the
// distributor's word 0; this is the way to them.
#pragma once

#include <span>

#include "base/mmio.hpp"
#include "gic/v3/distributor.hpp"

namespace tw::gic::v3 {

class Redistributor final {
 public:
  static constexpr u64 kFrameBytes = 0x20000;

  Redistributor(unsigned cpu, Distributor& distributor) : cpu_(cpu), distributor_(distributor) { reset(); }
  void reset();

  /// `access.offset` counts from this redistributor's RD_base; any core may make the access.
  MmioResult access(MmioAccess access) {
    access.cpu = static_cast<u8>(cpu_);
    return status_.serve(*this, registers(), access);
  }

  static std::span<const RegisterRow<Redistributor>> registers();
  /// GICR_WAKER.ProcessorSleep: nothing is forwarded to a core that sleeps.
  void set_asleep(bool asleep);

 private:
  friend struct RedistributorRegisters;
  friend struct RedistributorView;

  static constexpr u64 kPendingTableZero = u64{1} << 62;  ///< GICR_PENDBASER.PTZ

  Lpis& lpis() { return distributor_.lpis(cpu_); }
  void enable_lpis(bool enable);

  unsigned cpu_;
  Distributor& distributor_;
  bool asleep_ = true;
  u64 property_base_ = 0;  ///< GICR_PROPBASER
  u64 pending_base_ = 0;   ///< GICR_PENDBASER
  AccessStatus status_;
};

}  // namespace tw::gic::v3
