// One channel's part of the MFIFO: a stream of bytes that loads append to and stores take from.
#pragma once

#include <span>
#include <vector>

#include "devices/pl330/types.hpp"

namespace tw::devices::pl330 {

/// Bytes have positions, which never go back. How many entries of the MFIFO they take depends on where they go: bytes
/// for incrementing addresses are packed as they will lie in bus words, each beat for a fixed address takes an entry
/// (Cyclone V HPS TRM, "MFIFO Usage"; Zynq-7000 TRM UG585, 9.2.4).
class Stream final {
 public:
  /// `capacity` in bytes: the whole MFIFO's.
  explicit Stream(u32 capacity) : bytes_(capacity) {}

  /// Where the next byte will go. Only a stream without bytes takes it over; a change of the alignment while there are
  /// some is a discontinuity, before which the stream is emptied.
  void aim(const BurstControl& destination, u32 address, u32 bus_bytes);

  /// Entries in use, when there are `more` bytes.
  u32 entries(u32 more = 0) const;
  /// Bytes that executed loads will bring or brought, and no store has taken.
  u32 available() const { return static_cast<u32>(reserved_ - taken_); }
  bool empty() const { return freed_ == reserved_; }

  /// A load is executed; the position of its first byte.
  u64 reserve(u32 bytes);
  /// A store is executed.
  u64 take(u32 bytes);
  /// Data of a load, in order.
  void arrive(std::span<const u8> data);
  bool has_arrived(u64 end) const { return arrived_ >= end; }
  /// A store's data leave, in order.
  void leave(u64 position, std::span<u8> into);
  void clear() { freed_ = taken_ = arrived_ = reserved_ = 0; }

 private:
  std::vector<u8> bytes_;  ///< by position modulo its size
  u32 entry_bytes_ = 1;
  u64 freed_ = 0, taken_ = 0, arrived_ = 0, reserved_ = 0;  ///< freed <= taken, arrived <= reserved
};

}  // namespace tw::devices::pl330
