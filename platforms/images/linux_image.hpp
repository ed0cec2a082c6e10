// The arm64 Linux kernel's own format, which Xen shares (Documentation/arch/arm64/booting.rst).
#pragma once

#include <string>

#include "platforms/images/images.hpp"

namespace tw::images {

bool is_linux_image(const Bytes& bytes);

/// What the loader must know of an Image.
struct LinuxImage {
  u64 text_offset = 0;  ///< from a 2 MB aligned base
  u64 memory_size = 0;  ///< bytes in memory: the file and the BSS behind it
};

/// Checks the header, and that the file is as long as its sections say. Throws UserError.
LinuxImage read_linux_image(const std::string& path, const Bytes& bytes);

}  // namespace tw::images
