// The PCI host bridge and its functions against PCI Local Bus 3.0 and PCI Express Base.
#include "devices/pci/host_bridge.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

namespace tw::devices::pci {
namespace {

struct Bus final : DmaPort {
  bool works = true;
  std::vector<std::pair<u64, u32>> messages;
  bool read(Iova, std::span<u8> into) override {
    for (u8& byte : into) byte = 0x5A;
    return works;
  }
  bool write(Iova address, std::span<const u8> from) override {
    u32 value = 0;
    for (std::size_t n = 0; n < from.size() && n < 4; ++n) value |= u32{from[n]} << (8 * n);
    if (works) messages.emplace_back(address.value, value);
    return works;
  }
};

constexpr BarRow kTestBars[] = {{0, BarKind::Io, 32}, {2, BarKind::Prefetchable64, 0x4000}, {4, BarKind::Memory32, 16}};
constexpr u16 kVectors = 3;
constexpr FunctionSpec kTestSpec{.identity = {.vendor = 0x1AF4,
                                              .device = 0x1042,
                                              .subsystem_vendor = 0x1AF4,
                                              .subsystem = 0x1100,
                                              .class_code = 0x018000,
                                              .revision = 1,
                                              .interrupt_pin = 1},
                                 .bars = kTestBars,
                                 .msix_bar = 1,
                                 .msix_vectors = kVectors};

/// A device of registers that remember.
struct Device final : Function {
  explicit Device(BusMaster& bus) : Function(kTestSpec, bus) {}
  std::map<std::pair<unsigned, u64>, u64> registers;
  MmioResult access_device(unsigned bar, const MmioAccess& access) override {
    u64& value = registers[{bar, access.offset}];
    if (access.write) value = access.value;
    return {.value = value, .ok = true};
  }
  using Function::notify;
  using Function::set_interrupt;
};

enum Header : u64 { kCommandAt = 0x04, kStatusAt = 0x06, kBarAt = 0x10 };

struct PciTest : testing::Test {
  Bus bus;
  std::array<bool, 4> wires{};
  HostBridge bridge{[this](unsigned wire, bool level) { wires.at(wire) = level; }};
  BusMaster master{bus}, other_master{bus};
  Device device{master}, other{other_master};
  MmioTarget& memory = bridge.add_window(false, 0x1000'0000);
  MmioTarget& high = bridge.add_window(false, 0x80'0000'0000);
  MmioTarget& io = bridge.add_window(true, 0);
  void SetUp() override {
    bridge.attach(1, device);
    bridge.attach(5, other);
  }

  static u64 ecam(unsigned slot, u64 offset) { return u64{slot} << 15 | offset; }
  u64 config(unsigned slot, u64 offset, u8 size) {
    return bridge.ecam().access({.offset = ecam(slot, offset), .size = size}).value;
  }
  void set_config(unsigned slot, u64 offset, u8 size, u64 value) {
    bridge.ecam().access({.offset = ecam(slot, offset), .size = size, .write = true, .value = value});
  }
  static u64 read(MmioTarget& window, u64 offset, u8 size = 4) {
    return window.access({.offset = offset, .size = size}).value;
  }
  static void write(MmioTarget& window, u64 offset, u64 value, u8 size = 4) {
    window.access({.offset = offset, .size = size, .write = true, .value = value});
  }
  /// The capability's place, or 0.
  u64 capability(unsigned slot, u8 id) {
    for (u64 at = config(slot, 0x34, 1); at != 0; at = config(slot, at + 1, 1)) {
      if (config(slot, at, 1) == id) return at;
    }
    return 0;
  }
  /// MSI-X on, its table at the start of the low window, the device a master.
  void enable_msix() {
    set_config(1, kBarAt + 4, 4, 0x1000'0000);
    set_config(1, kCommandAt, 2, 0x6);
    set_config(1, capability(1, 0x11) + 2, 2, 0x8000);
  }
  void set_vector(unsigned n, u64 address, u32 data, u32 control) {
    write(memory, 16 * n, address & 0xFFFF'FFFF);
    write(memory, 16 * n + 4, address >> 32);
    write(memory, 16 * n + 8, data);
    write(memory, 16 * n + 12, control);
  }
};

TEST_F(PciTest, HeaderAndNobody) {
  EXPECT_EQ(config(0, 0, 4), 0x0008'1B36u) << "the bridge itself";
  EXPECT_EQ(config(0, 0x08, 4), 0x0600'0000u);
  EXPECT_EQ(config(1, 0, 4), 0x1042'1AF4u);
  EXPECT_EQ(config(1, 0x08, 4), 0x0180'0001u);
  EXPECT_EQ(config(1, 0x2C, 4), 0x1100'1AF4u);
  EXPECT_EQ(config(1, 0x3D, 1), 1u);
  EXPECT_EQ(config(1, 0x06, 2), 0x10u) << "has capabilities";
  EXPECT_EQ(config(1, 0x0E, 1), 0u);
  EXPECT_EQ(config(1, 0x100, 4), 0u) << "no extended capability";
  EXPECT_EQ(config(2, 0, 4), 0xFFFF'FFFFu);
  EXPECT_EQ(config(1, 0, 8), 0x0010'0000'1042'1AF4u) << "a doubleword is two words";
  EXPECT_EQ(bridge.ecam().access({.offset = ecam(1, 0) | 1 << 12, .size = 2}).value, 0xFFFFu) << "function 1";
  EXPECT_EQ(bridge.ecam().access({.offset = ecam(1, 0) | 1 << 20, .size = 4}).value, 0xFFFF'FFFFu) << "bus 1";
}

TEST_F(PciTest, ReadOnlyAndWriteOneToClear) {
  set_config(1, 0, 4, 0);
  EXPECT_EQ(config(1, 0, 4), 0x1042'1AF4u);
  set_config(1, kCommandAt, 4, 0xFFFF'FFFF);
  EXPECT_EQ(config(1, kCommandAt, 4), 0x0010'0547u);
  set_config(1, 0x3C, 4, 0xFFFF'FFFF);
  EXPECT_EQ(config(1, 0x3C, 4), 0x0000'01FFu) << "the line can be written, the pin not";
}

TEST_F(PciTest, BarsShowTheirSize) {
  const u64 expected[] = {0xFFFF'FFE1, 0xFFFF'F000, 0xFFFF'C00C, 0xFFFF'FFFF, 0xFFFF'FFF0, 0};
  for (unsigned n = 0; n < 6; ++n) {
    set_config(1, kBarAt + 4 * n, 4, 0xFFFF'FFFF);
    EXPECT_EQ(config(1, kBarAt + 4 * n, 4), expected[n]) << n;
  }
}

TEST_F(PciTest, DecodingFollowsCommandAndBars) {
  set_config(1, kBarAt, 4, 0x1000);
  set_config(1, kBarAt + 8, 4, 0x0000'4000);
  set_config(1, kBarAt + 12, 4, 0x80);
  set_config(1, kBarAt + 16, 4, 0x1000'0100);
  EXPECT_EQ(read(memory, 0x100), 0xFFFF'FFFFu) << "decoding is off after reset";
  set_config(1, kCommandAt, 2, 0x2);
  write(memory, 0x104, 42);
  EXPECT_EQ((device.registers[{4, 4}]), 42u);
  write(high, 0x4008, 43, 8);
  EXPECT_EQ((device.registers[{2, 8}]), 43u);
  EXPECT_EQ(read(io, 0x1000), 0xFFFF'FFFFu) << "I/O space has a bit of its own";
  set_config(1, kCommandAt, 2, 0x3);
  write(io, 0x1004, 44);
  EXPECT_EQ((device.registers[{0, 4}]), 44u);
  set_config(1, kBarAt + 16, 4, 0x1000'0200);
  EXPECT_EQ(read(memory, 0x104), 0xFFFF'FFFFu);
  EXPECT_EQ(read(memory, 0x204), 42u) << "moved";
  EXPECT_EQ(read(memory, 0x20C, 8), ~u64{0}) << "not wholly inside";
}

TEST_F(PciTest, TheLowerDeviceWinsAnOverlap) {
  for (const unsigned slot : {1u, 5u}) {
    set_config(slot, kBarAt + 16, 4, 0x1000'0100);
    set_config(slot, kCommandAt, 2, 0x2);
  }
  write(memory, 0x100, 7);
  EXPECT_EQ((device.registers[{4, 0}]), 7u);
  EXPECT_TRUE(other.registers.empty());
  set_config(1, kCommandAt, 2, 0);
  write(memory, 0x100, 8);
  EXPECT_EQ((other.registers[{4, 0}]), 8u);
}

TEST_F(PciTest, InterruptWiresAreSwizzledAndShared) {
  device.set_interrupt(true);
  EXPECT_EQ(wires, (std::array<bool, 4>{false, true, false, false})) << "INTA# of device 1";
  EXPECT_EQ(config(1, kStatusAt, 2), 0x18u);
  other.set_interrupt(true);  // device 5 is on the same wire
  device.set_interrupt(false);
  EXPECT_TRUE(wires[1]);
  set_config(5, kCommandAt, 2, 0x400);
  EXPECT_FALSE(wires[1]) << "interrupt disable";
  EXPECT_EQ(config(5, kStatusAt, 2), 0x18u) << "the condition still shows";
  set_config(5, kCommandAt, 2, 0);
  EXPECT_TRUE(wires[1]);
  bridge.reset();
  EXPECT_FALSE(wires[1]);
}

TEST_F(PciTest, MsixSendsItsMessage) {
  const u64 at = capability(1, 0x11);
  ASSERT_NE(at, 0u);
  EXPECT_EQ(config(1, at + 2, 2), kVectors - 1u);
  EXPECT_EQ(config(1, at + 4, 4), 1u) << "table at 0 of BAR 1";
  EXPECT_EQ(config(1, at + 8, 4), 0x801u);
  device.notify(0);
  EXPECT_TRUE(bus.messages.empty()) << "not enabled, and not remembered";
  enable_msix();
  EXPECT_EQ(read(memory, 0x0C), 1u) << "masked after reset";
  set_vector(0, 0x12'0802'0040, 77, 0);
  set_vector(2, 0x0802'0040, 79, 0);
  device.notify(2);
  device.notify(0);
  device.notify(3);
  const std::vector<std::pair<u64, u32>> expected = {{0x0802'0040, 79}, {0x12'0802'0040, 77}};
  EXPECT_EQ(bus.messages, expected);
  device.set_interrupt(true);
  EXPECT_FALSE(wires[1]) << "no INTx beside MSI-X";
}

TEST_F(PciTest, MaskedVectorsArePending) {
  enable_msix();
  set_vector(1, 0x0802'0040, 78, 1);
  device.notify(1);
  device.notify(1);
  EXPECT_TRUE(bus.messages.empty());
  EXPECT_EQ(read(memory, 0x800, 8), 2u);
  write(memory, 0x800, 0);
  EXPECT_EQ(read(memory, 0x800), 2u) << "read-only";
  write(memory, 16 + 12, 0);
  EXPECT_EQ(bus.messages.size(), 1u) << "once, when unmasked";
  EXPECT_EQ(read(memory, 0x800), 0u);
  set_config(1, capability(1, 0x11) + 2, 2, 0xC000);
  device.notify(1);
  EXPECT_EQ(bus.messages.size(), 1u) << "the function's mask";
  set_config(1, capability(1, 0x11) + 2, 2, 0x8000);
  EXPECT_EQ(bus.messages.size(), 2u);
}

TEST_F(PciTest, OnlyAMasterUsesTheBus) {
  enable_msix();
  set_vector(0, 0x0802'0040, 77, 0);
  set_config(1, kCommandAt, 2, 0x2);
  u8 byte = 0;
  EXPECT_FALSE(master.read(Iova{0}, {&byte, 1}));
  EXPECT_FALSE(master.write(Iova{0}, {&byte, 1}));
  device.notify(0);
  EXPECT_TRUE(bus.messages.empty());
  set_config(1, kCommandAt, 2, 0x6);
  EXPECT_EQ(bus.messages.size(), 1u);
  EXPECT_TRUE(master.read(Iova{0}, {&byte, 1}));
  EXPECT_EQ(byte, 0x5A);
}

TEST_F(PciTest, TablesThatCannotBeAreRefused) {
  ConfigSpace space;
  const ConfigRow row[] = {{"x", 0xFFE, 4}};
  EXPECT_THROW(space.add(row), std::logic_error);
  const ConfigRow twice[] = {{"x", 0x10, 4}, {"y", 0x12, 1}};
  EXPECT_THROW(space.add(twice), std::logic_error);
  EXPECT_THROW(bridge.attach(0, device), std::logic_error);
}

TEST_F(PciTest, GarbageNeverThrows) {
  std::mt19937_64 random(1);
  for (int n = 0; n < 200000; ++n) {
    const u8 size = static_cast<u8>(1u << random() % 4);
    MmioTarget* const targets[] = {&bridge.ecam(), &memory, &high, &io};
    MmioTarget& target = *targets[random() % 4];
    u64 offset = &target == &bridge.ecam() ? ecam(random() % 2 ? 1 : 5, random() % 0x60) : random() % 0x8000;
    offset &= ~u64{size - 1u};
    u64 value = random() % 2 ? random() : random() % 0x9000 | (random() % 2 ? 0x1000'0000 : 0);
    target.access(
        {.offset = offset, .size = size, .write = random() % 2 != 0, .value = value, .debug = random() % 16 == 0});
    device.notify(static_cast<u16>(random() % 5));
    other.set_interrupt(random() % 2 != 0);
    bus.works = random() % 8 != 0;
    bus.messages.clear();
  }
  EXPECT_EQ(config(1, 0, 4), 0x1042'1AF4u);
}

}  // namespace
}  // namespace tw::devices::pci
