// A split virtqueue, the device's side (virtio 1.2, section 2.7). Whatever the driver put into memory, every access
// ends in a chain, in nothing, or in a reason why the queue is broken.
#pragma once

#include <string_view>
#include <variant>

#include "devices/virtio/chain.hpp"

namespace tw::devices::virtio {

/// Nothing is available.
struct Empty {};
/// The driver broke a rule of the specification, or the bus refused an access.
struct Broken {
  std::string_view why;
};

class Virtqueue final {
 public:
  /// `largest` is a power of two, at most 32768.
  explicit Virtqueue(u16 largest) : largest_(largest), size_(largest) {}

  u16 largest() const { return largest_; }
  u16 size() const { return size_; }
  Iova descriptors() const { return descriptors_; }
  Iova driver_area() const { return driver_area_; }
  Iova device_area() const { return device_area_; }
  bool ready() const { return ready_; }

  // What the transport sets before it makes the queue ready; ignored while it is.
  void set_size(u16 size);
  void set_descriptors(Iova address);
  void set_driver_area(Iova address);
  void set_device_area(Iova address);
  /// Begins at index 0 of both rings. Broken when the size or an alignment is not allowed (sections 2.7 and 2.7.1): the
  /// queue stays unready.
  std::variant<Empty, Broken> enable();
  void disable() { ready_ = false; }
  /// All as after a reset of the device.
  void reset() { *this = Virtqueue(largest_); }

  /// Which optional features the driver accepted.
  void negotiate(bool indirect, bool event_index);

  /// Takes the next available chain. When there is none, the driver is asked to notify the device about the next one.
  std::variant<Empty, Chain, Broken> pop(DmaPort& dma);
  /// The `chains` that pop() took last are available again. None of them was pushed.
  void take_back(u16 chains) { next_available_ = static_cast<u16>(next_available_ - chains); }
  /// Gives a chain back with the number of bytes written into it. Visible to the driver after publish().
  [[nodiscard]] bool push(DmaPort& dma, u16 head, u32 written);
  /// Moves the used index over all that was pushed. Whether the driver wants to be interrupted; Broken on a bus error.
  std::variant<bool, Broken> publish(DmaPort& dma);

 private:
  struct Descriptor {
    Iova address;
    u32 length;
    u16 flags;
    u16 next;
  };
  struct Table {
    Iova base;
    u32 entries;
  };
  bool read_descriptor(DmaPort& dma, const Table& table, u16 index, Descriptor& into) const;
  std::variant<Empty, Broken> walk(DmaPort& dma, Table table, u16 first, Chain& chain) const;
  Iova available_index() const { return driver_area_ + 2; }
  Iova available_entry(u16 index) const { return driver_area_ + 4 + 2u * (index & (size_ - 1u)); }
  Iova used_event() const { return driver_area_ + 4 + 2u * size_; }
  Iova used_index() const { return device_area_ + 2; }
  Iova used_entry(u16 index) const { return device_area_ + 4 + 8u * (index & (size_ - 1u)); }
  Iova available_event() const { return device_area_ + 4 + 8u * size_; }

  u16 largest_;
  u16 size_;
  Iova descriptors_{}, driver_area_{}, device_area_{};
  bool ready_ = false;
  bool indirect_ = false, event_index_ = false;
  u16 next_available_ = 0;  ///< of the available ring, modulo 65536
  u16 pushed_ = 0;          ///< of the used ring
  u16 published_ = 0;       ///< the used index in memory
};

}  // namespace tw::devices::virtio
