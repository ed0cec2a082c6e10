// The TLM shell of the PL031: seconds of simulated time, and the match as an event.
#pragma once

#include <systemc>

#include "devices/config.hpp"
#include "devices/pl031.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::devices {

class RtcModule final : public sc_core::sc_module, private SecondsPort {
 public:
  static constexpr u64 kFrameBytes = 0x1000;

  RtcModule(sc_core::sc_module_name name, const Config& config, const tlm::MmioTiming& timing,
            InterruptOutput interrupt);
  auto& socket() { return frame_.socket; }

 private:
  u64 seconds() const override;
  void match();
  void arrange_match();

  Pl031 core_;
  tlm::MmioModule frame_;
  sc_core::sc_event match_event_;
};

}  // namespace tw::devices
