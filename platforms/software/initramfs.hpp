// The initial RAM file system that is built here: Debian's static busybox and our /init (init.sh).
#pragma once

#include <string_view>

#include "platforms/images/images.hpp"

namespace tw::software {

/// platforms/software/init.sh, which is part of the program.
std::string_view init_script();

/// A gzip'd cpio archive. The same busybox always makes the same bytes.
images::Bytes make_initramfs(const images::Bytes& busybox);

}  // namespace tw::software
