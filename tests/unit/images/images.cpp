#include "platforms/images/images.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>

#include <elf.h>
#include <gtest/gtest.h>
#include <libfdt.h>

#include "base/error.hpp"
#include "platforms/images/symbols.hpp"
#include "platforms/virt/device_tree/device_tree.hpp"

namespace tw::images {
namespace {

constexpr Pa kRam{0x4000'0000};

class Images : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("trapwalk-images-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, const Bytes& bytes) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
    return path;
  }
  std::filesystem::path folder_;
};

struct TinyElf {
  Elf64_Ehdr header{};
  Elf64_Phdr segment{};
  u8 code[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  TinyElf() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_AARCH64;
    header.e_version = EV_CURRENT;
    header.e_entry = 0x80'0004;
    header.e_phoff = offsetof(TinyElf, segment);
    header.e_ehsize = sizeof header;
    header.e_phentsize = sizeof segment;
    header.e_phnum = 1;
    segment = {.p_type = PT_LOAD,
               .p_flags = PF_R | PF_X,
               .p_offset = offsetof(TinyElf, code),
               .p_vaddr = 0x80'0000,
               .p_paddr = 0x4010'0000,
               .p_filesz = sizeof code,
               .p_memsz = 64,
               .p_align = 4};
  }
  Bytes bytes() const {
    Bytes out(sizeof *this);
    std::memcpy(out.data(), this, sizeof *this);
    return out;
  }
};

std::string complaint_of(const auto& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST_F(Images, ElfSegmentsGoToPhysicalAddressesAndTheEntryWithThem) {
  const Program program = read_program(file("a.elf", TinyElf().bytes()), kRam);
  EXPECT_EQ(program.kind, ProgramKind::Elf);
  ASSERT_EQ(program.segments.size(), 1u);
  EXPECT_EQ(program.segments[0].at, Pa{0x4010'0000});
  EXPECT_EQ(program.segments[0].bytes.size(), 16u);
  EXPECT_EQ(program.segments[0].bytes[3], 4);
  EXPECT_EQ(program.segments[0].zeros, 48u);
  EXPECT_EQ(program.entry, Pa{0x4010'0004});
}

TEST_F(Images, ElfOfAnotherMachineIsRefused) {
  TinyElf elf;
  elf.header.e_machine = EM_X86_64;
  const std::string path = file("x86.elf", elf.bytes());
  EXPECT_NE(complaint_of([&] { read_program(path, kRam); }).find("AArch64"), std::string::npos);
}

TEST_F(Images, TruncatedElfsAreRefusedWhereverTheyEnd) {
  const Bytes whole = TinyElf().bytes();
  for (std::size_t size = SELFMAG; size < whole.size(); size += 3) {
    const std::string path = file("short.elf", Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    EXPECT_THROW(read_program(path, kRam), UserError) << size << " bytes";
  }
}

TEST_F(Images, LinuxImageGoesBehindTheFirstTwoMegabytes) {
  Bytes image(256);
  const u64 text_offset = 0x1000, image_size = 0x800;
  std::memcpy(&image[8], &text_offset, 8);
  std::memcpy(&image[16], &image_size, 8);
  std::memcpy(&image[56], "ARM\x64", 4);
  const Program program = read_program(file("Image", image), kRam);
  EXPECT_EQ(program.kind, ProgramKind::LinuxImage);
  EXPECT_EQ(program.entry, Pa{0x4020'1000});
  EXPECT_EQ(program.segments[0].size(), 0x800u);
}

TEST_F(Images, MissingEmptyAndFolder) {
  EXPECT_THROW(read_file((folder_ / "none").string()), UserError);
  EXPECT_THROW(read_file(folder_.string()), UserError);
  EXPECT_THROW(read_file(file("empty", {})), UserError);
}

TEST_F(Images, LoadArguments) {
  const std::string path = file("blob@1", {1, 2, 3});
  EXPECT_EQ(read_load_argument(path + "@0x40000000").at, kRam);
  EXPECT_EQ(read_load_argument(path + "@4096").at, Pa{4096});
  for (const char* bad : {"", "@", "@0x", "@12z", "@-1", "@0x11111111111111111"}) {
    EXPECT_THROW(read_load_argument(path + bad), UserError) << bad;
  }
}

TEST(LoadPlan, OverlapsAreRefusedNeighboursAreNot) {
  LoadPlan plan;
  plan.add({.name = "a", .at = Pa{0x1000}, .bytes = Bytes(16), .zeros = 16});
  EXPECT_THROW(plan.add({.name = "b", .at = Pa{0x101F}, .bytes = Bytes(1)}), UserError);
  plan.add({.name = "c", .at = Pa{0x1020}, .bytes = Bytes(1)});
  plan.add({.name = "d", .at = Pa{0xFFF}, .bytes = Bytes(1)});
  EXPECT_FALSE(plan.is_free(0, 0xFFF));
  EXPECT_TRUE(plan.is_free(0, 0xFFE));
}

virt::DeviceTreeSpec two_cores() {
  return {.cpus = 2,
          .ram_bytes = u64{1} << 30,
          .el2 = true,
          .psci = virt::PsciConduit::Smc,
          .cpu_compatible = "arm,cortex-a57",
          .bootargs = "quiet",
          .initrd = {},
          .hypervisor = {}};
}

u32 cell(const Bytes& tree, const char* path, const char* property, int index) {
  int length = 0;
  const void* value = fdt_getprop(tree.data(), fdt_path_offset(tree.data(), path), property, &length);
  if (value == nullptr || length < (index + 1) * 4) return 0xDEAD;
  fdt32_t raw;
  std::memcpy(&raw, static_cast<const u8*>(value) + index * 4, 4);
  return fdt32_to_cpu(raw);
}

TEST(DeviceTree, DescribesWhatQemuDescribes) {  // expectations: dumpdtb of QEMU 7.2, virtualization=on,gic-version=2
  const Bytes tree = virt::make_device_tree(two_cores());
  ASSERT_EQ(fdt_check_full(tree.data(), tree.size()), 0);
  EXPECT_EQ(cell(tree, "/intc@8000000", "reg", 9), 0x0803'0000u);
  EXPECT_EQ(cell(tree, "/intc@8000000", "interrupts", 1), 9u);
  EXPECT_EQ(cell(tree, "/timer", "interrupts", 1), 13u);
  EXPECT_EQ(cell(tree, "/timer", "interrupts", 2), 0x304u);
  EXPECT_EQ(cell(tree, "/timer", "interrupts", 10), 10u);
  EXPECT_EQ(cell(tree, "/pl011@9000000", "interrupts", 1), 1u);
  EXPECT_EQ(cell(tree, "/pl031@9010000", "interrupts", 1), 2u);
  EXPECT_EQ(cell(tree, "/memory@40000000", "reg", 3), 0x4000'0000u);
  EXPECT_EQ(cell(tree, "/cpus/cpu@1", "reg", 0), 1u);
  const int psci = fdt_path_offset(tree.data(), "/psci");
  EXPECT_STREQ(static_cast<const char*>(fdt_getprop(tree.data(), psci, "method", nullptr)), "smc");
  EXPECT_EQ(cell(tree, "/fw-cfg@9020000", "reg", 3), 0x18u);
  EXPECT_EQ(cell(tree, "/pl061@9030000", "interrupts", 1), 7u);
  EXPECT_EQ(cell(tree, "/gpio-keys/poweroff", "gpios", 0), cell(tree, "/pl061@9030000", "phandle", 0));
  EXPECT_EQ(cell(tree, "/gpio-keys/poweroff", "gpios", 1), 3u);
  EXPECT_EQ(cell(tree, "/gpio-keys/poweroff", "linux,code", 0), 116u);
  EXPECT_LT(fdt_path_offset(tree.data(), "/platform-bus@c000000"), 0) << "a device that does not exist";
}

TEST(DeviceTree, DescribesPciAsQemuDoes) {
  const Bytes tree = virt::make_device_tree(two_cores());
  const char* const pcie = "/pcie@10000000";
  EXPECT_EQ(cell(tree, pcie, "reg", 0), 0x40u);
  EXPECT_EQ(cell(tree, pcie, "reg", 1), 0x1000'0000u);
  EXPECT_EQ(cell(tree, pcie, "msi-map", 1), cell(tree, "/intc@8000000/v2m@8020000", "phandle", 0));
  const u32 ranges[] = {0x1000000,  0, 0,          0,         0x3EFF0000, 0, 0x10000, 0x2000000, 0,    0x10000000, 0,
                        0x10000000, 0, 0x2EFF0000, 0x3000000, 0x80,       0, 0x80,    0,         0x80, 0};
  for (int n = 0; n < 21; ++n) EXPECT_EQ(cell(tree, pcie, "ranges", n), ranges[n]) << n;
  // Device 1, INTB#: SPI 5; device 3, INTD#: SPI 5 again.
  EXPECT_EQ(cell(tree, pcie, "interrupt-map", 50 + 0), 0x800u);
  EXPECT_EQ(cell(tree, pcie, "interrupt-map", 50 + 3), 2u);
  EXPECT_EQ(cell(tree, pcie, "interrupt-map", 50 + 4), cell(tree, "/intc@8000000", "phandle", 0));
  EXPECT_EQ(cell(tree, pcie, "interrupt-map", 50 + 8), 5u);
  EXPECT_EQ(cell(tree, pcie, "interrupt-map", 150 + 3), 4u);
  EXPECT_EQ(cell(tree, pcie, "interrupt-map", 150 + 8), 5u);
  EXPECT_EQ(cell(tree, pcie, "interrupt-map", 160), 0xDEADu) << "four devices, four pins";
}

TEST(DeviceTree, KeepsSecureDevicesFromOthers) {  // dumpdtb of QEMU 7.2, secure=on
  virt::DeviceTreeSpec spec = two_cores();
  spec.secure = true;
  spec.psci = virt::PsciConduit::None;
  const Bytes tree = virt::make_device_tree(spec);
  const auto text = [&](const char* path, const char* property) {
    const void* value = fdt_getprop(tree.data(), fdt_path_offset(tree.data(), path), property, nullptr);
    return std::string(value != nullptr ? static_cast<const char*>(value) : "(none)");
  };
  for (const char* path : {"/pl011@9040000", "/pl061@90b0000", "/secram@e000000", "/secflash@0", "/gpio-poweroff"}) {
    EXPECT_EQ(text(path, "status"), "disabled") << path;
    EXPECT_EQ(text(path, "secure-status"), "okay") << path;
  }
  EXPECT_EQ(text("/secure-chosen", "stdout-path"), "/pl011@9040000");
  EXPECT_EQ(text("/pl011@9000000", "status"), "(none)");
  EXPECT_EQ(cell(tree, "/flash@4000000", "reg", 1), 0x0400'0000u);
  EXPECT_LT(fdt_path_offset(tree.data(), "/flash@0"), 0);
  EXPECT_LT(fdt_path_offset(tree.data(), "/psci"), 0) << "the firmware's";
}

TEST_F(Images, DeviceTreesThatDoNotParseAreRefused) {
  Bytes tree = virt::make_device_tree(two_cores());
  EXPECT_NO_THROW(virt::adopt_device_tree(file("good.dtb", tree), two_cores()));
  EXPECT_THROW(virt::adopt_device_tree(file("text.dtb", Bytes(100, 'x')), two_cores()), UserError);
  EXPECT_THROW(virt::adopt_device_tree(file("tiny.dtb", Bytes(4, 0)), two_cores()), UserError);
  tree.resize(tree.size() / 2);
  EXPECT_THROW(virt::adopt_device_tree(file("half.dtb", tree), two_cores()), UserError);
}

TEST_F(Images, SymbolsOfAMap) {
  const auto text = [](const std::string& lines) { return Bytes(lines.begin(), lines.end()); };
  Symbols symbols;
  symbols.add_file(
      file("System.map", text("ffffffc008000000 T _text\nffffffc008000040 t start_kernel\n"
                              "ffffffc008000044 t $x\nffffffc008000080 t twice\n0000000000000090 t twice\n")));
  EXPECT_EQ(symbols.address("start_kernel", ""), 0xffff'ffc0'0800'0040u);
  EXPECT_EQ(symbols.count(), 3u);
  const auto complaint = [&](const std::string& name) {
    try {
      symbols.address(name, "--timed-from");
    } catch (const UserError& error) {
      return error.complaints().front().message;
    }
    return std::string();
  };
  EXPECT_NE(complaint("start_kernal").find("did you mean \"start_kernel\""), std::string::npos);
  EXPECT_NE(complaint("twice").find("at 2 places: pc:0x90, pc:0xffffffc008000080"), std::string::npos);
  Symbols bad;
  EXPECT_THROW(bad.add_file(file("bad.map", text("hello\n"))), UserError);
  EXPECT_THROW(bad.add_file(file("cut.elf", text("\177ELF\2"))), UserError);
}

}  // namespace
}  // namespace tw::images
