#include "platforms/virt/peripherals.hpp"

#include "platforms/virt/memory_map.hpp"

namespace tw::virt {

namespace {

devices::InterruptOutput wire(const Peripherals::Context& context, u32 spi) {
  return [interrupt = context.interrupt, spi](bool level) { interrupt(spi, level); };
}

}  // namespace

tlm::MmioTiming device_timing(const devices::Config& config, tlm::Clock clock) {
  return {.read_latency = config.read_latency, .write_latency = config.write_latency, .clock = clock};
}

Peripherals::Peripherals(sc_core::sc_module_name name, const Context& context)
    : sc_module(name),
      uart_("uart", device_timing(context.config.devices, context.clock), context.serial_line, wire(context, kUartSpi)),
      rtc_("rtc", context.config.devices, device_timing(context.config.devices, context.clock), wire(context, kRtcSpi)),
      fw_cfg_("fw_cfg", device_timing(context.config.devices, context.clock)),
      gpio_("gpio", device_timing(context.config.devices, context.clock), wire(context, kGpioSpi)) {
  add_items(fw_cfg_.core(), context.firmware, context.cpus);
}

void Peripherals::connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link) {
  const auto map = [&](const char* name, const Range& range, auto& socket) {
    fabric.map(name, range.base, range.size, link, socket);
  };
  map("uart", kUart, uart_.socket());
  map("rtc", kRtc, rtc_.socket());
  map("fw_cfg", kFwCfg, fw_cfg_.socket());
  map("gpio", kGpio, gpio_.socket());
}

void Peripherals::press_power_key() { gpio_.press(kPowerKeyPin); }

}  // namespace tw::virt
