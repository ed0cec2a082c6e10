#include "platforms/storage/disk_image.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/error.hpp"

namespace tw::storage {

namespace {

constexpr u64 kSector = devices::virtio::Block::kSectorBytes;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UserError(Complaint{"--drive", path + " " + why});
}

/// The size of a file or of a block device.
u64 size_of(int file, const std::string& path) {
  struct stat status;
  if (fstat(file, &status) != 0) refuse(path, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) refuse(path, "is a directory");
  if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) refuse(path, "is neither a file nor a disk");
  const off_t end = lseek(file, 0, SEEK_END);
  if (end < 0) refuse(path, fmt::format("has no size: {}", std::strerror(errno)));
  if (end == 0) refuse(path, "is empty");
  if (static_cast<u64>(end) % kSector != 0) refuse(path, fmt::format("has {} bytes, no multiple of 512", end));
  return static_cast<u64>(end);
}

}  // namespace

DiskImage::DiskImage(std::string path, Access access, devices::Warn warn)
    : path_(std::move(path)), access_(access), warn_(std::move(warn)) {
  const bool writes = access_ == Access::WriteThrough;
  file_ = open(path_.c_str(), O_CLOEXEC | O_NONBLOCK | (writes ? O_RDWR : O_RDONLY));
  if (file_ < 0 && errno == EISDIR) refuse(path_, "is a directory");
  if (file_ < 0) refuse(path_, fmt::format("cannot be {}: {}", writes ? "written" : "read", std::strerror(errno)));
  try {
    bytes_ = size_of(file_, path_);
    if (flock(file_, (writes ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      refuse(path_, writes ? "is in use by another run" : "is being written by another run");
    }
  } catch (...) {
    close(file_);
    throw;
  }
}

DiskImage::~DiskImage() { close(file_); }

bool DiskImage::trouble(const std::string& what) {
  if (!warned_ && warn_) warn_(path_ + ": " + what + "; the guest gets an I/O error");
  warned_ = true;
  return false;
}

bool DiskImage::read_file(u64 offset, std::span<u8> into) {
  while (!into.empty()) {
    const ssize_t count = pread(file_, into.data(), into.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return trouble(std::strerror(errno));
    if (count == 0) return trouble(fmt::format("has become shorter than its {} bytes", bytes_));
    into = into.subspan(static_cast<std::size_t>(count));
    offset += static_cast<u64>(count);
  }
  return true;
}

bool DiskImage::write_file(u64 offset, std::span<const u8> from) {
  while (!from.empty()) {
    const ssize_t count = pwrite(file_, from.data(), from.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return trouble(std::strerror(errno));
    from = from.subspan(static_cast<std::size_t>(count));
    offset += static_cast<u64>(count);
  }
  return true;
}

DiskImage::Page* DiskImage::overlay(u64 offset) {
  const u64 at = offset / kPageBytes * kPageBytes;
  const auto known = overlay_.find(at);
  if (known != overlay_.end() && known->second) return known->second.get();
  try {
    auto page = std::make_unique<Page>();  // zero
    const bool from_file = known == overlay_.end();
    if (from_file && !read_file(at, std::span(*page).first(std::min(kPageBytes, bytes_ - at)))) return nullptr;
    return (overlay_[at] = std::move(page)).get();
  } catch (const std::bad_alloc&) {
    trouble("the host has no memory for what is written");
    return nullptr;
  }
}

bool DiskImage::read(u64 offset, std::span<u8> into) {
  if (overlay_.empty()) return read_file(offset, into);
  while (!into.empty()) {
    const u64 in_page = offset % kPageBytes;
    const std::span<u8> part = into.first(std::min<u64>(into.size(), kPageBytes - in_page));
    const auto page = overlay_.find(offset - in_page);
    if (page == overlay_.end()) {
      if (!read_file(offset, part)) return false;
    } else if (page->second) {
      std::copy_n(page->second->begin() + static_cast<std::ptrdiff_t>(in_page), part.size(), part.begin());
    } else {
      std::fill(part.begin(), part.end(), u8{0});
    }
    into = into.subspan(part.size());
    offset += part.size();
  }
  return true;
}

bool DiskImage::write(u64 offset, std::span<const u8> from) {
  if (access_ == Access::ReadOnly) return false;
  if (access_ == Access::WriteThrough) return write_file(offset, from);
  while (!from.empty()) {
    const u64 in_page = offset % kPageBytes;
    const std::span<const u8> part = from.first(std::min<u64>(from.size(), kPageBytes - in_page));
    Page* const page = overlay(offset);
    if (page == nullptr) return false;
    std::copy(part.begin(), part.end(), page->begin() + static_cast<std::ptrdiff_t>(in_page));
    from = from.subspan(part.size());
    offset += part.size();
  }
  return true;
}

bool DiskImage::write_zeroes(u64 offset, u64 bytes) {
  static constexpr Page kZero{};
  if (access_ == Access::WriteThrough && fallocate(file_, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
                                                   static_cast<off_t>(offset), static_cast<off_t>(bytes)) == 0) {
    return true;
  }
  while (bytes != 0) {
    const u64 in_page = offset % kPageBytes;
    const u64 part = std::min(bytes, kPageBytes - in_page);
    if (access_ == Access::Snapshot && part == kPageBytes) {
      overlay_[offset] = nullptr;
    } else if (!write(offset, std::span(kZero).first(part))) {
      return false;
    }
    bytes -= part;
    offset += part;
  }
  return true;
}

/// A hint: a file system that cannot make holes keeps the bytes.
bool DiskImage::discard(u64 offset, u64 bytes) {
  if (access_ == Access::WriteThrough && bytes != 0) {
    fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(bytes));
  }
  return access_ != Access::ReadOnly;
}

bool DiskImage::flush() {
  if (access_ != Access::WriteThrough || fdatasync(file_) == 0) return true;
  return trouble(std::strerror(errno));
}

}  // namespace tw::storage
