#include "platforms/software/initramfs.hpp"

#include <fmt/format.h>

#include "platforms/software/child_process.hpp"
#include "platforms/software/cpio.hpp"

namespace tw::software {

namespace {

/// Each behind those that it needs.
constexpr const char* kDiskModules[] = {"drivers/virtio/virtio_mmio.ko",
                                        "drivers/virtio/virtio_pci_modern_dev.ko",
                                        "drivers/virtio/virtio_pci_legacy_dev.ko",
                                        "drivers/virtio/virtio_pci.ko",
                                        "drivers/block/virtio_blk.ko",
                                        "net/core/failover.ko",
                                        "drivers/net/net_failover.ko",
                                        "drivers/net/virtio_net.ko",
                                        "crypto/crc32c_generic.ko",
                                        "lib/crc16.ko",
                                        "fs/mbcache.ko",
                                        "fs/jbd2/jbd2.ko",
                                        "fs/ext4/ext4.ko"};

}  // namespace

images::Bytes make_initramfs(const images::Bytes& busybox, std::string_view script,
                             const std::vector<Module>& modules) {
  CpioArchive archive;
  for (const char* folder : {"bin", "dev", "proc", "sys", "tmp", "root"}) archive.folder(folder);
  archive.character_device("dev/console", 0600, 5, 1);
  archive.file("bin/busybox", 0755, busybox);
  archive.link("bin/sh", "busybox");
  archive.file("init", 0755, images::Bytes(script.begin(), script.end()));
  if (!modules.empty()) archive.folder("modules");
  for (std::size_t n = 0; n < modules.size(); ++n) {
    archive.file(fmt::format("modules/{:02}-{}", n, modules[n].name), 0644, modules[n].content);
  }
  return archive.take();
}

std::vector<Module> disk_modules(const std::filesystem::path& kernel_package) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path kernel;
  for (const fs::directory_entry& version : fs::directory_iterator(kernel_package / "lib" / "modules", error)) {
    kernel = version.path() / "kernel";
  }
  std::vector<Module> modules;
  for (const char* path : kDiskModules) {
    if (!fs::exists(kernel / path)) {
      throw Unavailable(fmt::format("{} has no module {}", kernel_package.filename().string(), path));
    }
    modules.push_back({fs::path(path).filename().string(), images::read_file((kernel / path).string())});
  }
  return modules;
}

}  // namespace tw::software
