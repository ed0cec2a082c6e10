// The TLM shell of the PL061.
#pragma once

#include <systemc>

#include "devices/pl061.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::devices {

class GpioModule final : public sc_core::sc_module {
 public:
  static constexpr u64 kFrameBytes = 0x1000;

  GpioModule(sc_core::sc_module_name name, const tlm::MmioTiming& timing, InterruptOutput interrupt,
             Pl061::PinOutput output = {});
  auto& socket() { return frame_.socket; }

  /// A key on `pin`: high for 100 ms from now, as QEMU's. A key that is down already stays down longer.
  void press(unsigned pin);

 private:
  void release();

  Pl061 core_;
  tlm::MmioModule frame_;
  sc_core::sc_event release_event_;
  u8 pressed_ = 0;  ///< pins
};

}  // namespace tw::devices
