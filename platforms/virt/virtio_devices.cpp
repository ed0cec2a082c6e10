#include "platforms/virt/virtio_devices.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "devices/pci/host_bridge.hpp"
#include "platforms/virt/memory_map.hpp"
#include "platforms/virt/peripherals.hpp"
#include "platforms/virt/serial_line.hpp"

namespace tw::virt {

namespace {

/// QEMU's first network device; the next ones count up.
constexpr devices::virtio::MacAddress kFirstMac{0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

}  // namespace

VirtioDevices::VirtioDevices(sc_core::sc_module_name name, const Context& context)
    : sc_module(name), context_(context) {
  const VirtioSettings& settings = context_.settings;
  for (unsigned n = 0; n < settings.drives.size(); ++n) add_drive(settings.drives[n], n);
  for (unsigned n = 0; n < settings.netdevs.size(); ++n) add_netdev(settings.netdevs[n], n);
  if (context_.console != nullptr) add_console(*context_.console);
  if (settings.rng) add_rng();

  if (mmio_.size() > kVirtioTransports) {
    throw UserError(Complaint{
        "--drive, --netdev", fmt::format("{} devices for {} virtio-mmio transports", mmio_.size(), kVirtioTransports)});
  }
  if (pci_.size() > devices::pci::HostBridge::kDevices - kFirstVirtioPciDevice) {
    throw UserError(Complaint{"--drive, --netdev", fmt::format("{} devices on one PCI bus", pci_.size())});
  }
  mmio_.resize(kVirtioTransports);
  std::reverse(mmio_.begin(), mmio_.end());
  bank_ = std::make_unique<devices::virtio::MmioBank>(mmio_, context_.interrupt);
  transports_ = std::make_unique<tlm::MmioModule>("transports", *bank_, kVirtio.size,
                                                  device_timing(context_.config.devices, context_.clock));
}

/// As on QEMU, the first device has the highest address.
devices::VirtioModule& VirtioDevices::make_shell(const std::string& name, VirtioBus bus) {
  const bool pci = bus == VirtioBus::Pci;
  const auto slot = static_cast<u8>(kFirstVirtioPciDevice + masters_.size());
  const u32 transport = kVirtioTransports - 1 - static_cast<u32>(shells_.size() - masters_.size());
  const u32 stream = pci ? devices::pci::requester_id(0, slot) : kFirstVirtioStream + transport;
  shells_.push_back(
      std::make_unique<devices::VirtioModule>(name.c_str(), context_.config.devices, context_.clock, StreamId{stream}));
  buses_.push_back(bus);
  devices::VirtioModule& shell = *shells_.back();
  shell.set_translated(pci ? context_.smmu.translates_pci() : context_.smmu.translates_platform_devices());
  if (pci) {
    masters_.push_back(std::make_unique<devices::pci::BusMaster>(shell.bus_port()));
    shell.interpose(*masters_.back());
  }
  return shell;
}

void VirtioDevices::place(devices::virtio::Device& device, VirtioBus bus) {
  if (bus == VirtioBus::Mmio) {
    mmio_.push_back(&device);
  } else {
    pci_.push_back({&device, masters_.back().get()});
  }
}

void VirtioDevices::add_drive(const DriveSettings& drive, unsigned n) {
  images_.push_back(std::make_unique<storage::DiskImage>(drive.file, drive.access, context_.warn));
  devices::VirtioModule& shell = make_shell(fmt::format("blk{}", n), drive.bus);
  devices_.push_back(std::make_unique<devices::virtio::Block>(*images_.back(), fmt::format("trapwalk-disk-{}", n),
                                                              shell.surroundings(context_.warn)));
  shell.serve(*devices_.back());
  place(*devices_.back(), drive.bus);
}

network::Line& VirtioDevices::line_of(const NetdevSettings& netdev) {
  switch (netdev.kind) {
    case NetdevSettings::Kind::Hub:
      return hub_.plug();
    case NetdevSettings::Kind::User:
      lines_.push_back(
          network::make_user_network(netdev.user, [] { return tlm::to_picoseconds(sc_core::sc_time_stamp()) / 1000; }));
      break;
    case NetdevSettings::Kind::None:
      lines_.push_back(std::make_unique<network::Unplugged>());
      break;
  }
  return *lines_.back();
}

void VirtioDevices::add_netdev(const NetdevSettings& netdev, unsigned n) {
  network::Line& line = line_of(netdev);
  devices::virtio::MacAddress mac = kFirstMac;
  mac.back() = static_cast<u8>(mac.back() + n);
  devices::VirtioModule& shell = make_shell(fmt::format("net{}", n), netdev.bus);
  networks_.push_back(std::make_unique<devices::NetworkModule>(
      fmt::format("net{}_line", n).c_str(), mac,
      devices::NetworkLine{.send = [&line](network::Frame frame) { line.send(frame); },
                           .needs_polling = [&line] { return line.needs_polling(); },
                           .poll =
                               [this, &line] {
                                 context_.keep_pace([&line](std::chrono::milliseconds limit) { line.wait(limit); });
                                 line.poll();
                               }},
      shell, context_.warn));
  line.on_frame([module = networks_.back().get()](network::Frame frame) { module->receive(frame); });
  place(networks_.back()->device(), netdev.bus);
}

void VirtioDevices::add_console(console::Console& console) {
  devices::UartLine line{
      .put = [&console](u8 byte) { console.print(byte); },
      .next = [this, &console]() -> std::optional<u8> {
        context_.keep_pace([&console](std::chrono::milliseconds limit) { console.wait_for_input(limit); });
        return console.next_input();
      },
      .expected = [&console] { return characters_of(console.input()); }};
  devices::VirtioModule& shell = make_shell("console", VirtioBus::Mmio);
  console_ = std::make_unique<devices::VirtioConsoleModule>("console_line", std::move(line), shell, context_.warn);
  place(console_->device(), VirtioBus::Mmio);
}

void VirtioDevices::add_rng() {
  devices::VirtioModule& shell = make_shell("rng", VirtioBus::Mmio);
  devices_.push_back(
      std::make_unique<devices::virtio::Entropy>(context_.config.devices.rng_seed, shell.surroundings(context_.warn)));
  shell.serve(*devices_.back());
  place(*devices_.back(), VirtioBus::Mmio);
}

}  // namespace tw::virt
