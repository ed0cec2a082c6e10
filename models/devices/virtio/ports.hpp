// What a virtio device needs of what is around it.
#pragma once

#include "devices/ports.hpp"

namespace tw::devices::virtio {

/// What carries the device: virtio-mmio, virtio-pci. It has the registers, and it interrupts the driver.
class Transport {
 public:
  virtual ~Transport() = default;
  /// A used buffer notification of `queue` (section 2.3).
  virtual void used_buffer(unsigned queue) = 0;
  /// A configuration change notification: the configuration space changed, or the device needs a reset.
  virtual void configuration_changed() = 0;
};

/// What gives the device its time. The device has none of its own: it does one piece of work when it is told to.
class WorkPort {
 public:
  virtual ~WorkPort() = default;
  /// There may be something to do: call Device::work() soon, or when the request that is under way has had its time.
  /// May be called from inside work().
  virtual void work_arrived() = 0;
};

struct Surroundings {
  DmaPort& dma;
  WorkPort& time;
  Warn warn;
  /// Its DMA passes an SMMU: only a driver that gives it that one's addresses can use the device.
  bool translated = false;
};

}  // namespace tw::devices::virtio
