#include "devices/tlm/uart_module.hpp"

namespace tw::devices {

namespace {

/// One character at 115200 baud, 8N1: ten bit times.
const sc_core::sc_time kCharacterTime(86'806, sc_core::SC_NS);
const sc_core::sc_time kPollInterval(UartModule::kPollMilliseconds.count(), sc_core::SC_MS);

}  // namespace

UartModule::UartModule(sc_core::sc_module_name name, const tlm::MmioTiming& timing, UartLine line,
                       InterruptOutput interrupt)
    : sc_module(name),
      line_(std::move(line)),
      core_(*this, std::move(interrupt)),
      frame_("frame", core_, kFrameBytes, timing, [this] { arrange_input(); }) {
  SC_HAS_PROCESS(UartModule);
  SC_METHOD(receive);
  sensitive << input_event_;
  dont_initialize();
}

/// Without room nothing is asked for: room comes with an access to a register, and every access ends here. An earlier
/// notification that is pending stands (IEEE 1666, 5.10.8).
void UartModule::arrange_input() {
  if (!core_.can_receive()) return;
  const Characters expected = line_.expected();
  if (expected == Characters::Known) input_event_.notify(kCharacterTime);
  if (expected == Characters::Unknown) input_event_.notify(kPollInterval);
}

void UartModule::receive() {
  if (core_.can_receive()) {
    if (const std::optional<u8> character = line_.next()) {
      core_.receive(*character);
      // Where one came from there are likely more.
      if (core_.can_receive() && line_.expected() != Characters::None) input_event_.notify(kCharacterTime);
    }
  }
  arrange_input();
}

}  // namespace tw::devices
