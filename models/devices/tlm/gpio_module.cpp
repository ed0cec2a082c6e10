#include "devices/tlm/gpio_module.hpp"

#include "base/bits.hpp"

namespace tw::devices {

namespace {

const sc_core::sc_time kPressed(100, sc_core::SC_MS);

}  // namespace

GpioModule::GpioModule(sc_core::sc_module_name name, const tlm::MmioTiming& timing, InterruptOutput interrupt,
                       Pl061::PinOutput output)
    : sc_module(name), core_(std::move(interrupt), std::move(output)), frame_("frame", core_, kFrameBytes, timing) {
  SC_HAS_PROCESS(GpioModule);
  SC_METHOD(release);
  sensitive << release_event_;
  dont_initialize();
}

void GpioModule::press(unsigned pin) {
  pressed_ |= static_cast<u8>(1u << pin);
  core_.set_input(pin, true);
  release_event_.cancel();
  release_event_.notify(kPressed);
}

void GpioModule::release() {
  for (unsigned pin = 0; pin < Pl061::kPins; ++pin) {
    if (bit_at(pressed_, pin)) core_.set_input(pin, false);
  }
  pressed_ = 0;
}

}  // namespace tw::devices
