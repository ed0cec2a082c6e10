#include "devices/pci/function.hpp"

#include <bit>
#include <stdexcept>

#include "base/bits.hpp"

namespace tw::devices::pci {

namespace {

// Low bits of a base address register (PCI Local Bus 3.0, 6.2.5.1).
constexpr u32 kIoSpace = 1, kWide = 4, kPrefetchable = 8;
constexpr u32 kMemoryFlags = 0xF, kIoFlags = 0x3;

constexpr u16 kCommandWritable = kIoEnable | kMemoryEnable | kBusMaster | 1 << 6 | 1 << 8 | kInterruptDisable;
constexpr u16 kStatusErrors = 0xF900;  ///< write 1 to clear

constexpr bool is_wide(BarKind kind) { return kind == BarKind::Memory64 || kind == BarKind::Prefetchable64; }

constexpr u32 flags_of(BarKind kind) {
  switch (kind) {
    case BarKind::Io:
      return kIoSpace;
    case BarKind::Memory32:
      return 0;
    case BarKind::Memory64:
      return kWide;
    case BarKind::Prefetchable64:
      return kWide | kPrefetchable;
  }
  return 0;
}

constexpr u16 bar_offset(unsigned index) { return static_cast<u16>(kBar0 + 4 * index); }

}  // namespace

Function::Function(const FunctionSpec& spec, BusMaster& bus) : bus_(bus), pin_(spec.identity.interrupt_pin) {
  const Identity& id = spec.identity;
  const ConfigRow header[] = {
      {"Vendor ID", kVendorId, 2, id.vendor},
      {"Device ID", 0x02, 2, id.device},
      {"Command", kCommand, 2, 0, kCommandWritable},
      {"Status", kStatus, 2, kCapabilityList, 0, kStatusErrors},
      {"Revision ID", 0x08, 1, id.revision},
      {"Class Code", 0x09, 3, id.class_code},
      {"Cache Line Size", 0x0C, 1, 0, 0xFF},
      {"Header Type", 0x0E, 1, 0},
      {"Subsystem Vendor ID", 0x2C, 2, id.subsystem_vendor},
      {"Subsystem ID", 0x2E, 2, id.subsystem},
      {"Capabilities Pointer", kCapabilities, 1},
      {"Interrupt Line", kInterruptLine, 1, 0, 0xFF},
      {"Interrupt Pin", 0x3D, 1, id.interrupt_pin},
  };
  config_.add(header);
  for (const BarRow& row : spec.bars) add_bar(row);
  if (spec.msi) msi_.emplace(config_);
  if (!spec.msix_bar) return;
  add_bar({*spec.msix_bar, BarKind::Memory32, Msix::bar_bytes(spec.msix_vectors)});
  msix_.emplace(config_, *spec.msix_bar, spec.msix_vectors);
}

/// What software cannot write of the address is zero: so it finds the size.
void Function::add_bar(const BarRow& row) {
  if (row.index >= kBars || (is_wide(row.kind) && row.index + 1 >= kBars) || !std::has_single_bit(row.bytes)) {
    throw std::logic_error("PCI: an impossible BAR");
  }
  const u64 address_bits = ~(row.bytes - 1);
  const u32 low = static_cast<u32>(address_bits) & ~(row.kind == BarKind::Io ? kIoFlags : kMemoryFlags);
  const ConfigRow rows[] = {{"BAR", bar_offset(row.index), 4, flags_of(row.kind), low},
                            {"BAR, upper half", bar_offset(row.index + 1), 4, 0, static_cast<u32>(address_bits >> 32)}};
  config_.add(std::span(rows).first(is_wide(row.kind) ? 2 : 1));
  bars_.push_back(row);
}

u32 Function::read_config(u16 offset, unsigned bytes, bool) { return config_.read(offset, bytes); }

void Function::write_config(u16 offset, unsigned bytes, u32 value) {
  config_.write(offset, bytes, value);
  bus_.enable((config_.read(kCommand, 2) & kBusMaster) != 0);
  drive();
  if (msix_) msix_->send_pending(bus_);
}

/// A BAR at address 0 is one that software has not placed yet.
std::vector<BarWindow> Function::windows() const {
  const u32 command = config_.read(kCommand, 2);
  std::vector<BarWindow> list;
  for (const BarRow& row : bars_) {
    const bool io = row.kind == BarKind::Io;
    if ((command & (io ? kIoEnable : kMemoryEnable)) == 0) continue;
    u64 base = config_.read(bar_offset(row.index), 4) & ~(io ? kIoFlags : kMemoryFlags);
    if (is_wide(row.kind)) base |= u64{config_.read(bar_offset(row.index + 1), 4)} << 32;
    if (base != 0 && base + (row.bytes - 1) > base) list.push_back({row.index, io, base, row.bytes});
  }
  return list;
}

MmioResult Function::access_bar(unsigned bar, const MmioAccess& access) {
  if (!msix_ || bar != msix_->bar()) return access_device(bar, access);
  const MmioResult result = msix_->access(access);
  if (access.write) msix_->send_pending(bus_);
  return result;
}

void Function::notify(u16 vector) {
  if (msix_) msix_->notify(vector, bus_);
}

void Function::notify_msi() {
  if (msi_enabled()) msi_->notify(bus_);
}

void Function::set_interrupt(bool asserted) {
  asserted_ = asserted;
  drive();
}

/// INTx is silent while Command disables it or messages are in use (6.8). Status shows the condition in any case.
void Function::drive() {
  const u32 status = config_.read(kStatus, 2);
  config_.set(kStatus, 2, asserted_ ? status | kInterruptStatus : status & ~u32{kInterruptStatus});
  const bool messages = msi_enabled() || msix_enabled();
  const bool level = asserted_ && pin_ != 0 && (config_.read(kCommand, 2) & kInterruptDisable) == 0 && !messages;
  if (level == level_) return;
  level_ = level;
  if (intx_) intx_(level);
}

void Function::reset() {
  config_.reset();
  bus_.enable(false);
  if (msix_) msix_->reset();
  asserted_ = false;
  reset_device();
  drive();
}

}  // namespace tw::devices::pci
