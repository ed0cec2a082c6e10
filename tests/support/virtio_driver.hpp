// A small guest: memory, and the driver's side of split virtqueues and of a virtio-mmio transport.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "devices/virtio/mmio_transport.hpp"

namespace tw::test {

using namespace devices;  // NOLINT(google-build-using-namespace)

/// RAM at 0x4000'0000; nothing else answers.
class GuestMemory final : public DmaPort {
 public:
  static constexpr u64 kBase = 0x4000'0000, kBytes = 1 << 20;

  bool read(Iova address, std::span<u8> into) override {
    if (!inside(address, into.size())) return false;
    if (!into.empty()) std::memcpy(into.data(), at(address.value), into.size());
    return true;
  }
  bool write(Iova address, std::span<const u8> from) override {
    if (!inside(address, from.size())) return false;
    if (!from.empty()) std::memcpy(at(address.value), from.data(), from.size());
    return true;
  }
  u8* at(u64 address) { return bytes_.data() + (address - kBase); }
  template <class T>
  T get(u64 address) {
    T value;
    std::memcpy(&value, at(address), sizeof value);
    return value;
  }
  template <class T>
  void set(u64 address, T value) {
    std::memcpy(at(address), &value, sizeof value);
  }

 private:
  static bool inside(Iova address, u64 bytes) {
    return address.value >= kBase && address.value - kBase <= kBytes && bytes <= kBytes - (address.value - kBase);
  }
  std::vector<u8> bytes_ = std::vector<u8>(kBytes);
};

/// One descriptor of a chain that the driver makes.
struct Piece {
  u64 address;
  u32 length;
  bool writable = false;
};

/// The driver's side of one queue; its parts are at fixed places, one page a part.
class DriverQueue final {
 public:
  DriverQueue(GuestMemory& memory, u64 base, u16 size) : memory_(memory), base_(base), size_(size) {}

  u64 descriptors() const { return base_; }
  u64 driver_area() const { return base_ + 0x2000; }
  u64 device_area() const { return base_ + 0x3000; }
  u16 size() const { return size_; }

  void descriptor(u16 index, u64 address, u32 length, u16 flags, u16 next) {
    descriptor_at(descriptors() + 16u * index, address, length, flags, next);
  }
  void descriptor_at(u64 at, u64 address, u32 length, u16 flags, u16 next) {
    memory_.set<u64>(at, address);
    memory_.set<u32>(at + 8, length);
    memory_.set<u16>(at + 12, flags);
    memory_.set<u16>(at + 14, next);
  }
  /// A chain of direct descriptors from `next_` on, made available. Returns its head.
  u16 add(const std::vector<Piece>& pieces) {
    const u16 head = next_;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const u16 following = static_cast<u16>((next_ + 1) % size_);
      const u16 flags = static_cast<u16>((pieces[i].writable ? 2 : 0) | (i + 1 < pieces.size() ? 1 : 0));
      descriptor(next_, pieces[i].address, pieces[i].length, flags, following);
      next_ = following;
    }
    make_available(head);
    return head;
  }
  void make_available(u16 head) {
    const u16 index = memory_.get<u16>(driver_area() + 2);
    memory_.set<u16>(driver_area() + 4 + 2u * (index % size_), head);
    memory_.set<u16>(driver_area() + 2, static_cast<u16>(index + 1));
  }
  void set_available_index(u16 index) { memory_.set<u16>(driver_area() + 2, index); }
  void set_flags(u16 flags) { memory_.set<u16>(driver_area(), flags); }
  void set_used_event(u16 event) { memory_.set<u16>(driver_area() + 4 + 2u * size_, event); }
  u16 available_event() { return memory_.get<u16>(device_area() + 4 + 8u * size_); }
  u16 used_index() { return memory_.get<u16>(device_area() + 2); }
  u32 used_head(u16 n) { return memory_.get<u32>(device_area() + 4 + 8u * (n % size_)); }
  u32 used_length(u16 n) { return memory_.get<u32>(device_area() + 8 + 8u * (n % size_)); }

 private:
  GuestMemory& memory_;
  u64 base_;
  u16 size_;
  u16 next_ = 0;
};

/// Everything around one device: memory, a virtio-mmio transport, a driver that brings the device up.
struct VirtioBench : virtio::WorkPort {
  GuestMemory memory;
  bool translated = false;  ///< before carry()
  bool level = false;
  unsigned interrupts = 0;  ///< rising edges
  bool arrived = false;
  std::vector<std::string> warnings;
  std::unique_ptr<virtio::Device> device;
  std::unique_ptr<virtio::MmioTransport> transport;
  std::map<unsigned, DriverQueue> queues;

  virtio::Surroundings surroundings() {
    return {.dma = memory,
            .time = *this,
            .warn = [this](std::string_view text) { warnings.emplace_back(text); },
            .translated = translated};
  }
  void work_arrived() override { arrived = true; }

  void carry(std::unique_ptr<virtio::Device> what) {
    device = std::move(what);
    transport = std::make_unique<virtio::MmioTransport>(device.get(), [this](bool value) {
      level = value;
      interrupts += value;
    });
  }
  u64 get(u64 offset, u8 size = 4) {
    const MmioResult result = transport->access({.offset = offset, .size = size});
    EXPECT_TRUE(result.ok) << offset;
    return result.value;
  }
  void put(u64 offset, u64 value, u8 size = 4) {
    EXPECT_TRUE(transport->access({.offset = offset, .size = size, .write = true, .value = value}).ok) << offset;
  }
  u64 status() { return get(0x70); }

  /// Features, then `count` queues of `size`, then DRIVER_OK. Returns whether FEATURES_OK stayed set.
  bool bring_up(unsigned count, u16 size, u64 features = virtio::feature::kVersion1) {
    put(0x70, 0);
    put(0x70, 1);
    put(0x70, 3);
    for (const unsigned word : {0u, 1u}) {
      put(0x24, word);
      put(0x20, static_cast<u32>(features >> (32 * word)));
    }
    put(0x70, 11);
    if ((status() & 8) == 0) return false;
    queues.clear();
    for (unsigned n = 0; n < count; ++n) set_up_queue(n, size);
    put(0x70, 15);
    return true;
  }
  void set_up_queue(unsigned n, u16 size) {
    const u64 base = GuestMemory::kBase + 0x4000 * n;
    std::memset(memory.at(base), 0, 0x4000);
    DriverQueue& queue = queues.emplace(n, DriverQueue(memory, base, size)).first->second;
    put(0x30, n);
    put(0x38, size);
    put(0x80, static_cast<u32>(queue.descriptors()));
    put(0x84, queue.descriptors() >> 32);
    put(0x90, static_cast<u32>(queue.driver_area()));
    put(0x94, queue.driver_area() >> 32);
    put(0xA0, static_cast<u32>(queue.device_area()));
    put(0xA4, queue.device_area() >> 32);
    put(0x44, 1);
  }
  DriverQueue& queue(unsigned n = 0) { return queues.at(n); }
  void notify(unsigned n = 0) { put(0x50, n); }
  /// Gives the device all the time that it wants. Returns the number of requests.
  unsigned run() {
    unsigned requests = 0;
    while (arrived) {
      arrived = false;
      while (device->work()) ++requests;
    }
    return requests;
  }
  unsigned notify_and_run(unsigned n = 0) {
    notify(n);
    return run();
  }
  /// The device said that it needs a reset, with a configuration interrupt, and does nothing until then.
  void expect_broken() {
    EXPECT_TRUE(status() & 64);
    EXPECT_TRUE(get(0x60) & 2) << "configuration change notification";
    EXPECT_TRUE(level);
    EXPECT_FALSE(device->trouble().empty());
    const u16 before = queue().used_index();
    notify();
    EXPECT_EQ(run(), 0u);
    EXPECT_EQ(queue().used_index(), before);
    put(0x70, 0);
    EXPECT_EQ(status(), 0u);
    EXPECT_FALSE(level);
    EXPECT_TRUE(device->trouble().empty());
  }
};

/// Where tests put buffers: behind the queues.
constexpr u64 kData = GuestMemory::kBase + 0x8'0000;

}  // namespace tw::test
