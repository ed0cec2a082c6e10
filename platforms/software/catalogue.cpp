#include "platforms/software/catalogue.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/error.hpp"
#include "platforms/config/nearest.hpp"

namespace tw::software {

namespace {

#define TW_UBOOT "{u-boot-qemu:usr/lib/u-boot/qemu_arm64/u-boot.bin}"
#define TW_LINUX "{linux-image-arm64:boot/vmlinuz-*}"
#define TW_CLOUD "{linux-image-cloud-arm64:boot/vmlinuz-*}"
#define TW_BACKPORTS "{linux-image-arm64/bookworm-backports:boot/vmlinuz-*}"
#define TW_INSTALLER "usr/lib/debian-installer/images/12/arm64/text/debian-installer/arm64/"
#define TW_XEN "{xen-hypervisor-4.17-arm64:boot/xen-4.17-arm64}"
#define TW_INITRD "{busybox-initramfs}"
#define TW_DOMAIN "kernel=" TW_LINUX ",initrd=" TW_INITRD ",append=console=ttyAMA0,memory=256M,vpl011"

constexpr Option kUboot[] = {{"bios", TW_UBOOT}};
// A key ends U-Boot's countdown; its own device tree goes on to Linux.
constexpr Option kUbootLinux[] = {{"bios", TW_UBOOT},
                                  {"memory", "1G"},
                                  {"load", TW_LINUX "@0x50000000"},
                                  {"load", TW_INITRD "@0x58000000"},
                                  {"type", "Hit any key=>\\n"},
                                  {"type",
                                   "=> =>setenv bootargs console=ttyAMA0 earlycon; "
                                   "booti 0x50000000 0x58000000:{#busybox-initramfs} ${fdtcontroladdr}\\r"}};
constexpr Option kLinux[] = {
    {"kernel", TW_LINUX}, {"initrd", TW_INITRD}, {"append", "console=ttyAMA0 earlycon"}, {"memory", "1G"}};
constexpr Option kCloud[] = {
    {"kernel", TW_CLOUD}, {"initrd", TW_INITRD}, {"append", "console=ttyAMA0 earlycon"}, {"memory", "1G"}};
constexpr Option kBackports[] = {
    {"kernel", TW_BACKPORTS}, {"initrd", TW_INITRD}, {"append", "console=ttyAMA0 earlycon"}, {"memory", "1G"}};
constexpr Option kInstaller[] = {{"kernel", "{debian-installer-12-netboot-arm64:" TW_INSTALLER "linux}"},
                                 {"initrd", "{debian-installer-12-netboot-arm64:" TW_INSTALLER "initrd.gz}"},
                                 {"append", "console=ttyAMA0 earlycon"},
                                 {"memory", "1G"}};
constexpr Option kXen[] = {
    {"hypervisor", TW_XEN}, {"hypervisor-args", "console=dtuart dom0_mem=512M"}, {"kernel", TW_LINUX},
    {"initrd", TW_INITRD},  {"append", "console=hvc0 earlycon=xenboot"},         {"memory", "2G"}};
constexpr Option kXenDomain[] = {
    {"hypervisor", TW_XEN}, {"hypervisor-args", "console=dtuart"}, {"domain", TW_DOMAIN}, {"memory", "2G"}};
constexpr Option kXenDomains[] = {{"hypervisor", TW_XEN},
                                  {"hypervisor-args", "console=dtuart dom0_mem=512M"},
                                  {"kernel", TW_LINUX},
                                  {"initrd", TW_INITRD},
                                  {"append", "console=hvc0 earlycon=xenboot trapwalk.sleep=2"},
                                  {"domain", TW_DOMAIN},
                                  {"domain", TW_DOMAIN},
                                  {"memory", "3G"},
                                  {"smp", "2"}};
constexpr Option kDebian[] = {{"kernel", TW_LINUX},
                              {"initrd", "{disk-initramfs}"},
                              {"append", "root=/dev/vda console=ttyAMA0"},
                              {"drive", "{debian-root}"},
                              {"netdev", "user"},
                              {"memory", "1G"}};
// A key ends the wait for startup.nsh, which looks once a second; a slow core spins less in a second.
constexpr Option kUefi[] = {{"bios", "{qemu-efi-aarch64:usr/share/qemu-efi-aarch64/QEMU_EFI.fd}"},
                            {"type", "seconds to skip =>\\r"},
                            {"set", "core.frequency=100"},
                            {"memory", "1G"}};

#undef TW_UBOOT
#undef TW_LINUX
#undef TW_CLOUD
#undef TW_BACKPORTS
#undef TW_INSTALLER
#undef TW_XEN
#undef TW_INITRD
#undef TW_DOMAIN

constexpr std::string_view kUserland = "trapwalk: userland is up";

constexpr Software kCatalogue[] = {
    {"uboot-arm64", "U-Boot, to its prompt", kUboot, "=> "},
    {"uboot-linux-arm64", "U-Boot boots Linux with booti", kUbootLinux, kUserland},
    {"linux-arm64", "Debian's kernel and a busybox userland", kLinux, kUserland},
    {"linux-arm64-cloud", "Debian's kernel for clouds", kCloud, kUserland},
    {"linux-arm64-backports", "the kernel of Debian's backports", kBackports, kUserland},
    {"debian-installer-arm64", "the Debian installer, netboot", kInstaller, "Select a language"},
    {"debian-12-arm64", "Debian 12 on a disk, to a login (root, no password)", kDebian, "login:"},
    {"xen-arm64", "Xen 4.17 with Linux as dom0", kXen, kUserland},
    {"xen-dom0less-arm64", "Xen 4.17 starts a Linux guest, no dom0", kXenDomain, kUserland},
    {"xen-domains-arm64", "Xen 4.17 with dom0 and two more guests", kXenDomains, kUserland},
    {"uefi-arm64", "UEFI (EDK II), to its shell", kUefi, "Shell>"},
};

const BuiltFile kBuiltFiles[] = {{kInitramfs, {"busybox-static"}},
                                 {kDiskInitramfs, {"busybox-static", "linux-image-arm64"}},
                                 {kDebianRoot, {"busybox-static", "linux-image-arm64"}}};

/// Debian's names for "the newest kernel".
struct MetaPackage {
  std::string_view package, payload;
};
constexpr MetaPackage kMetaPackages[] = {{"linux-image-arm64", "linux-image-"},
                                         {"linux-image-cloud-arm64", "linux-image-"}};

Reference reference_of(std::string_view text) {
  Reference reference;
  reference.size = text.starts_with('#');
  if (reference.size) text.remove_prefix(1);
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) reference.package = text.substr(0, colon);
  reference.file = text.substr(colon == std::string_view::npos ? 0 : colon + 1);
  return reference;
}

}  // namespace

const BuiltFile& built_file(std::string_view name) {
  for (const BuiltFile& file : kBuiltFiles) {
    if (file.name == name) return file;
  }
  throw std::out_of_range(std::string(name));
}

std::span<const Software> catalogue() { return kCatalogue; }

const Software& find_software(std::string_view name) {
  std::vector<std::string> names;
  for (const Software& software : kCatalogue) {
    if (software.name == name) return software;
    names.emplace_back(software.name);
  }
  throw UserError(Complaint{"", "no software is called '" + std::string(name) + "'" +
                                    config::did_you_mean(name, names) + "; see trapwalk software list"});
}

std::vector<Piece> pieces_of(std::string_view value) {
  std::vector<Piece> pieces;
  while (!value.empty()) {
    // "${...}" is U-Boot's.
    std::size_t open = value.find('{');
    while (open != std::string_view::npos && open > 0 && value[open - 1] == '$') open = value.find('{', open + 1);
    if (open != 0) {
      pieces.push_back({.text = std::string(value.substr(0, open)), .reference = {}, .is_reference = false});
      value.remove_prefix(std::min(open, value.size()));
      continue;
    }
    const std::size_t close = value.find('}');
    pieces.push_back({.text = {}, .reference = reference_of(value.substr(1, close - 1)), .is_reference = true});
    value.remove_prefix(close + 1);
  }
  return pieces;
}

std::vector<std::string> packages_of(const Software& software) {
  std::vector<std::string> packages;
  for (const Option& option : software.options) {
    for (const Piece& piece : pieces_of(option.value)) {
      if (!piece.is_reference) continue;
      const Reference& reference = piece.reference;
      const std::vector<std::string> needed =
          reference.package.empty() ? built_file(reference.file).packages : std::vector{reference.package};
      for (const std::string& package : needed) {
        if (std::find(packages.begin(), packages.end(), package) == packages.end()) packages.push_back(package);
      }
    }
  }
  return packages;
}

std::string_view payload_prefix(std::string_view package) {
  const std::string_view name = package.substr(0, package.find('/'));
  for (const MetaPackage& meta : kMetaPackages) {
    if (meta.package == name) return meta.payload;
  }
  return {};
}

}  // namespace tw::software
