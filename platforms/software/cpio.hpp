// An archive for an initial RAM file system: cpio "newc" (Linux,
// Documentation/driver-api/early-userspace/buffer-format.rst).
#pragma once

#include <string>
#include <string_view>

#include "platforms/images/images.hpp"

namespace tw::software {

/// Everything belongs to root and is as old as the epoch: the same files always make the same archive.
class CpioArchive final {
 public:
  void folder(std::string_view path);
  void file(std::string_view path, unsigned permissions, const images::Bytes& content);
  void link(std::string_view path, std::string_view target);
  void character_device(std::string_view path, unsigned permissions, unsigned major, unsigned minor);
  /// Ends the archive and compresses it with gzip.
  images::Bytes take();

 private:
  void entry(std::string_view path, unsigned mode, std::string_view content, unsigned major = 0, unsigned minor = 0);
  void pad();

  std::string bytes_;
  unsigned inode_ = 0;
};

}  // namespace tw::software
