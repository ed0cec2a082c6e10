// PSCI and semihosting.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cpu/system/psci.hpp"
#include "cpu/system/semihosting.hpp"
#include "support/cpu_rig.hpp"

namespace tw::test {
namespace {

using Conduit = cpu::PsciFirmware::Conduit;
using PortConduit = cpu::SystemPort::Conduit;

struct Power final : cpu::PowerPort {
  std::vector<cpu::Cpu*> list;
  std::vector<unsigned> started;
  bool off = false, reset = false;
  unsigned cores() const override { return static_cast<unsigned>(list.size()); }
  cpu::Cpu& core(unsigned index) override { return *list[index]; }
  void core_started(unsigned index) override { started.push_back(index); }
  void system_off() override { off = true; }
  void system_reset() override { reset = true; }
};

struct Psci : testing::Test {
  CpuRig first{El::El1, {}, test_model(), 0x1'0000};
  CpuRig second{El::El1, {}, test_model(), 0x1'0000};
  Power power;
  cpu::PsciFirmware firmware{Conduit::Smc, power};

  void SetUp() override {
    power.list = {&first.core, &second.core};
    second.core.powered = false;
  }
  u64 call(u32 function, u64 x1 = 0, u64 x2 = 0, u64 x3 = 0) {
    first.core.x[0] = function;
    first.core.x[1] = x1;
    first.core.x[2] = x2;
    first.core.x[3] = x3;
    EXPECT_TRUE(firmware.call(first.core, PortConduit::Smc));
    return first.core.x[0];
  }
};

TEST_F(Psci, VersionAndFeatures) {
  EXPECT_EQ(call(0x8400'0000), 0x1'0001u);
  EXPECT_EQ(call(0x8000'0000), 0x1'0001u);
  EXPECT_EQ(call(0x8400'000A, 0xC400'0003), 0u);
  EXPECT_EQ(call(0x8400'000A, 0x8400'0099), ~u64{0});
  EXPECT_EQ(call(0x8400'0006), 2u);
  EXPECT_EQ(call(0x8400'00FF), ~u64{0});
  EXPECT_EQ(call(0xC400'0008), ~u64{0}) << "SYSTEM_OFF has no 64-bit form";
  // SMCCC_ARCH_FEATURES knows the functions that are there, and no workaround.
  EXPECT_EQ(call(0x8000'0001, 0x8000'0000), 0u);
  EXPECT_EQ(call(0x8000'0001, 0x8000'0001), 0u);
  EXPECT_EQ(call(0x8000'0001, 0x8000'8000), ~u64{0});
}

TEST_F(Psci, OtherConduitIsNotServed) {
  first.core.x[0] = 0x8400'0000;
  EXPECT_FALSE(firmware.call(first.core, PortConduit::Hvc));
  EXPECT_EQ(first.core.x[0], 0x8400'0000u);
  cpu::PsciFirmware none(Conduit::None, power);
  EXPECT_FALSE(none.call(first.core, PortConduit::Smc));
}

TEST_F(Psci, CpuOnAndOff) {
  EXPECT_EQ(call(0xC400'0004, 1, 0), 1u) << "AFFINITY_INFO: off";
  EXPECT_EQ(call(0xC400'0003, 1, 0x4000'1000, 0x1234'5678'9ABC), 0u);
  EXPECT_EQ(power.started, std::vector<unsigned>{1});
  EXPECT_TRUE(second.core.powered);
  EXPECT_EQ(second.core.pc, 0x4000'1000u);
  EXPECT_EQ(second.core.x[0], 0x1234'5678'9ABCu);
  EXPECT_EQ(second.core.pstate.el, El::El2);
  EXPECT_EQ(second.core.pstate.daif, 0xF);
  EXPECT_EQ(call(0xC400'0004, 1, 0), 0u);
  EXPECT_EQ(call(0xC400'0003, 1, 0x4000'1000), static_cast<u64>(-4)) << "ALREADY_ON";
  EXPECT_EQ(call(0xC400'0003, 7, 0x4000'1000), static_cast<u64>(-2)) << "INVALID_PARAMETERS";
  call(0x8400'0002);
  EXPECT_FALSE(first.core.powered);
}

TEST_F(Psci, NarrowCallIgnoresUpperHalves) {
  EXPECT_EQ(call(0x8400'0003, 0xFFFF'FFFF'0000'0001, 0xFFFF'FFFF'4000'1000, 0xFFFF'FFFF'0000'0007), 0u);
  EXPECT_EQ(second.core.pc, 0x4000'1000u);
  EXPECT_EQ(second.core.x[0], 7u);
}

TEST_F(Psci, SystemOffAndReset) {
  call(0x8400'0008);
  EXPECT_TRUE(power.off);
  EXPECT_FALSE(power.reset);
  call(0x8400'0009);
  EXPECT_TRUE(power.reset);
}

TEST_F(Psci, SmcWithoutEl3ReachesTheFirmware) {
  first.system.firmware = [this](cpu::Cpu& core, PortConduit conduit) { return firmware.call(core, conduit); };
  first.core.x[0] = 0x8400'0000;
  first.execute(0xD400'0003);
  EXPECT_EQ(first.core.x[0], 0x1'0001u);
  EXPECT_EQ(first.core.pc, CpuRig::kMemoryBase + 4);
}

TEST_F(Psci, WithEl3TheCoreStartsInNonSecureEl2) {
  cpu::Config config;
  config.has_el3 = true;
  CpuRig rig(El::El3, config, test_model(), 0x1'0000);
  cpu::start_core(rig.core, Va{0x4000'2000}, 3);
  EXPECT_EQ(rig.core.pstate.el, El::El2);
  EXPECT_FALSE(rig.core.controls.secure);
  EXPECT_EQ(rig.ledger.context().el, El::El2);
}

TEST_F(Psci, ConduitNames) {
  EXPECT_EQ(cpu::psci_conduit("hvc"), Conduit::Hvc);
  EXPECT_EQ(cpu::psci_conduit("smc"), Conduit::Smc);
  EXPECT_EQ(cpu::psci_conduit("none"), Conduit::None);
  EXPECT_FALSE(cpu::psci_conduit("SMC"));
}

// ---- semihosting

struct Host final : cpu::SemihostingPort {
  std::string output, input;
  int status = -1;
  u64 time = 0;
  void console_write(std::string_view text) override { output += text; }
  int console_read() override {
    if (input.empty()) return -1;
    const int byte = static_cast<u8>(input.front());
    input.erase(0, 1);
    return byte;
  }
  void exit(int code) override { status = code; }
  u64 nanoseconds() override { return time; }
};

struct Semihosting : testing::Test {
  static constexpr u64 kBlock = 0x4000'4000, kBuffer = 0x4000'5000;
  CpuRig rig{El::El1, {}, test_model(), 0x1'0000};
  Host host;
  std::filesystem::path folder;
  std::unique_ptr<cpu::Semihosting> service;

  void SetUp() override {
    char name[] = "/tmp/tw-semihosting-XXXXXX";
    folder = mkdtemp(name);
    std::ofstream(folder / "hello.txt") << "hello, world";
    std::filesystem::create_symlink("/etc/passwd", folder / "link");
    service =
        std::make_unique<cpu::Semihosting>(cpu::SemihostingConfig{.folder = folder, .command_line = "prog -x"}, host);
    rig.system.semihosting = [this](cpu::Cpu& core) {
      service->call(core);
      return true;
    };
    // An unmapped page, for the pointers that must not be followed.
    rig.mmu.fault = [](const vmsa::Access& a) {
      return a.va.value < 0x4000'0000 ? vmsa::Fault{.type = vmsa::FaultType::Translation, .va = a.va} : vmsa::Fault{};
    };
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  u64 call(u32 operation, u64 parameter) {
    rig.core.x[0] = operation;
    rig.core.x[1] = parameter;
    rig.execute(0xD45E'0000);
    EXPECT_EQ(rig.core.pc, CpuRig::kMemoryBase + 4);
    return rig.core.x[0];
  }
  u64 call(u32 operation, std::initializer_list<u64> words) {
    u64 at = kBlock;
    for (const u64 word : words) {
      rig.poke<u64>(at, word);
      at += 8;
    }
    return call(operation, kBlock);
  }
  void put(u64 at, std::string_view text) {
    for (const char c : text) rig.poke<u8>(at++, static_cast<u8>(c));
    rig.poke<u8>(at, 0);
  }
  u64 open(std::string_view name, u64 mode = 0) {
    put(kBuffer, name);
    return call(0x01, {kBuffer, mode, name.size()});
  }
};

// The host looks over the guest's shoulder: the modelled MMU does not notice.
TEST_F(Semihosting, PointersAreFollowedWithoutTime) {
  rig.core.set_fidelity(cpu::Fidelity::Timed);
  put(kBuffer, "abc");
  call(0x10, 0);  // the page of the instruction is at hand from now on
  const u64 translations = rig.mmu.translations, elapsed = rig.ledger.elapsed();
  call(0x04, kBuffer);
  EXPECT_EQ(host.output, "abc");
  EXPECT_EQ(rig.mmu.translations, translations);
  EXPECT_EQ(rig.ledger.elapsed(), elapsed);
}

TEST_F(Semihosting, Console) {
  put(kBuffer, "abc");
  call(0x04, kBuffer);
  call(0x03, kBuffer);
  const u64 out = open(":tt", 4);
  EXPECT_EQ(call(0x05, {out, kBuffer, 3}), 0u);
  EXPECT_EQ(host.output, "abca:tt");
  EXPECT_EQ(call(0x09, {out}), 1u);
  host.input = "xyz\nrest";
  EXPECT_EQ(call(0x07, 0), static_cast<u64>('x'));
  EXPECT_EQ(call(0x06, {open(":tt"), kBuffer, 10}), 7u) << "up to the end of the line";
}

TEST_F(Semihosting, FilesAreReadOnlyBelowTheFolder) {
  const u64 file = open("hello.txt");
  ASSERT_NE(file, ~u64{0});
  EXPECT_EQ(call(0x0C, {file}), 12u);
  EXPECT_EQ(call(0x0A, {file, 7}), 0u);
  EXPECT_EQ(call(0x06, {file, kBuffer, 10}), 5u);
  EXPECT_EQ(rig.peek<u8>(kBuffer), 'w');
  EXPECT_EQ(call(0x06, {file, kBuffer, 10}), 10u) << "end of file";
  EXPECT_EQ(call(0x05, {file, kBuffer, 1}), ~u64{0});
  EXPECT_EQ(call(0x02, {file}), 0u);
  EXPECT_EQ(call(0x02, {file}), ~u64{0});
  for (const char* name : {"../../etc/passwd", "/etc/passwd", "link", "missing", "."}) {
    EXPECT_EQ(open(name), ~u64{0}) << name;
  }
  EXPECT_EQ(open("hello.txt", 4), ~u64{0}) << "mode w";
  EXPECT_NE(call(0x13, u64{0}), 0u);
}

TEST_F(Semihosting, BadPointersAreErrorsNotCrashes) {
  for (const u32 operation : {1u, 2u, 3u, 4u, 5u, 6u, 9u, 0xAu, 0xCu, 0x15u, 0x16u, 0x18u, 0x20u, 0x30u}) {
    EXPECT_EQ(call(operation, 0x1000), ~u64{0}) << operation;
  }
  EXPECT_EQ(call(0x01, {0x1000, 0, 4}), ~u64{0});
  EXPECT_EQ(call(0x01, {kBuffer, 0, ~u64{0}}), ~u64{0});
  const u64 out = open(":tt", 4);
  EXPECT_EQ(call(0x05, {out, 0x4000'F000, ~u64{0}}), ~u64{0}) << "runs out of memory";
  EXPECT_EQ(call(0x77, 0), ~u64{0});
  EXPECT_EQ(host.status, -1);
}

TEST_F(Semihosting, ExitStatus) {
  call(0x18, {0x20026, 7});
  EXPECT_EQ(host.status, 7);
  call(0x20, {0x20026, 0});
  EXPECT_EQ(host.status, 0);
  call(0x18, {0x20023, 0});
  EXPECT_EQ(host.status, 1) << "not the application's exit";
}

TEST_F(Semihosting, ClockAndCommandLine) {
  host.time = 3'210'000'000;
  EXPECT_EQ(call(0x10, u64{0}), 321u);
  EXPECT_EQ(call(0x11, u64{0}), 3u);
  EXPECT_EQ(call(0x31, u64{0}), 1'000'000'000u);
  EXPECT_EQ(call(0x30, kBuffer), 0u);
  EXPECT_EQ(rig.peek<u64>(kBuffer), 3'210'000'000u);
  EXPECT_EQ(call(0x15, {kBuffer, 100}), 0u);
  EXPECT_EQ(rig.peek<u64>(kBlock + 8), 7u);
  EXPECT_EQ(rig.peek<u8>(kBuffer + 5), '-');
  EXPECT_EQ(call(0x15, {kBuffer, 3}), ~u64{0});
}

}  // namespace
}  // namespace tw::test
