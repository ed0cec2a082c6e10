#include "sc_main/boot.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hpp"
#include "platforms/images/compressed.hpp"
#include "platforms/images/linux_image.hpp"
#include "platforms/virt/memory_map.hpp"
#include "sc_main/options.hpp"

namespace tw::command {

namespace {

constexpr u64 kMegabyte = u64{1} << 20;
constexpr u64 kModuleAlign = 2 * kMegabyte;

u64 align_up(u64 value, u64 to) { return (value + to - 1) / to * to; }

std::string compatible_of(const std::string& model) {
  return model == "generic" || model == "max" ? "arm,armv8" : "arm," + model;
}

virt::PsciConduit psci_conduit(bool starts_at_el3, const config::PlatformConfig& config) {
  if (starts_at_el3) return virt::PsciConduit::None;
  return config.core.has_el2 ? virt::PsciConduit::Smc : virt::PsciConduit::Hvc;
}

/// Reads the files in the order in which they are placed, and fills in what the device tree has to say of them.
class Loader final {
 public:
  Loader(const RunOptions& options, const virt::Settings& settings)
      : options_(options),
        settings_(settings),
        spec_{.cpus = settings.cpus,
              .ram_bytes = settings.config.memory.size,
              .el2 = settings.config.core.has_el2,
              .secure = settings.secure,
              .gic_version = static_cast<unsigned>(settings.config.gic.version),
              .psci = {},
              .smmu = settings.smmu,
              .smmu_ats = settings.config.smmu.ats,
              .cpu_compatible = compatible_of(settings.config.core.model),
              .bootargs = options.hypervisor.empty() ? options.append : "",
              .initrd = {},
              .hypervisor = {}} {
    if (settings.pl330) spec_.pl330 = virt::pl330_spec(settings.config.pl330);
  }

  Boot load() {
    if (!options_.bios.empty()) of_option("--bios", [&] { add_flash({.path = options_.bios}, virt::kFlash0); });
    for (std::size_t bank = 0; bank < options_.pflash.size(); ++bank) {
      const virt::Range& place = bank == 0 ? virt::kFlash0 : virt::kFlash1;
      of_option("--pflash", [&] { add_flash(options_.pflash[bank], place); });
    }
    if (!options_.hypervisor.empty()) {
      add_hypervisor();
    } else if (starts_firmware()) {
      if (!options_.kernel.empty()) offer_kernel();
    } else {
      if (!options_.kernel.empty()) of_option("--kernel", [&] { add_program(options_.kernel); });
      next_ = initrd_address();
      if (!options_.initrd.empty()) of_option("--initrd", [&] { add_initrd(); });
    }
    for (const std::string& argument : options_.loads) {
      of_option("--load", [&] { boot_.plan.add(images::read_load_argument(argument)); });
      boot_.files.push_back(argument);
    }
    add_device_tree();
    return std::move(boot_);
  }

 private:
  /// A segment of a file must lie in RAM; complain here, where the option is known.
  void place_in_ram(images::Segment segment) {
    const u64 end = virt::kRam.value + settings_.config.memory.size;
    if (segment.size() != 0 && (segment.at < virt::kRam || segment.last() >= end)) {
      throw UserError(Complaint{
          segment.name, fmt::format("[0x{:x}, 0x{:x}] does not fit into RAM [0x{:x}, 0x{:x}]; give more with --memory",
                                    segment.at.value, segment.last(), virt::kRam.value, end - 1)});
    }
    boot_.plan.add(std::move(segment));
  }

  bool starts_firmware() const { return !options_.bios.empty() || !options_.pflash.empty(); }

  void add_flash(const FlashOption& flash, const virt::Range& bank) {
    images::Segment segment{flash.path, bank.base, images::read_file(flash.path), 0};
    if (segment.size() > bank.size) throw UserError(Complaint{flash.path, "is larger than the flash, 64 MB"});
    boot_.plan.add(std::move(segment));
    boot_.files.push_back(flash.path);
  }

  /// For firmware to start. A kernel that is an EFI program is given as it is.
  void offer_kernel() {
    boot_.firmware.kernel = of_option("--kernel", [&] {
      images::Bytes kernel = images::read_file(options_.kernel);
      const bool efi = kernel.size() > 2 && kernel[0] == 'M' && kernel[1] == 'Z';
      return efi ? std::move(kernel) : images::unpack(options_.kernel, std::move(kernel));
    });
    boot_.files.push_back(options_.kernel);
    boot_.firmware.command_line = options_.append;
    if (options_.initrd.empty()) return;
    boot_.firmware.initrd = of_option("--initrd", [&] { return images::read_file(options_.initrd); });
    boot_.files.push_back(options_.initrd);
  }

  /// What core 0 starts with.
  void add_program(const std::string& path) {
    images::Program program = images::read_program(path, virt::kRam);
    linux_protocol_ = program.kind != images::ProgramKind::Elf;
    boot_.start.entry = program.entry;
    for (images::Segment& segment : program.segments) {
      if (linux_protocol_ && segment.size() != 0) next_ = segment.last() + 1;
      place_in_ram(std::move(segment));
    }
    boot_.files.push_back(path);
  }

  /// Where the ramdisk goes, as QEMU does: far enough from the kernel to let it grow, at most 128 MB up; behind a
  /// kernel that reaches beyond that.
  u64 initrd_address() const {
    const u64 usual = virt::kRam.value + std::min(settings_.config.memory.size / 2, 128 * kMegabyte);
    return std::max(usual, align_up(next_, kModuleAlign));
  }

  void add_initrd() {
    images::Segment segment{options_.initrd, Pa{next_}, images::read_file(options_.initrd), 0};
    next_ = segment.last() + 1;
    spec_.initrd = virt::InitrdRange{segment.at.value, next_};
    place_in_ram(std::move(segment));
    boot_.files.push_back(options_.initrd);
  }

  /// Xen at the kernel's place, and everything that it starts one after the other behind it.
  void add_hypervisor() {
    if (!settings_.config.core.has_el2) {
      throw UserError(Complaint{"--hypervisor", "needs EL2; this core has none (core.el2=false)"});
    }
    of_option("--hypervisor", [&] {
      add_program(options_.hypervisor);
      if (linux_protocol_) return;
      throw UserError(Complaint{options_.hypervisor, "is an ELF program; a hypervisor is a Linux Image, as Xen is"});
    });
    virt::HypervisorSpec& hypervisor = spec_.hypervisor.emplace();
    hypervisor.bootargs = options_.hypervisor_args;
    hypervisor.dom0_bootargs = options_.append;
    hypervisor.dom0_modules = modules("--", options_.kernel, options_.initrd, "");
    for (const DomainOption& domain : options_.domains) {
      hypervisor.domains.push_back({.name = domain.name,
                                    .memory_bytes = domain.memory,
                                    .cpus = domain.cpus,
                                    .vpl011 = domain.vpl011,
                                    .modules = modules("--domain ", domain.kernel, domain.initrd, domain.append)});
    }
  }

  /// `named` with "kernel" or "initrd" is the option of each.
  std::vector<virt::BootModule> modules(const std::string& named, const std::string& kernel, const std::string& initrd,
                                        const std::string& bootargs) {
    using Kind = virt::BootModule::Kind;
    std::vector<virt::BootModule> list;
    if (!kernel.empty()) {
      list.push_back(of_option(named + "kernel", [&] {
        images::Bytes bytes = images::unpack(kernel, images::read_file(kernel));
        if (images::is_linux_image(bytes)) images::read_linux_image(kernel, bytes);
        return add_module(Kind::Kernel, kernel, std::move(bytes), bootargs);
      }));
    }
    if (!initrd.empty()) {
      list.push_back(of_option(named + "initrd",
                               [&] { return add_module(Kind::Ramdisk, initrd, images::read_file(initrd), ""); }));
    }
    return list;
  }

  virt::BootModule add_module(virt::BootModule::Kind kind, const std::string& path, images::Bytes bytes,
                              const std::string& bootargs) {
    images::Segment segment{path, Pa{align_up(next_, kModuleAlign)}, std::move(bytes), 0};
    const virt::BootModule module{
        .kind = kind, .first = segment.at.value, .size = segment.size(), .bootargs = bootargs};
    next_ = segment.last() + 1;
    place_in_ram(std::move(segment));
    boot_.files.push_back(path);
    return module;
  }

  void add_device_tree() {
    boot_.psci = spec_.psci = psci_conduit(settings_.config.core.has_el3 && !linux_protocol_, settings_.config);
    boot_.device_tree = options_.dtb.empty()
                            ? virt::make_device_tree(spec_)
                            : of_option("--dtb", [&] { return virt::adopt_device_tree(options_.dtb, spec_); });
    if (!options_.dtb.empty()) boot_.files.push_back(options_.dtb);
    // Linux and raw programs get the tree behind the ramdisk; firmware and ELF programs look for it at the start of
    // RAM.
    const u64 tree = linux_protocol_ ? align_up(next_, kModuleAlign) : virt::kRam.value;
    images::Segment segment{"the device tree", Pa{tree}, boot_.device_tree, 0};
    if (linux_protocol_ || boot_.plan.is_free(tree, segment.last())) place_in_ram(std::move(segment));
    boot_.start.linux_protocol = linux_protocol_;
    boot_.start.device_tree = tree;
  }

  const RunOptions& options_;
  const virt::Settings& settings_;
  virt::DeviceTreeSpec spec_;
  Boot boot_;
  bool linux_protocol_ = false;
  u64 next_ = 0;  ///< the first free address behind what was placed in RAM
};

}  // namespace

Boot prepare_boot(const RunOptions& options, const virt::Settings& settings) {
  return Loader(options, settings).load();
}

}  // namespace tw::command
