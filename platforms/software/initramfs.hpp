// The initial RAM file systems that are built here: Debian's static busybox, our /init, and drivers if asked for.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "platforms/images/images.hpp"

namespace tw::software {

// The scripts of platforms/software, which are part of the program.
std::string_view init_script();
std::string_view disk_init_script();
std::string_view debian_root_script();

struct Module {
  std::string name;
  images::Bytes content;
};

/// A gzip'd cpio archive with `script` as /init, and the modules in /modules, to be loaded in their names' order. The
/// same content always makes the same bytes.
images::Bytes make_initramfs(const images::Bytes& busybox, std::string_view script,
                             const std::vector<Module>& modules = {});

/// What Debian's kernel needs for a virtio disk, its network, and ext4: from an unpacked package. Throws Unavailable.
std::vector<Module> disk_modules(const std::filesystem::path& kernel_package);

}  // namespace tw::software
