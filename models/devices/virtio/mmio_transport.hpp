// The virtio-mmio transport, version 2 (virtio 1.2, section 4.2): the registers of one device, or of none.
#pragma once

#include "base/mmio.hpp"
#include "devices/virtio/device.hpp"

namespace tw::devices::virtio {

class MmioTransport final : public MmioTarget, private Transport {
 public:
  static constexpr u64 kFrameBytes = 0x200;
  static constexpr u64 kConfigOffset = 0x100;

  /// `device` may be nullptr: DeviceID reads as 0 then, and drivers leave the place alone.
  MmioTransport(Device* device, InterruptOutput interrupt);

  /// Registers: words. Configuration space: bytes, halfwords, words.
  MmioResult access(const MmioAccess& access) override;
  static std::span<const RegisterRow<MmioTransport>> rows();

 private:
  MmioResult access_config(const MmioAccess& access);
  void used_buffer(unsigned queue) override;
  void configuration_changed() override;
  void write_status(u8 value);
  void drive();

  /// The selected queue, or nullptr.
  Virtqueue* queue() { return device_ && queue_sel_ < device_->queues() ? &device_->queue(queue_sel_) : nullptr; }

  Device* device_;
  InterruptOutput interrupt_;
  bool level_ = false;
  u32 device_features_sel_ = 0, driver_features_sel_ = 0, queue_sel_ = 0;
  u64 driver_features_ = 0;
  u32 interrupt_status_ = 0;
};

}  // namespace tw::devices::virtio
