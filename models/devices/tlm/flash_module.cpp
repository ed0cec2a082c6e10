#include "devices/tlm/flash_module.hpp"

namespace tw::devices {

FlashModule::FlashModule(sc_core::sc_module_name name, std::span<u8> array, const tlm::MmioTiming& timing)
    : sc_module(name), array_(array), core_(array, *this), frame_("frame", core_, array.size(), timing) {
  frame_.set_direct_reads([this](::tlm::tlm_dmi& dmi) {
    if (!core_.reads_are_direct()) return false;
    dmi.set_dmi_ptr(array_.data());
    return true;
  });
}

/// Both changes concern initiators: those that hold a pointer, and those that remember a refusal.
void FlashModule::direct_reads(bool) { frame_.invalidate_direct_reads(); }

/// Nobody holds a pointer then: programming and erasing happen outside read-array mode.
void FlashModule::content_changed(u64, u64) {}

}  // namespace tw::devices
