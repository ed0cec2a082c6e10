#include "platforms/virt/device_tree.hpp"

#include <initializer_list>
#include <stdexcept>

#include <fmt/format.h>
#include <libfdt.h>

#include "base/error.hpp"
#include "platforms/virt/memory_map.hpp"

namespace tw::virt {

namespace {

constexpr std::size_t kTreeBytes = std::size_t{1} << 20;  ///< as QEMU: room for firmware
constexpr u32 kUartClockHz = 24'000'000;

// PSCI function identifiers (Arm DEN 0022, 5.1) and interrupt specifiers (the GIC's binding).
constexpr u32 kPsciCpuSuspend = 0xC400'0001, kPsciCpuOff = 0x8400'0002, kPsciCpuOn = 0xC400'0003,
              kPsciMigrate = 0xC400'0005;
constexpr u32 kSpi = 0, kPpi = 1, kLevelHigh = 4;

/// A tree under construction. libfdt puts new nodes and properties first, so the result reads backwards, as QEMU's
/// does.
class Tree final {
 public:
  Tree() : blob_(kTreeBytes) { check(fdt_create_empty_tree(blob_.data(), static_cast<int>(blob_.size())), "/"); }
  explicit Tree(const images::Bytes& source) : blob_(std::max(kTreeBytes, source.size() * 2)) {
    check(fdt_open_into(source.data(), blob_.data(), static_cast<int>(blob_.size())), "/");
  }

  bool has(const std::string& path) const { return fdt_path_offset(blob_.data(), path.c_str()) >= 0; }
  /// Makes the node; its parent exists.
  void node(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string parent = slash == 0 ? "/" : path.substr(0, slash);
    check(fdt_add_subnode(blob_.data(), find(parent), path.c_str() + slash + 1), path);
  }
  void text(const std::string& path, const char* name, std::string_view value) {
    const std::string terminated(value);  // several strings are separated by '\0' inside `value`
    check(fdt_setprop(blob_.data(), find(path), name, terminated.c_str(), static_cast<int>(value.size() + 1)), path);
  }
  void cells(const std::string& path, const char* name, std::initializer_list<u32> values) {
    cells(path, name, std::vector<u32>(values));
  }
  void cells(const std::string& path, const char* name, std::vector<u32> values) {
    for (u32& value : values) value = cpu_to_fdt32(value);
    check(fdt_setprop(blob_.data(), find(path), name, values.data(), static_cast<int>(values.size() * 4)), path);
  }
  void flag(const std::string& path, const char* name) {
    check(fdt_setprop(blob_.data(), find(path), name, nullptr, 0), path);
  }
  /// reg = <base size …>, two cells each.
  void reg(const std::string& path, std::initializer_list<Range> ranges) {
    std::vector<u32> values;
    for (const Range& range : ranges) {
      for (const u64 value : {range.base.value, range.size}) {
        values.push_back(static_cast<u32>(value >> 32));
        values.push_back(static_cast<u32>(value));
      }
    }
    cells(path, "reg", std::move(values));
  }
  images::Bytes take() { return std::move(blob_); }

 private:
  int find(const std::string& path) const {
    const int offset = fdt_path_offset(blob_.data(), path.c_str());
    check(offset, path);
    return offset;
  }
  static void check(int result, const std::string& path) {
    if (result < 0) throw std::runtime_error(fmt::format("device tree: {}: {}", path, fdt_strerror(result)));
  }
  images::Bytes blob_;
};

enum Phandle : u32 { kClock = 0x8000, kGic = 0x8001, kFirstCpu = 0x8002 };

void add_chosen(Tree& tree, const DeviceTreeSpec& spec) {
  if (!tree.has("/chosen")) tree.node("/chosen");
  if (!spec.bootargs.empty()) tree.text("/chosen", "bootargs", spec.bootargs);
  if (spec.initrd) {
    const auto split = [](u64 value) {
      return std::vector<u32>{static_cast<u32>(value >> 32), static_cast<u32>(value)};
    };
    tree.cells("/chosen", "linux,initrd-start", split(spec.initrd->first));
    tree.cells("/chosen", "linux,initrd-end", split(spec.initrd->end));
  }
}

void add_cpus(Tree& tree, const DeviceTreeSpec& spec) {
  tree.node("/cpus");
  tree.cells("/cpus", "#address-cells", {1});
  tree.cells("/cpus", "#size-cells", {0});
  for (unsigned n = spec.cpus; n-- > 0;) {
    const std::string path = fmt::format("/cpus/cpu@{}", n);
    tree.node(path);
    tree.text(path, "device_type", "cpu");
    tree.text(path, "compatible", spec.cpu_compatible);
    if (spec.psci != PsciConduit::None && spec.cpus > 1) tree.text(path, "enable-method", "psci");
    tree.cells(path, "reg", {n});
    tree.cells(path, "phandle", {kFirstCpu + n});
  }
  tree.node("/cpus/cpu-map");
  tree.node("/cpus/cpu-map/socket0");
  tree.node("/cpus/cpu-map/socket0/cluster0");
  for (unsigned n = spec.cpus; n-- > 0;) {
    const std::string path = fmt::format("/cpus/cpu-map/socket0/cluster0/core{}", n);
    tree.node(path);
    tree.cells(path, "cpu", {kFirstCpu + n});
  }
}

void add_timer(Tree& tree, const DeviceTreeSpec& spec) {
  // GICv2 PPI specifiers carry a mask of the CPUs in bits 15:8.
  const u32 flags = kLevelHigh | ((1u << spec.cpus) - 1) << 8;
  tree.node("/timer");
  tree.text("/timer", "compatible", std::string_view("arm,armv8-timer\0arm,armv7-timer", 31));
  tree.flag("/timer", "always-on");
  tree.cells("/timer", "interrupts",
             {kPpi, kTimerSecurePpi, flags, kPpi, kTimerPhysicalPpi, flags, kPpi, kTimerVirtualPpi, flags, kPpi,
              kTimerHypervisorPpi, flags});
}

void add_gic(Tree& tree, const DeviceTreeSpec& spec) {
  const std::string path = fmt::format("/intc@{:x}", kGicDistributor.base.value);
  tree.node(path);
  tree.cells(path, "#interrupt-cells", {3});
  tree.flag(path, "interrupt-controller");
  tree.cells(path, "#address-cells", {2});
  tree.cells(path, "#size-cells", {2});
  tree.flag(path, "ranges");
  tree.text(path, "compatible", "arm,cortex-a15-gic");
  if (spec.el2) {
    tree.reg(path, {kGicDistributor, kGicCpuInterface, kGicHypervisor, kGicVirtualCpu});
    tree.cells(path, "interrupts", {kPpi, kMaintenancePpi, kLevelHigh});
  } else {
    tree.reg(path, {kGicDistributor, kGicCpuInterface});
  }
  tree.cells(path, "phandle", {kGic});
}

void add_primecell(Tree& tree, std::string_view name, const Range& range, u32 spi, std::string_view clock_names,
                   std::initializer_list<u32> clocks) {
  const std::string path = fmt::format("/{}@{:x}", name, range.base.value);
  tree.node(path);
  tree.text(path, "compatible", fmt::format("arm,{}", name) + '\0' + "arm,primecell");
  tree.reg(path, {range});
  tree.cells(path, "interrupts", {kSpi, spi, kLevelHigh});
  tree.cells(path, "clocks", clocks);
  tree.text(path, "clock-names", clock_names);
}

void add_psci(Tree& tree, const DeviceTreeSpec& spec) {
  if (spec.psci == PsciConduit::None) return;
  tree.node("/psci");
  tree.text("/psci", "compatible", std::string_view("arm,psci-1.0\0arm,psci-0.2\0arm,psci", 34));
  tree.text("/psci", "method", spec.psci == PsciConduit::Smc ? "smc" : "hvc");
  tree.cells("/psci", "cpu_suspend", {kPsciCpuSuspend});
  tree.cells("/psci", "cpu_off", {kPsciCpuOff});
  tree.cells("/psci", "cpu_on", {kPsciCpuOn});
  tree.cells("/psci", "migrate", {kPsciMigrate});
}

void add_memory(Tree& tree, const DeviceTreeSpec& spec) {
  const std::string path = fmt::format("/memory@{:x}", kRam.value);
  if (!tree.has(path)) tree.node(path);
  tree.text(path, "device_type", "memory");
  tree.reg(path, {Range{kRam, spec.ram_bytes}});
}

}  // namespace

images::Bytes make_device_tree(const DeviceTreeSpec& spec) {
  Tree tree;
  tree.text("/", "compatible", "linux,dummy-virt");
  tree.cells("/", "#address-cells", {2});
  tree.cells("/", "#size-cells", {2});
  tree.text("/", "model", "linux,dummy-virt");
  tree.cells("/", "interrupt-parent", {kGic});
  add_chosen(tree, spec);
  tree.text("/chosen", "stdout-path", fmt::format("/pl011@{:x}", kUart.base.value));
  tree.node("/apb-pclk");
  tree.text("/apb-pclk", "compatible", "fixed-clock");
  tree.cells("/apb-pclk", "#clock-cells", {0});
  tree.cells("/apb-pclk", "clock-frequency", {kUartClockHz});
  tree.text("/apb-pclk", "clock-output-names", "clk24mhz");
  tree.cells("/apb-pclk", "phandle", {kClock});
  add_timer(tree, spec);
  add_cpus(tree, spec);
  tree.node("/flash@0");
  tree.text("/flash@0", "compatible", "cfi-flash");
  tree.reg("/flash@0", {kFlash0, kFlash1});
  tree.cells("/flash@0", "bank-width", {4});
  add_gic(tree, spec);
  add_primecell(tree, "pl011", kUart, kUartSpi, std::string_view("uartclk\0apb_pclk", 16), {kClock, kClock});
  add_primecell(tree, "pl031", kRtc, kRtcSpi, "apb_pclk", {kClock});
  add_memory(tree, spec);
  add_psci(tree, spec);
  return tree.take();
}

images::Bytes adopt_device_tree(const std::string& path, const DeviceTreeSpec& spec) {
  const images::Bytes source = images::read_file(path);
  const int result =
      source.size() < sizeof(fdt_header) ? -FDT_ERR_TRUNCATED : fdt_check_full(source.data(), source.size());
  if (result != 0) throw UserError(Complaint{path, fmt::format("is no device tree: {}", fdt_strerror(result))});
  Tree tree(source);
  add_chosen(tree, spec);
  add_memory(tree, spec);
  return tree.take();
}

}  // namespace tw::virt
