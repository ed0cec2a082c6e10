// An interrupt controller of any version, as devices and timers see it: wires.
#pragma once

#include "base/types.hpp"

namespace tw::gic {

class Controller {
 public:
  virtual ~Controller() = default;
  /// Wire of a shared peripheral interrupt, INTID 32 and up. An INTID that is not implemented is ignored.
  virtual void set_spi(u32 intid, bool level) = 0;
  /// Wire of a private peripheral interrupt, INTID 16..31. PPI 25 is driven by the GIC itself; ORed with this wire.
  virtual void set_ppi(unsigned cpu, u32 intid, bool level) = 0;
  /// What EL3 firmware leaves to a Non-secure operating system: every interrupt in (Non-secure) Group 1. For a
  /// platform that takes the firmware's place.
  virtual void hand_to_non_secure() = 0;
};

}  // namespace tw::gic
