// The virtio-pci transport, modern interface (virtio 1.2, section 4.1): a PCI function whose BARs hold the registers of
// one device.
#pragma once

#include <vector>

#include "base/mmio.hpp"
#include "devices/pci/function.hpp"
#include "devices/virtio/device.hpp"

namespace tw::devices::virtio {

class PciTransport final : public pci::Function, private Transport {
 public:
  static constexpr u16 kNoVector = 0xFFFF;  ///< VIRTIO_MSI_NO_VECTOR

  /// `master` is also what the device's DMA goes through.
  PciTransport(Device& device, pci::BusMaster& master);

  u32 read_config(u16 offset, unsigned bytes, bool debug) override;
  void write_config(u16 offset, unsigned bytes, u32 value) override;
  /// Of the common configuration structure.
  static std::span<const RegisterRow<PciTransport>> rows();

 private:
  MmioResult access_device(unsigned bar, const MmioAccess& access) override;
  void reset_device() override;
  void used_buffer(unsigned queue) override;
  void configuration_changed() override;

  void add_capabilities();
  MmioResult access_common(const MmioAccess& access);
  MmioResult access_isr(const MmioAccess& access);
  MmioResult access_specific(const MmioAccess& access);
  MmioResult access_notify(const MmioAccess& access);
  /// What the window in configuration space stands for at present; nullopt when the driver's choice is no access.
  std::optional<MmioAccess> window(bool write, u64 value);
  void raise(u32 isr_bit, u16 vector);
  void forget();
  u16 usable(u64 vector) const;
  Virtqueue* queue() { return queue_select_ < device_.queues() ? &device_.queue(queue_select_) : nullptr; }

  Device& device_;
  u16 window_capability_ = 0;
  u32 device_feature_select_ = 0, driver_feature_select_ = 0;
  u16 queue_select_ = 0;
  u64 driver_features_ = 0;
  u32 isr_ = 0;
  u16 config_vector_ = kNoVector;
  std::vector<u16> queue_vectors_;
};

}  // namespace tw::devices::virtio
