// The GICv2m frame: a write of an interrupt number by a PCI device becomes a pulse on that SPI (Server Base System
// Architecture, DEN 0029, appendix E, "GICv2m").
#pragma once

#include <span>

#include "base/mmio.hpp"
#include "gic/controller.hpp"

namespace tw::gic::v2 {

class MessageFrame final : public MmioTarget {
 public:
  /// Messages may name `count` SPIs from INTID `first` on. Software makes them edge-triggered.
  MessageFrame(Controller& controller, u32 first, u32 count) : controller_(controller), first_(first), count_(count) {}

  MmioResult access(const MmioAccess& access) override;
  static std::span<const RegisterRow<MessageFrame>> registers();

 private:
  friend struct MessageRegisters;
  Controller& controller_;
  u32 first_, count_;
};

}  // namespace tw::gic::v2
