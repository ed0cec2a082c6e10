// The block device (virtio 1.2, section 5.2).
#pragma once

#include <string>

#include "devices/virtio/device.hpp"

namespace tw::devices::virtio {

/// The medium. False: an I/O error, which the guest gets as one.
class BlockPort {
 public:
  virtual ~BlockPort() = default;
  virtual u64 bytes() const = 0;  ///< a multiple of 512
  virtual bool read_only() const = 0;
  virtual bool read(u64 offset, std::span<u8> into) = 0;
  virtual bool write(u64 offset, std::span<const u8> from) = 0;
  /// The bytes read as zero afterwards.
  virtual bool write_zeroes(u64 offset, u64 bytes) = 0;
  /// The bytes are of no interest any more, and may change.
  virtual bool discard(u64 offset, u64 bytes) = 0;
  /// What was written before survives whatever happens.
  virtual bool flush() = 0;
};

class Block final : public Device {
 public:
  static constexpr u64 kSectorBytes = 512;
  static constexpr std::size_t kIdBytes = 20;
  static constexpr u32 kMostDiscardSectors = 0x40'0000;  ///< 2 GB

  /// `medium` outlives the device. `id` is what GET_ID gives, at most 20 characters.
  Block(BlockPort& medium, std::string id, const Surroundings& around);

 private:
  enum class Status : u8 { Ok = 0, IoError = 1, Unsupported = 2 };
  struct Request {
    const Chain& chain;
    Cursor readable, writable;
    u64 sector;
    u64 data_in, data_out;  ///< bytes between the header and the status
    u64 moved = 0;
    u64 written = 0;  ///< into the chain
  };

  std::optional<Work> execute() override;
  /// nullopt: the device is broken.
  std::optional<Status> perform(u32 type, Request& request);
  std::optional<Status> read(Request& request);
  std::optional<Status> write(Request& request);
  std::optional<Status> id(Request& request);
  std::optional<Status> clear(Request& request, bool discard);
  bool in_range(u64 sector, u64 bytes) const;

  BlockPort& medium_;
  std::string id_;
  std::vector<u8> buffer_;
};

}  // namespace tw::devices::virtio
