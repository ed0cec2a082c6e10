// The TLM shell of the flash: direct reads while every chip is in read-array mode.
#pragma once

#include <span>

#include <systemc>

#include "devices/cfi_flash.hpp"
#include "tlm/mmio_module.hpp"

namespace tw::devices {

class FlashModule final : public sc_core::sc_module, private FlashPort {
 public:
  /// `array` outlives the module.
  FlashModule(sc_core::sc_module_name name, std::span<u8> array, const tlm::MmioTiming& timing);
  CfiFlash& core() { return core_; }
  auto& socket() { return frame_.socket; }

 private:
  void direct_reads(bool allowed) override;
  void content_changed(u64 offset, u64 bytes) override;

  std::span<u8> array_;
  CfiFlash core_;
  tlm::MmioModule frame_;
};

}  // namespace tw::devices
