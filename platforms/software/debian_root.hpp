// Debian 12 on a disk image: debootstrap unpacks it on this machine, the platform itself completes it.
#pragma once

#include <filesystem>
#include <string>

namespace tw::software {

struct DebianRoot {
  std::filesystem::path kernel, initrd;  ///< the initrd has disk_init.sh
  std::string mirror;
};

/// Makes `image`, which is there whole or not at all. Takes minutes: the second stage is some 10^10 instructions of the
/// guest. Throws Unavailable with the reason.
void make_debian_root(const DebianRoot& recipe, const std::filesystem::path& image);
/// What the image depends on beside the archive.
std::string debian_root_recipe();

}  // namespace tw::software
