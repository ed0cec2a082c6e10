#include "devices/virtio/mmio_transport.hpp"

#include "base/bits.hpp"
#include "devices/register_access.hpp"

namespace tw::devices::virtio {

namespace {

constexpr u32 kMagic = 0x7472'6976;  ///< "virt"
constexpr u32 kVersion = 2;
constexpr u32 kUsedBuffer = 1, kConfigurationChange = 2;  ///< InterruptStatus
constexpr u8 kWord = 4;

/// One half of a 64-bit number that two registers hold.
u32 half(u64 value, u32 which) { return which == 0 ? static_cast<u32>(value) : static_cast<u32>(value >> 32); }
Iova with_half(Iova address, u32 which, u64 value) { return Iova{insert_bits(address.value, 32 * which, 32, value)}; }

}  // namespace

MmioTransport::MmioTransport(Device* device, InterruptOutput interrupt)
    : device_(device), interrupt_(std::move(interrupt)) {
  if (device_ != nullptr) device_->attach(*this);
}

void MmioTransport::drive() {
  const bool level = interrupt_status_ != 0;
  if (level == level_) return;
  level_ = level;
  interrupt_(level);
}

void MmioTransport::used_buffer(unsigned) {
  interrupt_status_ |= kUsedBuffer;
  drive();
}

void MmioTransport::configuration_changed() {
  interrupt_status_ |= kConfigurationChange;
  drive();
}

void MmioTransport::write_status(u8 value) {
  device_->write_status(value);
  if (value != 0) return;
  driver_features_ = 0;
  device_features_sel_ = driver_features_sel_ = queue_sel_ = 0;
  interrupt_status_ = 0;
  drive();
}

MmioResult MmioTransport::access_config(const MmioAccess& access) {
  if ((access.size & kApbSizes) == 0) return {.value = 0, .ok = false};
  const u64 offset = access.offset - kConfigOffset;
  if (!access.write) return {.value = device_->read_config(offset, access.size), .ok = true};
  if (!access.debug) device_->write_config(offset, access.size, access.value);
  return {};
}

MmioResult MmioTransport::access(const MmioAccess& access) {
  if (device_ != nullptr) {
    if (device_->busy()) return {.value = 0, .ok = false};
    if (access.offset >= kConfigOffset) return access_config(access);
  }
  if (access.size == 1 || access.size == 2) return {};
  return access_registers(*this, rows(), access);
}

/// A place without a device has MagicValue, Version and VendorID, as on QEMU; all else reads as zero.
std::span<const RegisterRow<MmioTransport>> MmioTransport::rows() {
  using T = MmioTransport;
  using Access = const MmioAccess&;
  static constexpr RegisterRow<T> kRows[] = {
      {"MagicValue", 0x000, 4, kWord, [](T&, Access) -> u64 { return kMagic; }, nullptr},
      {"Version", 0x004, 4, kWord, [](T&, Access) -> u64 { return kVersion; }, nullptr},
      {"DeviceID", 0x008, 4, kWord,
       [](T& t, Access) -> u64 { return static_cast<u32>(t.device_ ? t.device_->type() : DeviceType::None); }, nullptr},
      {"VendorID", 0x00C, 4, kWord, [](T&, Access) -> u64 { return kVendor; }, nullptr},
      {"DeviceFeatures", 0x010, 4, kWord,
       [](T& t, Access) -> u64 {
         return t.device_ && t.device_features_sel_ < 2 ? half(t.device_->offered_features(), t.device_features_sel_)
                                                        : 0;
       },
       nullptr},
      {"DeviceFeaturesSel", 0x014, 4, kWord, nullptr,
       [](T& t, Access a) { t.device_features_sel_ = static_cast<u32>(a.value); }},
      {"DriverFeatures", 0x020, 4, kWord, nullptr,
       [](T& t, Access a) {
         if (t.device_ == nullptr || t.driver_features_sel_ >= 2) return;
         t.driver_features_ = insert_bits(t.driver_features_, 32 * t.driver_features_sel_, 32, a.value);
         t.device_->set_driver_features(t.driver_features_);
       }},
      {"DriverFeaturesSel", 0x024, 4, kWord, nullptr,
       [](T& t, Access a) { t.driver_features_sel_ = static_cast<u32>(a.value); }},
      {"QueueSel", 0x030, 4, kWord, nullptr, [](T& t, Access a) { t.queue_sel_ = static_cast<u32>(a.value); }},
      {"QueueNumMax", 0x034, 4, kWord, [](T& t, Access) -> u64 { return t.queue() ? t.queue()->largest() : 0; },
       nullptr},
      {"QueueNum", 0x038, 4, kWord, nullptr,
       [](T& t, Access a) {
         if (t.queue()) t.queue()->set_size(a.value > 0xFFFF ? u16{0} : static_cast<u16>(a.value));
       }},
      {"QueueReady", 0x044, 4, kWord, [](T& t, Access) -> u64 { return t.queue() && t.queue()->ready(); },
       [](T& t, Access a) {
         if (t.queue() == nullptr) return;
         if (a.value & 1) {
           t.device_->enable_queue(t.queue_sel_);
         } else {
           t.device_->disable_queue(t.queue_sel_);
         }
       }},
      {"QueueNotify", 0x050, 4, kWord, nullptr,
       [](T& t, Access a) {
         if (t.device_) t.device_->notify(static_cast<unsigned>(a.value));
       }},
      {"InterruptStatus", 0x060, 4, kWord, [](T& t, Access) -> u64 { return t.interrupt_status_; }, nullptr},
      {"InterruptACK", 0x064, 4, kWord, nullptr,
       [](T& t, Access a) {
         t.interrupt_status_ &= ~static_cast<u32>(a.value);
         t.drive();
       }},
      {"Status", 0x070, 4, kWord, [](T& t, Access) -> u64 { return t.device_ ? t.device_->status() : 0; },
       [](T& t, Access a) {
         if (t.device_) t.write_status(static_cast<u8>(a.value));
       }},
      {"QueueDesc", 0x080, 8, kWord, nullptr,
       [](T& t, Access a) {
         Virtqueue* const queue = t.queue();
         if (queue) queue->set_descriptors(with_half(queue->descriptors(), bit<2>(a.offset), a.value));
       }},
      {"QueueDriver", 0x090, 8, kWord, nullptr,
       [](T& t, Access a) {
         Virtqueue* const queue = t.queue();
         if (queue) queue->set_driver_area(with_half(queue->driver_area(), bit<2>(a.offset), a.value));
       }},
      {"QueueDevice", 0x0A0, 8, kWord, nullptr,
       [](T& t, Access a) {
         Virtqueue* const queue = t.queue();
         if (queue) queue->set_device_area(with_half(queue->device_area(), bit<2>(a.offset), a.value));
       }},
      {"SHMSel", 0x0AC, 4, kWord, nullptr, nullptr},
      // No shared memory region exists: length and base of all ones (4.2.2.1).
      {"SHMLen", 0x0B0, 8, kWord, [](T& t, Access) -> u64 { return t.device_ ? low_mask(32) : 0; }, nullptr},
      {"SHMBase", 0x0B8, 8, kWord, [](T& t, Access) -> u64 { return t.device_ ? low_mask(32) : 0; }, nullptr},
      {"ConfigGeneration", 0x0FC, 4, kWord,
       [](T& t, Access) -> u64 { return t.device_ ? t.device_->config_generation() : 0; }, nullptr},
  };
  return kRows;
}

}  // namespace tw::devices::virtio
