#include "sc_main/boot.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/virt/memory_map.hpp"

namespace tw::command {

namespace {

constexpr u64 kMegabyte = u64{1} << 20;

u64 align_up(u64 value, u64 to) { return (value + to - 1) / to * to; }

/// A segment of a file must lie in RAM; complain here, where the option is known.
void check_room(const images::Segment& segment, const virt::Settings& settings) {
  const u64 end = virt::kRam.value + settings.config.memory.size;
  if (segment.size() == 0) return;
  if (segment.at < virt::kRam || segment.last() >= end) {
    throw UserError(Complaint{
        segment.name, fmt::format("[0x{:x}, 0x{:x}] does not fit into RAM [0x{:x}, 0x{:x}]; give more with --memory",
                                  segment.at.value, segment.last(), virt::kRam.value, end - 1)});
  }
}

std::string compatible_of(const std::string& model) { return model == "generic" ? "arm,armv8" : "arm," + model; }

/// Where the ramdisk goes, as QEMU does: far enough from the kernel to let it grow, at most 128 MB up; behind a kernel
/// that reaches beyond that.
u64 initrd_address(const virt::Settings& settings, u64 kernel_end) {
  const u64 usual = virt::kRam.value + std::min(settings.config.memory.size / 2, 128 * kMegabyte);
  return std::max(usual, align_up(kernel_end, 2 * kMegabyte));
}

virt::PsciConduit psci_conduit(bool starts_at_el3, const config::PlatformConfig& config) {
  if (starts_at_el3) return virt::PsciConduit::None;
  return config.core.has_el2 ? virt::PsciConduit::Smc : virt::PsciConduit::Hvc;
}

}  // namespace

Boot prepare_boot(const RunOptions& options, const virt::Settings& settings) {
  Boot boot;
  virt::DeviceTreeSpec spec{.cpus = settings.cpus,
                            .ram_bytes = settings.config.memory.size,
                            .el2 = settings.config.core.has_el2,
                            .gic_version = static_cast<unsigned>(settings.config.gic.version),
                            .psci = {},
                            .cpu_compatible = compatible_of(settings.config.core.model),
                            .bootargs = options.append,
                            .initrd = {}};

  if (!options.bios.empty()) {
    images::Segment segment{options.bios, virt::kFlash0.base, images::read_file(options.bios), 0};
    if (segment.size() > virt::kFlash0.size)
      throw UserError(Complaint{options.bios, "is larger than the flash, 64 MB"});
    boot.plan.add(std::move(segment));
    boot.files.push_back(options.bios);
  }
  bool linux_image = false;
  u64 kernel_end = 0;
  if (!options.kernel.empty()) {
    images::Program program = images::read_program(options.kernel, virt::kRam);
    linux_image = program.kind != images::ProgramKind::Elf;
    boot.start.entry = program.entry;
    for (images::Segment& segment : program.segments) {
      check_room(segment, settings);
      if (linux_image) kernel_end = segment.last() + 1;
      boot.plan.add(std::move(segment));
    }
    boot.files.push_back(options.kernel);
  }
  u64 after_images = initrd_address(settings, kernel_end);
  if (!options.initrd.empty()) {
    images::Segment segment{options.initrd, Pa{after_images}, images::read_file(options.initrd), 0};
    check_room(segment, settings);
    after_images = segment.last() + 1;
    spec.initrd = virt::InitrdRange{segment.at.value, after_images};
    boot.plan.add(std::move(segment));
    boot.files.push_back(options.initrd);
  }
  for (const std::string& argument : options.loads) {
    images::Segment segment = images::read_load_argument(argument);
    boot.plan.add(std::move(segment));
    boot.files.push_back(argument);
  }

  boot.psci = spec.psci = psci_conduit(settings.config.core.has_el3 && !linux_image, settings.config);
  boot.device_tree = options.dtb.empty() ? virt::make_device_tree(spec) : virt::adopt_device_tree(options.dtb, spec);
  if (!options.dtb.empty()) boot.files.push_back(options.dtb);
  // Linux and raw programs get the tree behind the ramdisk; firmware and ELF programs look for it at the start of RAM.
  const u64 tree = linux_image ? align_up(after_images, 2 * kMegabyte) : virt::kRam.value;
  images::Segment segment{"the device tree", Pa{tree}, boot.device_tree, 0};
  if (linux_image || boot.plan.is_free(tree, segment.last())) {
    check_room(segment, settings);
    boot.plan.add(std::move(segment));
  }
  boot.start.linux_protocol = linux_image;
  boot.start.device_tree = tree;
  return boot;
}

}  // namespace tw::command
