#include "platforms/virt/platform.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "arm/cpu_model.hpp"
#include "base/error.hpp"
#include "cpu/pipeline/branch_predictor.hpp"
#include "platforms/virt/memory_map.hpp"
#include "platforms/virt/serial_line.hpp"

namespace tw::virt {

namespace {

const arm::CpuModel& model_of(const cpu::Config& config) {
  const arm::CpuModel* model = arm::find_cpu_model(config.model);
  if (model == nullptr) throw UserError(Complaint{"core.model", "no core is called '" + config.model + "'"});
  return *model;
}

cpu::PsciFirmware::Conduit conduit_of(PsciConduit conduit) {
  switch (conduit) {
    case PsciConduit::None:
      return cpu::PsciFirmware::Conduit::None;
    case PsciConduit::Hvc:
      return cpu::PsciFirmware::Conduit::Hvc;
    case PsciConduit::Smc:
      return cpu::PsciFirmware::Conduit::Smc;
  }
  return cpu::PsciFirmware::Conduit::None;
}

cpu::Line line_of(gic::Signal signal) {
  switch (signal) {
    case gic::Signal::Irq:
      return cpu::Line::Irq;
    case gic::Signal::Fiq:
      return cpu::Line::Fiq;
    case gic::Signal::VirtualIrq:
      return cpu::Line::VirtualIrq;
    case gic::Signal::VirtualFiq:
      return cpu::Line::VirtualFiq;
  }
  return cpu::Line::Irq;
}

}  // namespace

Pl330Spec pl330_spec(const devices::pl330::Config& config) {
  return {.events = static_cast<unsigned>(config.events),
          .streams = config.stream_per_channel ? static_cast<unsigned>(config.channels) + 1 : 1};
}

Platform::Platform(sc_core::sc_module_name name, const Settings& settings, const Consoles& consoles)
    : sc_module(name),
      settings_(settings),
      console_(consoles.serial),
      model_(with_geometry(model_of(settings.config.core), settings.config.cache)),
      clock_(tlm::Clock::from_mhz(settings.config.core.frequency_mhz)),
      control_(settings.limits),
      psci_(conduit_of(settings.psci), *this),
      semihosting_({.folder = std::filesystem::current_path(), .command_line = settings.command_line}, *this),
      ram_bytes_(settings.config.memory.size),
      flash0_bytes_(kFlash0.size),
      flash1_bytes_(kFlash1.size),
      interrupt_controller_("gic", {.config = settings_.config,
                                    .cpus = settings_.cpus,
                                    .clock = clock_,
                                    .signals = *this,
                                    .observer = *this,
                                    .memory_written = [this](Pa at, u64 bytes) { code_.written(at, bytes); }}),
      ram_("ram", ram_bytes_, settings.config.memory, clock_, settings.config.dram),
      flash0_("flash0", flash0_bytes_.bytes(), device_timing(settings.config.devices, clock_)),
      flash1_("flash1", flash1_bytes_.bytes(), device_timing(settings.config.devices, clock_)),
      peripherals_(
          "peripherals",
          {.config = settings_.config,
           .clock = clock_,
           .serial_line = serial_line(),
           .interrupt = [this](u32 spi, bool level) { interrupt_controller_.wires().set_spi(spi_intid(spi), level); },
           .firmware = settings_.firmware,
           .cpus = settings_.cpus}),
      virtio_("virtio", {.config = settings_.config,
                         .settings = settings_.virtio,
                         .smmu = settings_.smmu,
                         .clock = clock_,
                         .console = consoles.virtio,
                         .interrupt =
                             [this](unsigned n, bool level) {
                               interrupt_controller_.wires().set_spi(spi_intid(kFirstVirtioSpi + n), level);
                             },
                         .keep_pace = [this](const auto& wait) { keep_pace(wait); },
                         .warn = [](std::string_view message) { fmt::print(stderr, "trapwalk: {}\n", message); }}),
      endpoints_("endpoints",
                 {.config = settings_.config,
                  .settings = settings_.endpoints,
                  .clock = clock_,
                  .first_slot = kFirstVirtioPciDevice + static_cast<unsigned>(virtio_.pci_devices().size())}),
      pci_("pci", {.config = settings_.config,
                   .clock = clock_,
                   .interrupt = [this](u32 spi,
                                       bool level) { interrupt_controller_.wires().set_spi(spi_intid(spi), level); }}),
      checkers_(settings.config.platform.check_protocol ? tlm::abort_on_violation
                                                        : tlm::ProtocolChecker::OnViolation{}),
      dma_("dma", {.written = [this](Pa pa, u64 bytes) { code_.written(pa, bytes); },
                   .is_cached =
                       [this](Pa pa, u64 bytes) {
                         return caches_.enabled() && cores_.front()->core().fidelity == cpu::Fidelity::Timed &&
                                pa >= kRam && ram_bytes_.contains(pa - kRam, bytes);
                       },
                   .time = [this](Pa pa, u64 bytes, bool write,
                                  const sc_core::sc_time& delay) { return caches_.dma(pa, bytes, write, delay); }}),
      dvm_(settings.config.interconnect, settings.cpus),
      caches_("caches", settings.config.cache, settings.cpus, clock_),
      fabric_("fabric", clock_, settings.config.interconnect, &checkers_) {
  const CoreComplex::Context context{.config = settings_.config,
                                     .model = model_,
                                     .clock = clock_,
                                     .code = code_,
                                     .run = control_,
                                     .cluster = *this,
                                     .ledger_limits = settings_.ledger,
                                     .caches = caches_,
                                     .gic = interrupt_controller_.system_registers()};
  for (unsigned n = 0; n < settings_.cpus; ++n) {
    cores_.push_back(std::make_unique<CoreComplex>(fmt::format("core{}", n).c_str(), n, context));
    const unsigned port = fabric_.add_port(interconnect::cpu_link(settings_.config.interconnect));
    cores_.back()->bind([this, port](auto& socket) { fabric_.connect(socket, port); });
    control_.add_core(cores_.back()->shell());
  }
  if (settings_.config.mmu.check_contract) {
    contract_ = std::make_unique<mmu::Contract>(settings_.cpus, [this](unsigned n) { return cores_[n]->core().pc; });
    for (auto& core : cores_) core->watch_contract(*contract_);
  }
  if (settings_.events) events_ = std::make_unique<EventLog>(*settings_.events, settings_.cpus);
  control_.add_observer(*this);
  control_.on_end([] { sc_core::sc_stop(); });
  if (settings_.pl330) add_pl330();
  connect();
  if (settings_.secure) add_secure(consoles.secure);
}

Platform::~Platform() = default;

void Platform::connect() {
  const interconnect::Config& config = settings_.config.interconnect;
  const interconnect::Link memory = interconnect::memory_link(config);
  const interconnect::Link peripheral = interconnect::peripheral_link(config);
  const auto map = [this](const char* name, const Range& range, const interconnect::Link& link, auto& socket) {
    fabric_.map(name, range.base, range.size, link, socket);
  };
  fabric_.map("flash0", kFlash0.base, kFlash0.size, memory, flash0_.socket(), settings_.secure);
  map("flash1", kFlash1, memory, flash1_.socket());
  interrupt_controller_.connect(fabric_, peripheral, interconnect::dma_link(config));
  if (settings_.smmu.present) add_smmu();
  connect_masters(peripheral);
  map("virtio", kVirtio, peripheral, virtio_.transports());
  unsigned number = kFirstVirtioPciDevice;
  for (const auto& [device, master] : virtio_.pci_devices()) pci_.add(number++, *device, *master);
  for (const auto& [slot, endpoint] : endpoints_.list()) pci_.add(slot, endpoint->function());
  pci_.connect(fabric_, peripheral);
  if (pl330_) map("pl330", kPl330, peripheral, pl330_->socket());
  fabric_.connect(dma_.fabric, fabric_.add_port(interconnect::dma_link(config)));
  fabric_.connect(caches_.memory.bus.socket, fabric_.add_port(interconnect::cpu_link(config)));
  map("ram", {kRam, ram_bytes_.size()}, memory, ram_.socket);
}

void Platform::add_smmu() {
  const std::size_t masters =
      (virtio_.pci_devices().empty() && endpoints_.list().empty() ? 0 : 1) +
      (settings_.smmu.translates_platform_devices() ? virtio_.platform_masters() + (pl330_ ? 1 : 0) : 0);
  smmu_ = std::make_unique<SystemMmu>(
      "smmu",
      SystemMmu::Context{
          .config = settings_.config,
          .clock = clock_,
          .masters = static_cast<unsigned>(masters),
          .interrupt = [this](u32 spi, bool level) { interrupt_controller_.wires().set_spi(spi_intid(spi), level); },
          .send_event = [this] { send_event_everywhere(); },
          .is_memory = [this](Pa at, u64 bytes) { return at >= kRam && ram_bytes_.contains(at - kRam, bytes); },
          .checkers = checkers_});
  smmu_->connect(fabric_, interconnect::peripheral_link(settings_.config.interconnect), dma_);
}

/// fw_cfg is firmware's, before anybody has programmed an SMMU: it is never behind one.
void Platform::connect_masters(const interconnect::Link& peripheral) {
  const auto directly = [this](auto& master) { checkers_.bind(master, dma_.masters, master.name()); };
  peripherals_.connect(fabric_, peripheral, directly);
  const auto as_platform_device = [&](auto& master) {
    if (settings_.smmu.translates_platform_devices()) return smmu_->add_master(master);
    directly(master);
  };
  virtio_.bind_masters([&](auto& master, VirtioBus bus) {
    if (bus == VirtioBus::Mmio) return as_platform_device(master);
    if (settings_.smmu.translates_pci()) return smmu_->add_pci_master(master);
    directly(master);
  });
  if (pl330_) as_platform_device(pl330_->master());
  for (const auto& [slot, endpoint] : endpoints_.list()) {
    if (!settings_.smmu.translates_pci()) {
      endpoint->bind_masters(directly);
      continue;
    }
    endpoint->bind_masters([this](auto& master) { smmu_->add_pci_master(master); });
    endpoint->function().set_agent(&smmu_->agent(endpoint->stream(), endpoint->function()));
  }
}

void Platform::add_pl330() {
  const auto wire = [this](u32 spi) {
    return [this, spi](bool level) { interrupt_controller_.wires().set_spi(spi_intid(spi), level); };
  };
  pl330_ = std::make_unique<devices::Pl330Module>(
      "pl330", settings_.config.pl330, device_timing(settings_.config.devices, clock_), StreamId{kFirstPl330Stream},
      devices::pl330::Wires{.interrupt = [wire](unsigned n, bool level) { wire(kFirstPl330Spi + n)(level); },
                            .abort = wire(kPl330AbortSpi),
                            .acknowledge = {},
                            .flush = {}});
}

void Platform::add_secure(console::Console* console) {
  devices::UartLine line{
      .put = [](u8) {}, .next = [] { return std::nullopt; }, .expected = [] { return devices::Characters::None; }};
  if (console != nullptr) line.put = [console](u8 byte) { console->print(byte); };
  secure_ = std::make_unique<SecurePeripherals>(
      "secure",
      SecurePeripherals::Context{
          .config = settings_.config,
          .clock = clock_,
          .serial_line = std::move(line),
          .interrupt = [this](u32 spi, bool level) { interrupt_controller_.wires().set_spi(spi_intid(spi), level); },
          .power_off = [this] { control_.stop(StopCause::PowerOff); },
          .restart = [this] { control_.stop(StopCause::Reset); }});
  const interconnect::Config& config = settings_.config.interconnect;
  secure_->connect(fabric_, interconnect::memory_link(config), interconnect::peripheral_link(config));
}

devices::UartLine Platform::serial_line() {
  return {.put = [this](u8 byte) { console_.print(byte); },
          .next = [this] { return typed(); },
          .expected = [this] { return characters_of(console_.input()); }};
}

std::optional<u8> Platform::typed() {
  keep_pace([this](std::chrono::milliseconds limit) { console_.wait_for_input(limit); });
  return console_.next_input();
}

void Platform::keep_pace(const std::function<void(std::chrono::milliseconds)>& wait) {
  const bool asleep =
      std::all_of(cores_.begin(), cores_.end(), [](const auto& core) { return core->shell().asleep(); });
  const std::chrono::milliseconds due =
      pace_.due(tlm::to_picoseconds(sc_core::sc_time_stamp()), asleep, devices::HostPoll::kInterval);
  if (due.count() > 0) wait(due);
  control_.check_interrupt();
}

void Platform::load(const images::LoadPlan& plan) {
  std::vector<std::pair<Range, memory::Ram*>> places = {
      {kFlash0, &flash0_bytes_}, {kFlash1, &flash1_bytes_}, {{kRam, ram_bytes_.size()}, &ram_bytes_}};
  if (secure_) places.emplace_back(kSecureRam, &secure_->ram());
  for (const images::Segment& segment : plan.segments()) {
    bool placed = false;
    for (const auto& [range, bytes] : places) {
      if (segment.at < range.base || segment.last() > range.base.value + (range.size - 1)) continue;
      bytes->load(segment.at - range.base, segment.bytes, segment.name);  // what follows is zero already
      placed = true;
    }
    if (!placed) {
      throw UserError(Complaint{
          segment.name, fmt::format("[0x{:x}, 0x{:x}] is not in memory: RAM is [0x{:x}, 0x{:x}]", segment.at.value,
                                    segment.last(), kRam.value, kRam.value + (ram_bytes_.size() - 1))});
    }
  }
}

void Platform::set_timed(cpu::Cpu& cpu, bool timed) {
  cores_[cpu.index]->set_fidelity(timed ? cpu::Fidelity::Timed : cpu::Fidelity::Functional);
}

void Platform::measure_begins(cpu::Cpu& cpu, u64) {
  cores_[cpu.index]->ledger().restart();
  cores_[cpu.index]->mmu().clear_statistics();
  if (cpu.predictor) cpu.predictor->restart_statistics();
  if (events_) cores_[cpu.index]->ledger().record(&events_->cores[cpu.index]);
}

void Platform::measure_ends(cpu::Cpu& cpu, u64) {
  if (events_) cores_[cpu.index]->ledger().record(nullptr);
}

void Platform::interval_begins(u64) {
  interrupts_.restart();
  if (contract_) contract_->clear();
  caches_.hierarchy().clear_statistics();
  if (smmu_) smmu_->clear_statistics();
  if (pl330_) pl330_->core().clear_statistics();
  fabric_.fabric().clear_statistics();
  if (ram_.dram() != nullptr) ram_.dram()->clear_statistics();
  if (!events_) return;
  interrupts_.record(&events_->interrupts);
  if (smmu_) smmu_->core().record(&events_->translations);
}

void Platform::interval_ends(u64) {
  if (!events_) return;
  interrupts_.record(nullptr);
  if (smmu_) smmu_->core().record(nullptr);
}

void Platform::reset(const Start& start) {
  for (auto& core : cores_) {
    core->core().reset(Va{start.entry.value});
    core->core().powered = core->core().index == 0 || settings_.psci == PsciConduit::None;
  }
  // The platform's PSCI takes the place of EL3 firmware, in this too.
  if (settings_.psci != PsciConduit::None) interrupt_controller_.start_core(0);
  if (start.linux_protocol && settings_.config.core.has_el3) interrupt_controller_.wires().hand_to_non_secure();
  if (start.linux_protocol) cpu::start_core(cores_.front()->core(), Va{start.entry.value}, start.device_tree);
}

void Platform::core_started(unsigned core) {
  interrupt_controller_.start_core(core);
  cores_[core]->shell().wake();
}

void Platform::invalidate_everywhere(unsigned from, const vmsa::Invalidate& what, u64 now) {
  if (cores_[from]->core().fidelity == cpu::Fidelity::Timed) dvm_.broadcast(from, now);
  u64 done = now;
  for (unsigned n = 0; n < cores_.size(); ++n) {
    done = std::max(done, cores_[n]->forget_translations(what, n == from, now));
  }
  cores_[from]->await_invalidation(done);
}

u64 Platform::invalidations_done(unsigned from, u64 now) { return dvm_.sync(from, now); }

void Platform::send_event_everywhere() {
  for (auto& core : cores_) core->shell().send_event();
}

void Platform::timer_line(unsigned cpu, timer::Timer which, bool level) {
  interrupt_controller_.wires().set_ppi(cpu, timer::ppi_of(which), level);
}

void Platform::performance_line(unsigned cpu, bool level) {
  interrupt_controller_.wires().set_ppi(cpu, ppi_intid(kPmuPpi), level);
}

bool Platform::firmware_call(cpu::Cpu& cpu, cpu::SystemPort::Conduit conduit) { return psci_.call(cpu, conduit); }

bool Platform::semihosting_call(cpu::Cpu& cpu) {
  if (!settings_.semihosting) return false;
  cores_[cpu.index]->shell().synchronise();  // the clock that the program may ask for is exact
  semihosting_.call(cpu);
  return true;
}

void Platform::console_write(std::string_view text) {
  for (const char character : text) console_.print(static_cast<u8>(character));
}

/// SYS_READC waits for a character.
int Platform::console_read() {
  console_.flush();
  std::optional<u8> byte = console_.next_input();
  while (!byte && console_.input() == console::Input::Later && !control_.interrupted()) {
    console_.wait_for_input(std::chrono::milliseconds(100));
    byte = console_.next_input();
  }
  return byte ? *byte : -1;
}

u64 Platform::nanoseconds() { return tlm::to_picoseconds(sc_core::sc_time_stamp()) / 1000; }

void Platform::set(unsigned cpu, gic::Signal which, bool level) { cores_[cpu]->shell().drive(line_of(which), level); }

void Platform::at(u32 intid, unsigned cpu, bool is_virtual, cost::InterruptStation station) {
  const Vmid vmid = is_virtual ? cores_[cpu]->core().controls.vmid() : Vmid{};
  interrupts_.at({.intid = intid, .cpu = static_cast<u8>(cpu), .is_virtual = is_virtual, .vmid = vmid}, station,
                 tlm::to_picoseconds(sc_core::sc_time_stamp()));
}

}  // namespace tw::virt
