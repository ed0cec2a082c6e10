// What the secure machine (--secure) has beside: memory and devices that only Secure accesses reach, as QEMU's virt
// with secure=on.
#pragma once

#include <functional>

#include <systemc>

#include "devices/tlm/gpio_module.hpp"
#include "devices/tlm/uart_module.hpp"
#include "interconnect/tlm/interconnect_module.hpp"
#include "memory/tlm/ram_module.hpp"
#include "platforms/config/all_parameters.hpp"

namespace tw::virt {

class SecurePeripherals final : public sc_core::sc_module {
 public:
  struct Context {
    const config::PlatformConfig& config;
    tlm::Clock clock;
    /// The firmware's own serial line.
    devices::UartLine serial_line;
    std::function<void(u32 spi, bool level)> interrupt;
    /// Firmware drives pins of the secure GPIO for these.
    std::function<void()> power_off, restart;
  };
  SecurePeripherals(sc_core::sc_module_name name, const Context& context);

  void connect(interconnect::InterconnectModule& fabric, const interconnect::Link& memory,
               const interconnect::Link& peripheral);
  memory::Ram& ram() { return ram_bytes_; }

 private:
  memory::Ram ram_bytes_;
  memory::RamModule ram_;
  devices::UartModule uart_;
  devices::GpioModule gpio_;
};

}  // namespace tw::virt
