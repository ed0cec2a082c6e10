#include "platforms/virt/secure_peripherals.hpp"

#include "platforms/virt/memory_map.hpp"
#include "platforms/virt/peripherals.hpp"

namespace tw::virt {

namespace {

/// A rising edge acts (the gpio-poweroff and gpio-restart bindings).
devices::Pl061::PinOutput power_pins(const SecurePeripherals::Context& context) {
  return [power_off = context.power_off, restart = context.restart](unsigned pin, bool level) {
    if (level && pin == kSecurePowerOffPin) power_off();
    if (level && pin == kSecureRestartPin) restart();
  };
}

}  // namespace

SecurePeripherals::SecurePeripherals(sc_core::sc_module_name name, const Context& context)
    : sc_module(name),
      ram_bytes_(kSecureRam.size),
      ram_("ram", ram_bytes_, context.config.memory, context.clock, context.config.dram),
      uart_("uart", device_timing(context.config.devices, context.clock), context.serial_line,
            [interrupt = context.interrupt](bool level) { interrupt(kSecureUartSpi, level); }),
      // Its interrupt goes nowhere, as on QEMU.
      gpio_("gpio", device_timing(context.config.devices, context.clock), {}, power_pins(context)) {}

void SecurePeripherals::connect(interconnect::InterconnectModule& fabric, const interconnect::Link& memory,
                                const interconnect::Link& peripheral) {
  const auto map = [&](const char* name, const Range& range, const interconnect::Link& link, auto& socket) {
    fabric.map(name, range.base, range.size, link, socket, true);
  };
  map("secure ram", kSecureRam, memory, ram_.socket);
  map("secure uart", kSecureUart, peripheral, uart_.socket());
  map("secure gpio", kSecureGpio, peripheral, gpio_.socket());
}

}  // namespace tw::virt
