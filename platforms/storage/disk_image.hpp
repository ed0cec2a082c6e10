// A raw file of the host as a disk. By default the file is never changed: what the guest writes stays in memory, and is
// gone with the run, however that ends.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <unordered_map>

#include "devices/virtio/block.hpp"

namespace tw::storage {

enum class Access : u8 {
  Snapshot,  ///< writes stay in memory
  ReadOnly,
  WriteThrough,  ///< writes go to the file
};

class DiskImage final : public devices::virtio::BlockPort {
 public:
  /// Throws UserError when the file cannot be a disk: it is missing, a directory, empty, of a size that is not a
  /// multiple of 512, or another process has locked it (a file that is written belongs to one run alone).
  DiskImage(std::string path, Access access, devices::Warn warn);
  ~DiskImage() override;
  DiskImage(const DiskImage&) = delete;
  DiskImage& operator=(const DiskImage&) = delete;

  u64 bytes() const override { return bytes_; }
  bool read_only() const override { return access_ == Access::ReadOnly; }
  bool read(u64 offset, std::span<u8> into) override;
  bool write(u64 offset, std::span<const u8> from) override;
  bool write_zeroes(u64 offset, u64 bytes) override;
  bool discard(u64 offset, u64 bytes) override;
  bool flush() override;

 private:
  static constexpr u64 kPageBytes = 4096;
  using Page = std::array<u8, kPageBytes>;

  bool read_file(u64 offset, std::span<u8> into);
  bool write_file(u64 offset, std::span<const u8> from);
  /// The page of the overlay that holds `offset`, made from the file's contents if there is none; nullptr: an error.
  Page* overlay(u64 offset);
  /// The file did not do what it should: the user hears of it once.
  bool trouble(const std::string& what);

  const std::string path_;
  const Access access_;
  devices::Warn warn_;
  int file_ = -1;
  u64 bytes_ = 0;
  std::unordered_map<u64, std::unique_ptr<Page>> overlay_;  ///< by offset in the file; no page: all zero
  bool warned_ = false;
};

}  // namespace tw::storage
