#include "devices/virtio/pci_transport.hpp"

#include "base/bits.hpp"

namespace tw::devices::virtio {

namespace {

constexpr u16 kPciVendor = 0x1AF4, kFirstDevice = 0x1040;  // 4.1.2
constexpr u16 kSubsystem = 0x1100;                         ///< as QEMU's
constexpr u8 kModernRevision = 1;

// The BARs and what is where in the second, as on QEMU.
constexpr unsigned kMsixBar = 1, kRegistersBar = 4;
constexpr u64 kPart = 0x1000, kRegisterBytes = 4 * kPart;
enum Part : u64 { kCommon = 0, kIsr = 1, kSpecific = 2, kNotify = 3 };
constexpr unsigned kNotifyMultiplier = 4;
constexpr pci::BarRow kBarRows[] = {{kRegistersBar, pci::BarKind::Prefetchable64, kRegisterBytes}};

// Capabilities (4.1.4)
constexpr u8 kVendorSpecific = 0x09;
constexpr u8 kCapBytes = 16, kLongCapBytes = 20;
enum CfgType : u8 { kCommonCfg = 1, kNotifyCfg = 2, kIsrCfg = 3, kDeviceCfg = 4, kPciCfg = 5 };
constexpr u16 kCapBar = 4, kCapOffset = 8, kCapLength = 12, kCapTail = 16;

constexpr u32 kQueueInterrupt = 1, kConfigurationInterrupt = 2;

/// Class codes as QEMU gives them.
constexpr u32 class_of(DeviceType type) {
  switch (type) {
    case DeviceType::Network:
      return 0x020000;
    case DeviceType::Block:
      return 0x010000;
    case DeviceType::Console:
      return 0x078000;
    default:
      return 0x00FF00;
  }
}

pci::FunctionSpec spec_of(Device& device) {
  return {.identity = {.vendor = kPciVendor,
                       .device = static_cast<u16>(kFirstDevice + static_cast<u32>(device.type())),
                       .subsystem_vendor = kPciVendor,
                       .subsystem = kSubsystem,
                       .class_code = class_of(device.type()),
                       .revision = kModernRevision,
                       .interrupt_pin = 1},
          .bars = kBarRows,
          .msix_bar = kMsixBar,
          .msix_vectors = static_cast<u16>(device.queues() + 1)};
}

u32 half(u64 value, u32 which) { return which == 0 ? static_cast<u32>(value) : static_cast<u32>(value >> 32); }

/// A 64-bit register after an access to all of it or to one half.
Iova merged(Iova address, const MmioAccess& access) {
  return Iova{insert_bits(address.value, 8 * (access.offset & 4), 8u * access.size, access.value)};
}

u64 part_of(Iova address, const MmioAccess& access) { return address.value >> (8 * (access.offset & 4)); }

}  // namespace

PciTransport::PciTransport(Device& device, pci::BusMaster& master)
    : Function(spec_of(device), master), device_(device), queue_vectors_(device.queues(), kNoVector) {
  device_.attach(*this);
  add_capabilities();
}

void PciTransport::add_capabilities() {
  const auto add = [this](CfgType type, u8 bytes, Part part, u64 length, u32 tail) {
    const pci::ConfigRow rows[] = {{"cap_len", 2, 1, bytes},
                                   {"cfg_type", 3, 1, type},
                                   {"bar", kCapBar, 1, kRegistersBar},
                                   {"id", 5, 1},
                                   {"offset", kCapOffset, 4, static_cast<u32>(part * kPart)},
                                   {"length", kCapLength, 4, static_cast<u32>(length)},
                                   {"notify_off_multiplier", kCapTail, 4, tail}};
    space().add_capability(kVendorSpecific, bytes, std::span(rows).first(bytes == kLongCapBytes ? 7 : 6));
  };
  add(kCommonCfg, kCapBytes, kCommon, kPart, 0);
  add(kIsrCfg, kCapBytes, kIsr, kPart, 0);
  add(kDeviceCfg, kCapBytes, kSpecific, kPart, 0);
  add(kNotifyCfg, kLongCapBytes, kNotify, kPart, kNotifyMultiplier);
  // A window for drivers that cannot map BARs (4.1.4.9): the driver says which access the data register stands for.
  static constexpr pci::ConfigRow kWindow[] = {{"cap_len", 2, 1, kLongCapBytes},     {"cfg_type", 3, 1, kPciCfg},
                                               {"bar", kCapBar, 1, 0, 0xFF},         {"id", 5, 1},
                                               {"offset", kCapOffset, 4, 0, ~0u},    {"length", kCapLength, 4, 0, ~0u},
                                               {"pci_cfg_data", kCapTail, 4, 0, ~0u}};
  window_capability_ = space().add_capability(kVendorSpecific, kLongCapBytes, kWindow);
}

// ---- interrupts

/// The configuration bit is set in any case, the queue bit only without MSI-X (4.1.4.5.1).
void PciTransport::raise(u32 isr_bit, u16 vector) {
  if (isr_bit == kConfigurationInterrupt || !msix_enabled()) isr_ |= isr_bit;
  if (msix_enabled()) {
    notify(vector);
  } else {
    set_interrupt(true);
  }
}

void PciTransport::used_buffer(unsigned queue) { raise(kQueueInterrupt, queue_vectors_[queue]); }
void PciTransport::configuration_changed() { raise(kConfigurationInterrupt, config_vector_); }

/// A vector that the table does not have reads back as none (4.1.5.1.2).
u16 PciTransport::usable(u64 vector) const { return vector < msix_vectors() ? static_cast<u16>(vector) : kNoVector; }

void PciTransport::forget() {
  device_feature_select_ = driver_feature_select_ = 0;
  queue_select_ = 0;
  driver_features_ = 0;
  isr_ = 0;
  config_vector_ = kNoVector;
  queue_vectors_.assign(queue_vectors_.size(), kNoVector);
  set_interrupt(false);
}

void PciTransport::reset_device() {
  device_.write_status(0);
  forget();
}

// ---- configuration space

std::optional<MmioAccess> PciTransport::window(bool write, u64 value) {
  const u32 offset = config().read(static_cast<u16>(window_capability_ + kCapOffset), 4);
  const u32 length = config().read(static_cast<u16>(window_capability_ + kCapLength), 4);
  const u32 bar = config().read(static_cast<u16>(window_capability_ + kCapBar), 1);
  const bool possible = bar == kRegistersBar && (length == 1 || length == 2 || length == 4) &&
                        is_aligned(offset, length) && u64{offset} + length <= kRegisterBytes;
  if (!possible) return std::nullopt;
  return MmioAccess{
      .offset = offset, .size = static_cast<u8>(length), .write = write, .value = value & low_mask(8 * length)};
}

u32 PciTransport::read_config(u16 offset, unsigned bytes, bool debug) {
  const u16 data = static_cast<u16>(window_capability_ + kCapTail);
  if (!debug && (offset & ~3) == data) {
    if (const auto access = window(false, 0))
      space().set(data, 4, static_cast<u32>(access_device(kRegistersBar, *access).value));
  }
  return Function::read_config(offset, bytes, debug);
}

void PciTransport::write_config(u16 offset, unsigned bytes, u32 value) {
  Function::write_config(offset, bytes, value);
  const u16 data = static_cast<u16>(window_capability_ + kCapTail);
  if ((offset & ~3) != data) return;
  if (const auto access = window(true, config().read(data, 4))) access_device(kRegistersBar, *access);
}

// ---- registers

MmioResult PciTransport::access_device(unsigned, const MmioAccess& access) {
  if (device_.busy()) return {.value = 0, .ok = false};
  MmioAccess local = access;
  local.offset %= kPart;
  switch (static_cast<Part>(access.offset / kPart)) {
    case kCommon:
      return access_common(local);
    case kIsr:
      return access_isr(local);
    case kSpecific:
      return access_specific(local);
    case kNotify:
      return access_notify(local);
  }
  return {};
}

MmioResult PciTransport::access_common(const MmioAccess& access) {
  const RegisterRow<PciTransport>* const row = find_row(rows(), access.offset);
  const bool whole = row != nullptr && (access.size & row->sizes) != 0 && is_aligned(access.offset, access.size);
  if (!whole) return {};
  if (!access.write)
    return {.value = row->read ? row->read(*this, access) & low_mask(8u * access.size) : 0, .ok = true};
  if (row->write && !access.debug) row->write(*this, access);
  return {};
}

/// Reading clears it, and with it INTx (4.1.4.5).
MmioResult PciTransport::access_isr(const MmioAccess& access) {
  if (access.write || access.offset != 0) return {};
  const MmioResult result{.value = isr_, .ok = true};
  if (access.debug) return result;
  isr_ = 0;
  set_interrupt(false);
  return result;
}

MmioResult PciTransport::access_specific(const MmioAccess& access) {
  if (!access.write) return {.value = device_.read_config(access.offset, access.size), .ok = true};
  if (!access.debug) device_.write_config(access.offset, access.size, access.value);
  return {};
}

/// Each queue has an address of its own (4.1.4.4).
MmioResult PciTransport::access_notify(const MmioAccess& access) {
  if (access.write && !access.debug) device_.notify(static_cast<unsigned>(access.offset / kNotifyMultiplier));
  return {};
}

std::span<const RegisterRow<PciTransport>> PciTransport::rows() {
  using T = PciTransport;
  using Access = const MmioAccess&;
  static constexpr u8 kByte = 1, kHalf = 2, kWord = 4, kWide = 4 | 8;
  static constexpr RegisterRow<T> kRows[] = {
      {"device_feature_select", 0x00, 4, kWord, [](T& t, Access) -> u64 { return t.device_feature_select_; },
       [](T& t, Access a) { t.device_feature_select_ = static_cast<u32>(a.value); }},
      {"device_feature", 0x04, 4, kWord,
       [](T& t, Access) -> u64 {
         return t.device_feature_select_ < 2 ? half(t.device_.offered_features(), t.device_feature_select_) : 0;
       },
       nullptr},
      {"driver_feature_select", 0x08, 4, kWord, [](T& t, Access) -> u64 { return t.driver_feature_select_; },
       [](T& t, Access a) { t.driver_feature_select_ = static_cast<u32>(a.value); }},
      {"driver_feature", 0x0C, 4, kWord,
       [](T& t, Access) -> u64 {
         return t.driver_feature_select_ < 2 ? half(t.driver_features_, t.driver_feature_select_) : 0;
       },
       [](T& t, Access a) {
         if (t.driver_feature_select_ >= 2) return;
         t.driver_features_ = insert_bits(t.driver_features_, 32 * t.driver_feature_select_, 32, a.value);
         t.device_.set_driver_features(t.driver_features_);
       }},
      {"config_msix_vector", 0x10, 2, kHalf, [](T& t, Access) -> u64 { return t.config_vector_; },
       [](T& t, Access a) { t.config_vector_ = t.usable(a.value); }},
      {"num_queues", 0x12, 2, kHalf, [](T& t, Access) -> u64 { return t.device_.queues(); }, nullptr},
      {"device_status", 0x14, 1, kByte, [](T& t, Access) -> u64 { return t.device_.status(); },
       [](T& t, Access a) {
         t.device_.write_status(static_cast<u8>(a.value));
         if (a.value == 0) t.forget();
       }},
      {"config_generation", 0x15, 1, kByte, [](T& t, Access) -> u64 { return t.device_.config_generation(); }, nullptr},
      {"queue_select", 0x16, 2, kHalf, [](T& t, Access) -> u64 { return t.queue_select_; },
       [](T& t, Access a) { t.queue_select_ = static_cast<u16>(a.value); }},
      {"queue_size", 0x18, 2, kHalf, [](T& t, Access) -> u64 { return t.queue() ? t.queue()->size() : 0; },
       [](T& t, Access a) {
         if (t.queue()) t.queue()->set_size(static_cast<u16>(a.value));
       }},
      {"queue_msix_vector", 0x1A, 2, kHalf,
       [](T& t, Access) -> u64 { return t.queue() ? t.queue_vectors_[t.queue_select_] : kNoVector; },
       [](T& t, Access a) {
         if (t.queue()) t.queue_vectors_[t.queue_select_] = t.usable(a.value);
       }},
      // A queue is disabled by a reset alone: zero is not to be written (4.1.4.3.2).
      {"queue_enable", 0x1C, 2, kHalf, [](T& t, Access) -> u64 { return t.queue() && t.queue()->ready(); },
       [](T& t, Access a) {
         if (t.queue() && a.value == 1) t.device_.enable_queue(t.queue_select_);
       }},
      {"queue_notify_off", 0x1E, 2, kHalf, [](T& t, Access) -> u64 { return t.queue() ? t.queue_select_ : 0; },
       nullptr},
      {"queue_desc", 0x20, 8, kWide,
       [](T& t, Access a) -> u64 { return t.queue() ? part_of(t.queue()->descriptors(), a) : 0; },
       [](T& t, Access a) {
         if (t.queue()) t.queue()->set_descriptors(merged(t.queue()->descriptors(), a));
       }},
      {"queue_driver", 0x28, 8, kWide,
       [](T& t, Access a) -> u64 { return t.queue() ? part_of(t.queue()->driver_area(), a) : 0; },
       [](T& t, Access a) {
         if (t.queue()) t.queue()->set_driver_area(merged(t.queue()->driver_area(), a));
       }},
      {"queue_device", 0x30, 8, kWide,
       [](T& t, Access a) -> u64 { return t.queue() ? part_of(t.queue()->device_area(), a) : 0; },
       [](T& t, Access a) {
         if (t.queue()) t.queue()->set_device_area(merged(t.queue()->device_area(), a));
       }},
  };
  return kRows;
}

}  // namespace tw::devices::virtio
