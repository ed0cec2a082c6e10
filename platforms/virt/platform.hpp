// The virt platform: QEMU's `virt` machine, as far as its devices exist here.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <systemc>

#include "cost/events.hpp"
#include "cost/interrupts.hpp"
#include "cpu/code_cache.hpp"
#include "cpu/system/psci.hpp"
#include "cpu/system/semihosting.hpp"
#include "devices/tlm/flash_module.hpp"
#include "devices/tlm/pl330_module.hpp"
#include "interconnect/dvm.hpp"
#include "interconnect/tlm/interconnect_module.hpp"
#include "memory/tlm/ram_module.hpp"
#include "platforms/console/console.hpp"
#include "platforms/images/images.hpp"
#include "platforms/virt/core_complex.hpp"
#include "platforms/virt/device_tree/device_tree.hpp"
#include "platforms/virt/dma_bus.hpp"
#include "platforms/virt/endpoints.hpp"
#include "platforms/virt/event_log.hpp"
#include "platforms/virt/host_pace.hpp"
#include "platforms/virt/interrupt_controller.hpp"
#include "platforms/virt/memory_map.hpp"
#include "platforms/virt/pci_express.hpp"
#include "platforms/virt/peripherals.hpp"
#include "platforms/virt/run_control.hpp"
#include "platforms/virt/secure_peripherals.hpp"
#include "platforms/virt/system_mmu.hpp"
#include "platforms/virt/virtio_devices.hpp"
#include "tlm/protocol_checker.hpp"

namespace tw::virt {

/// How a platform is built and run, beyond its parameters.
struct Settings {
  unsigned cpus = 1;
  config::PlatformConfig config;
  PsciConduit psci = PsciConduit::Smc;
  VirtioSettings virtio;
  SmmuSettings smmu;
  std::vector<EndpointSettings> endpoints;
  bool pl330 = false;  ///< a DMA controller
  bool semihosting = false;
  std::string command_line;  ///< for semihosting
  bool secure = false;       ///< with memory and devices for Secure accesses alone
  RunLimits limits;
  cost::LedgerLimits ledger = {};
  std::optional<cost::EventOptions> events = {};  ///< what is logged, one by one; nothing: the sums alone
  FirmwareItems firmware;
};

/// Who is at the other ends of the serial lines.
struct Consoles {
  console::Console& serial;
  console::Console* virtio = nullptr;  ///< behind virtio-console's port 0; without it there is no such device
  console::Console* secure = nullptr;  ///< of the secure UART, in a secure machine
};

/// Where core 0 starts. All other cores are off until PSCI starts them, or start there too when there is no PSCI.
struct Start {
  Pa entry{};
  /// Enter at EL2 (or EL1 without EL2) as the Linux boot protocol wants, with x0 = device tree. Otherwise as after a
  /// reset: highest EL, x0 = 0.
  bool linux_protocol = false;
  u64 device_tree = 0;
};

/// What a device tree says of the DMA controller.
Pl330Spec pl330_spec(const devices::pl330::Config& config);

class Platform final : public sc_core::sc_module,
                       private Cluster,
                       private cpu::PowerPort,
                       private cpu::SemihostingPort,
                       private gic::CpuSignals,
                       private gic::InterruptObserver,
                       private RunObserver {
 public:
  Platform(sc_core::sc_module_name name, const Settings& settings, const Consoles& consoles);
  ~Platform() override;

  /// Devices of the user's own (docs/tutorials/adding-a-device.md): at an address, and wires to the interrupt
  /// controller as device trees count them. Before the simulation starts. Throws UserError on an overlap.
  template <class TargetSocket>
  void add_device(const std::string& device, const Range& range, TargetSocket& socket) {
    fabric_.map(device, range.base, range.size, interconnect::peripheral_link(settings_.config.interconnect), socket);
  }
  std::function<void(bool level)> spi_wire(u32 spi) {
    return [this, spi](bool level) { interrupt_controller_.wires().set_spi(spi_intid(spi), level); };
  }
  const config::PlatformConfig& config() const { return settings_.config; }

  /// Copies the plan into RAM and flash. Throws UserError when a segment lies elsewhere.
  void load(const images::LoadPlan& plan);
  void reset(const Start& start);

  /// The contents of a bank of flash; and programming it fails from now on.
  std::span<const u8> flash(unsigned bank) const { return (bank == 0 ? flash0_bytes_ : flash1_bytes_).bytes(); }
  void protect_flash(unsigned bank) { (bank == 0 ? flash0_ : flash1_).core().protect(); }
  /// Another machine for those who look at time alone: only parameters of timing_only.hpp differ. Before any core was
  /// timed. MMUs have no ghosts afterwards.
  void configure(const config::PlatformConfig& config) {
    for (auto& core : cores_) core->configure(config);
  }
  /// For the guest's driver of the power key. It may well ignore it.
  void press_power_key() { peripherals_.press_power_key(); }

  /// Somebody has typed, who need not have been expected: the serial line looks.
  void typed_now() { peripherals_.typed_now(); }
  /// The interrupt controller's wires; and a virtual interrupt made pending in an empty list register of a core's
  /// hypervisor interface. False: there is none.
  gic::Controller& wires() { return interrupt_controller_.wires(); }
  bool list_virtual_interrupt(unsigned cpu, u32 intid, u8 priority) {
    return interrupt_controller_.list_virtual_interrupt(cpu, intid, priority);
  }

  RunControl& control() { return control_; }
  const tlm::Clock& clock() const { return clock_; }
  std::vector<std::unique_ptr<CoreComplex>>& complexes() { return cores_; }
  /// nullptr without mmu.check_contract.
  const mmu::Contract* contract() const { return contract_.get(); }
  const cost::InterruptLedger& interrupts() const { return interrupts_; }
  /// nullptr: nothing is logged. What is measured is in it when its measurement has ended.
  const EventLog* events() const { return events_.get(); }
  const cache::Hierarchy& caches() const { return caches_.hierarchy(); }
  /// nullptr: the machine has none.
  smmu::Smmu* smmu() { return smmu_ ? &smmu_->core() : nullptr; }
  const smmu::Smmu* smmu() const { return smmu_ ? &smmu_->core() : nullptr; }
  const devices::pl330::Pl330* pl330() const { return pl330_ ? &pl330_->core() : nullptr; }
  interconnect::InterconnectModule& fabric() { return fabric_; }
  /// nullptr: memory of one latency.
  const memory::Dram* dram() { return ram_.dram(); }

 private:
  void connect();
  devices::UartLine serial_line();
  void add_smmu();
  void connect_masters(const interconnect::Link& peripheral);
  void add_pl330();
  void add_secure(console::Console* console);
  std::optional<u8> typed();
  void keep_pace(const std::function<void(std::chrono::milliseconds)>& wait);
  // Cluster
  void invalidate_everywhere(unsigned from, const vmsa::Invalidate& what, u64 now) override;
  u64 invalidations_done(unsigned from, u64 now) override;
  void send_event_everywhere() override;
  void timer_line(unsigned cpu, timer::Timer which, bool level) override;
  void performance_line(unsigned cpu, bool level) override;
  bool firmware_call(cpu::Cpu& cpu, cpu::SystemPort::Conduit conduit) override;
  bool semihosting_call(cpu::Cpu& cpu) override;
  // RunObserver: what was measured so far is forgotten when a measured phase begins
  void set_timed(cpu::Cpu& cpu, bool timed) override;
  void measure_begins(cpu::Cpu& cpu, u64 interval) override;
  void measure_ends(cpu::Cpu& cpu, u64 interval) override;
  void interval_begins(u64 interval) override;
  void interval_ends(u64 interval) override;
  // PSCI
  unsigned cores() const override { return settings_.cpus; }
  cpu::Cpu& core(unsigned index) override { return cores_[index]->core(); }
  void core_started(unsigned core) override;
  void system_off() override { control_.stop(StopCause::PowerOff); }
  void system_reset() override { control_.stop(StopCause::Reset); }
  // Semihosting
  void console_write(std::string_view text) override;
  int console_read() override;
  void exit(int status) override { control_.stop(StopCause::SemihostingExit, status); }
  u64 nanoseconds() override;
  // GIC
  void set(unsigned cpu, gic::Signal which, bool level) override;
  void at(u32 intid, unsigned cpu, bool is_virtual, cost::InterruptStation station) override;

  const Settings settings_;
  console::Console& console_;
  const arm::CpuModel model_;
  tlm::Clock clock_;
  RunControl control_;
  HostPace pace_;
  cpu::PsciFirmware psci_;
  cpu::Semihosting semihosting_;
  cpu::CodeCache code_;
  cost::InterruptLedger interrupts_;
  std::unique_ptr<EventLog> events_;
  memory::Ram ram_bytes_, flash0_bytes_, flash1_bytes_;
  std::unique_ptr<mmu::Contract> contract_;  ///< the cores have references to it
  std::vector<std::unique_ptr<CoreComplex>> cores_;
  InterruptController interrupt_controller_;
  memory::RamModule ram_;
  devices::FlashModule flash0_, flash1_;
  Peripherals peripherals_;
  VirtioDevices virtio_;
  Endpoints endpoints_;
  PciExpress pci_;
  tlm::ProtocolCheckers checkers_;
  DmaBus dma_;
  std::unique_ptr<SystemMmu> smmu_;
  std::unique_ptr<devices::Pl330Module> pl330_;
  std::unique_ptr<SecurePeripherals> secure_;
  interconnect::Dvm dvm_;
  ClusterCaches caches_;
  interconnect::InterconnectModule fabric_;
};

}  // namespace tw::virt
