// The TLM shell of fw_cfg: its registers and its master port.
#pragma once

#include <systemc>

#include "devices/fw_cfg.hpp"
#include "devices/tlm/dma_module.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::devices {

class FwCfgModule final : public sc_core::sc_module {
 public:
  FwCfgModule(sc_core::sc_module_name name, const tlm::MmioTiming& timing)
      : sc_module(name), dma_("dma", StreamId{}), core_(dma_), frame_("frame", core_, FwCfg::kBytes, timing) {}

  FwCfg& core() { return core_; }
  auto& socket() { return frame_.socket; }
  auto& master() { return dma_.socket(); }

 private:
  DmaModule dma_;
  FwCfg core_;
  tlm::MmioModule frame_;
};

}  // namespace tw::devices
