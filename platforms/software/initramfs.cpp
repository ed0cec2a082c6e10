#include "platforms/software/initramfs.hpp"

#include "platforms/software/cpio.hpp"

namespace tw::software {

images::Bytes make_initramfs(const images::Bytes& busybox) {
  CpioArchive archive;
  for (const char* folder : {"bin", "dev", "proc", "sys", "tmp"}) archive.folder(folder);
  archive.character_device("dev/console", 0600, 5, 1);
  archive.file("bin/busybox", 0755, busybox);
  archive.link("bin/sh", "busybox");
  const std::string_view script = init_script();
  archive.file("init", 0755, images::Bytes(script.begin(), script.end()));
  return archive.take();
}

}  // namespace tw::software
