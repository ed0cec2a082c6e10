// What all virtio devices have in common: status, features, configuration space, virtqueues (virtio 1.2, sections 2 and
// 3). A device knows neither what carries it (Transport) nor time (WorkPort).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devices/virtio/definitions.hpp"
#include "devices/virtio/ports.hpp"
#include "devices/virtio/virtqueue.hpp"

namespace tw::devices::virtio {

/// A request that is under way: its data were moved, the driver does not know yet.
struct Work {
  u64 bytes = 0;  ///< moved between the medium and the buffers
};

class Device {
 public:
  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  DeviceType type() const { return type_; }
  /// The one that carries the device, once, before anything else.
  void attach(Transport& transport) { transport_ = &transport; }

  // For the transport's registers.
  u64 offered_features() const { return offered_; }
  u64 driver_features() const { return accepted_; }
  /// Ignored once FEATURES_OK is set (3.1.1).
  void set_driver_features(u64 features);
  u8 status() const { return status_; }
  /// Zero resets the device. NEEDS_RESET belongs to the device; FEATURES_OK stays clear when the features do not suit.
  void write_status(u8 value);
  unsigned queues() const { return static_cast<unsigned>(queues_.size()); }
  Virtqueue& queue(unsigned index) { return queues_[index]; }
  /// A bad set-up of the queue breaks the device.
  void enable_queue(unsigned index);
  /// What is under way in the queue is never given back.
  void disable_queue(unsigned index);
  /// An available buffer notification of the driver. Of a queue that does not exist: nothing.
  void notify(unsigned index);
  /// The configuration space, `size` bytes; zero beyond its end.
  u64 read_config(u64 offset, unsigned size) const;
  void write_config(u64 offset, unsigned size, u64 value);
  u8 config_generation() const { return generation_; }
  /// The device is in the middle of a request: only an access that comes from its own DMA can see that, and transports
  /// refuse it.
  bool busy() const { return busy_; }

  // For whoever gives the device its time.
  /// Tells the driver about what the last work() did, and begins the next request. When there is one, work() is to be
  /// called again when its time has passed; when there is none, after the next work_arrived().
  std::optional<Work> work();

  /// What the driver did wrong since the last reset; empty while all is well.
  std::string_view trouble() const { return trouble_; }

 protected:
  Device(DeviceType type, u64 features, std::vector<Virtqueue> queues, std::size_t config_bytes,
         const Surroundings& around);

  /// Takes a chain from some queue, does what it asks for and finishes it. nullopt: nothing to do.
  virtual std::optional<Work> execute() = 0;
  virtual void on_reset() {}
  /// The driver wrote to the configuration space, [offset, offset + size) inside it: by default it cannot.
  virtual void on_config_write(u64 offset, std::span<const u8> bytes);

  DmaPort& dma() { return around_.dma; }
  void warn(std::string_view message) const;
  void work_arrived() { around_.time.work_arrived(); }
  bool accepted(u64 feature) const { return (accepted_ & feature) != 0; }
  /// DRIVER_OK, and nothing is broken.
  bool live() const;
  /// The next chain of a queue that the driver notified since it was last empty. Breaks the device when there is
  /// something wrong with it.
  std::optional<Chain> take(unsigned queue);
  /// The same, whether the driver notified or not.
  std::optional<Chain> look(unsigned queue);
  /// The chain is to be given back at the end of the request.
  void finish(const Chain& chain, u64 written);
  /// The driver broke a rule: NEEDS_RESET, and nothing more happens until the reset (2.1.2).
  void fail(std::string_view why);
  /// Bytes of the configuration space; a change of what the driver may have read is announced by changed_config().
  std::span<u8> config() { return config_; }
  void changed_config();

 private:
  void reset();
  bool features_suit() const;
  void publish();

  struct Finished {
    unsigned queue;
    u16 head;
    u32 written;
  };

  const DeviceType type_;
  const u64 offered_;
  Surroundings around_;
  Transport* transport_ = nullptr;
  std::vector<Virtqueue> queues_;
  std::vector<u8> config_;
  std::vector<bool> notified_;      ///< by queue: not empty, as far as is known
  std::vector<Finished> finished_;  ///< what the present request will give back
  u64 accepted_ = 0;
  u8 status_ = 0;
  u8 generation_ = 0;
  bool busy_ = false;
  std::string trouble_;
};

}  // namespace tw::devices::virtio
