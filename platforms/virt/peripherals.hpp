// The devices of the virt machine that are neither memory nor interrupt controller: a parts list of its own.
#pragma once

#include <functional>

#include <systemc>

#include "devices/tlm/fw_cfg_module.hpp"
#include "devices/tlm/gpio_module.hpp"
#include "devices/tlm/rtc_module.hpp"
#include "devices/tlm/uart_module.hpp"
#include "interconnect/tlm/interconnect_module.hpp"
#include "platforms/config/all_parameters.hpp"
#include "platforms/virt/firmware_items.hpp"

namespace tw::virt {

class Peripherals final : public sc_core::sc_module {
 public:
  struct Context {
    const config::PlatformConfig& config;
    tlm::Clock clock;
    devices::UartLine serial_line;
    /// The wire of SPI `spi`, as the device tree counts them, to the interrupt controller.
    std::function<void(u32 spi, bool level)> interrupt;
    FirmwareItems firmware;
    unsigned cpus = 1;
  };
  Peripherals(sc_core::sc_module_name name, const Context& context);

  /// Puts every device at its address, `add_master(socket)` for those that are masters.
  template <class AddMaster>
  void connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link, const AddMaster& add_master) {
    add_master(fw_cfg_.master());
    connect(fabric, link);
  }
  void press_power_key();
  void typed_now() { uart_.arrange_input(); }

 private:
  void connect(interconnect::InterconnectModule& fabric, const interconnect::Link& link);

  devices::UartModule uart_;
  devices::RtcModule rtc_;
  devices::FwCfgModule fw_cfg_;
  devices::GpioModule gpio_;
};

/// How a device answers on the bus, from its parameters.
tlm::MmioTiming device_timing(const devices::Config& config, tlm::Clock clock);

}  // namespace tw::virt
