#include "devices/pci/host_bridge.hpp"

#include <stdexcept>

#include "base/bits.hpp"

namespace tw::devices::pci {

namespace {

/// QEMU's generic host bridge ("Red Hat, QEMU PCIe Host bridge"; docs/specs/pci-ids).
constexpr Identity kRootIdentity{
    .vendor = 0x1B36, .device = 0x0008, .subsystem_vendor = 0x1AF4, .subsystem = 0x1100, .class_code = 0x060000};

/// What a read gives that no function answers: an unsupported request (PCI Express Base, 2.3.2).
constexpr MmioResult nobody(const MmioAccess& access) {
  return {.value = access.write ? 0 : low_mask(access.size * 8u), .ok = true};
}

}  // namespace

HostBridge::Root::Root(BusMaster& bus) : Function({.identity = kRootIdentity, .bars = {}, .msix_bar = {}}, bus) {}

HostBridge::HostBridge(std::function<void(unsigned wire, bool level)> wire) : wire_(std::move(wire)) {
  attach(0, root_);
}

void HostBridge::attach(unsigned device, Function& function) {
  if (device >= kDevices || functions_[device] != nullptr) throw std::logic_error("PCI: the device number is taken");
  functions_[device] = &function;
  if (function.interrupt_pin() != 0) function.on_interrupt([this, device](bool level) { drive(device, level); });
  decode();
}

MmioTarget& HostBridge::add_window(bool io, u64 base) {
  return *windows_.emplace_back(std::make_unique<Window>(*this, io, base));
}

void HostBridge::reset() {
  for (Function* const function : functions_) {
    if (function != nullptr) function->reset();
  }
  decode();
}

/// The wires are shared: each is the OR of the pins on it.
void HostBridge::drive(unsigned device, bool level) {
  asserted_[device] = level;
  const unsigned which = (device + functions_[device]->interrupt_pin() - 1) % kWires;
  bool any = false;
  for (unsigned n = 0; n < kDevices; ++n) {
    any |= asserted_[n] && (n + functions_[n]->interrupt_pin() - 1) % kWires == which;
  }
  if (any == levels_[which]) return;
  levels_[which] = any;
  wire_(which, any);
}

void HostBridge::decode() {
  decoded_.clear();
  for (Function* const function : functions_) {
    if (function == nullptr) continue;
    for (const BarWindow& window : function->windows()) decoded_.push_back({function, window});
  }
}

/// Bus in [27:20], device in [19:15], function in [14:12] (PCI Express Base, table 7-1). A doubleword is two words.
MmioResult HostBridge::access_config(const MmioAccess& access) {
  const u64 bus = bits<27, 20>(access.offset), device = bits<19, 15>(access.offset);
  Function* const function = functions_[device];
  if (bus != 0 || bits<14, 12>(access.offset) != 0 || function == nullptr) return nobody(access);
  MmioResult result;
  const unsigned step = access.size > 4 ? 4 : access.size;
  for (unsigned done = 0; done < access.size; done += step) {
    const u16 offset = static_cast<u16>(bits<11, 0>(access.offset) + done);
    if (!access.write) {
      result.value |= u64{function->read_config(offset, step, access.debug)} << (8 * done);
    } else if (!access.debug) {
      function->write_config(offset, step, static_cast<u32>(access.value >> (8 * done)));
      if (offset < kHeaderBytes) decode();
    }
  }
  return result;
}

/// An access that is not wholly inside a BAR is no access to it.
MmioResult HostBridge::access_window(const Window& window, const MmioAccess& access) {
  const u64 address = window.base + access.offset;
  for (const Decoded& entry : decoded_) {
    const BarWindow& bar = entry.window;
    if (bar.io != window.io || address < bar.base || address - bar.base + access.size > bar.bytes) continue;
    MmioAccess inside = access;
    inside.offset = address - bar.base;
    return entry.function->access_bar(bar.index, inside);
  }
  return nobody(access);
}

}  // namespace tw::devices::pci
