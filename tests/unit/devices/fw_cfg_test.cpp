// fw_cfg against QEMU's docs/specs/fw_cfg.
#include "devices/fw_cfg.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace tw::devices {
namespace {

constexpr u64 kMemoryBytes = 0x4000;

struct Memory final : DmaPort {
  std::vector<u8> bytes = std::vector<u8>(kMemoryBytes, 0xEE);
  bool read(Iova address, std::span<u8> into) override {
    if (into.size() > bytes.size() || address.value > bytes.size() - into.size()) return false;
    std::copy_n(bytes.begin() + static_cast<long>(address.value), into.size(), into.begin());
    return true;
  }
  bool write(Iova address, std::span<const u8> from) override {
    if (from.size() > bytes.size() || address.value > bytes.size() - from.size()) return false;
    std::copy(from.begin(), from.end(), bytes.begin() + static_cast<long>(address.value));
    return true;
  }
};

struct FwCfgTest : testing::Test {
  Memory memory;
  FwCfg device{memory};

  void select(u16 key) {
    device.access({.offset = 8, .size = 2, .write = true, .value = static_cast<u16>(key >> 8 | key << 8)});
  }
  u64 data(u8 size) { return device.access({.offset = 0, .size = size}).value; }
  std::string text(unsigned length) {
    std::string result;
    for (unsigned n = 0; n < length; ++n) result += static_cast<char>(data(1));
    return result;
  }
  u32 word_at(u64 at) const {
    return static_cast<u32>(memory.bytes[at] << 24 | memory.bytes[at + 1] << 16 | memory.bytes[at + 2] << 8 |
                            memory.bytes[at + 3]);
  }
  /// Puts a descriptor at `at` and starts it with one write of 8 bytes.
  u32 dma(u32 control, u32 length, u64 address, u64 at = 0x100) {
    put(at, control, 4);
    put(at + 4, length, 4);
    put(at + 8, address, 8);
    device.access({.offset = 0x10, .size = 8, .write = true, .value = __builtin_bswap64(at)});
    return word_at(at);
  }
  void put(u64 at, u64 value, unsigned bytes) {
    for (unsigned n = 0; n < bytes; ++n) memory.bytes[at + n] = static_cast<u8>(value >> (8 * (bytes - 1 - n)));
  }
};

TEST_F(FwCfgTest, SignatureAndIdentity) {
  EXPECT_EQ(text(4), "QEMU") << "selected after reset";
  EXPECT_EQ(data(1), 0u) << "past the end";
  select(1);
  EXPECT_EQ(data(4), 3u) << "both interfaces";
  EXPECT_EQ(device.access({.offset = 0x10, .size = 8}).value, __builtin_bswap64(0x51454D5520434647));
  EXPECT_EQ(device.access({.offset = 0x14, .size = 4}).value, __builtin_bswap32(0x20434647));
}

TEST_F(FwCfgTest, WideReadsAreTheNextBytesInAddressOrder) {
  device.add(0x15, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  select(0x15);
  EXPECT_EQ(data(1), 0x01u);
  EXPECT_EQ(data(2), 0x0302u);
  EXPECT_EQ(data(4), 0x07060504u);
  EXPECT_EQ(data(8), 0x0F0E0D0C0B0A0908u);
  select(0x15);
  EXPECT_EQ(data(1), 1u) << "selecting goes back to the start";
  EXPECT_EQ(device.access({.offset = 0, .size = 1, .debug = true}).value, 2u);
  EXPECT_EQ(data(1), 2u) << "a debugger's look does not count";
}

TEST_F(FwCfgTest, UnknownKeysReadAsZero) {
  select(0x1234);
  EXPECT_EQ(data(8), 0u);
}

TEST_F(FwCfgTest, DirectoryNamesFiles) {
  device.add_file("etc/boot-fail-wait", {5, 0, 0, 0});
  device.add_file("bootorder", {'x'});
  select(0x19);
  EXPECT_EQ(__builtin_bswap32(static_cast<u32>(data(4))), 2u);
  EXPECT_EQ(__builtin_bswap32(static_cast<u32>(data(4))), 4u);
  const u16 key = __builtin_bswap16(static_cast<u16>(data(2)));
  EXPECT_EQ(data(2), 0u);
  EXPECT_EQ(text(56), std::string("etc/boot-fail-wait") + std::string(38, '\0'));
  EXPECT_EQ(__builtin_bswap32(static_cast<u32>(data(4))), 1u);
  EXPECT_EQ(__builtin_bswap16(static_cast<u16>(data(2))), key + 1);
  select(key);
  EXPECT_EQ(data(4), 5u);
  EXPECT_THROW(device.add_file("bootorder", {}), std::logic_error);
  EXPECT_THROW(device.add_file(std::string(56, 'x'), {}), std::logic_error);
}

TEST_F(FwCfgTest, DmaSelectsReadsAndSkips) {
  FwCfg::Bytes blob(10000);
  for (std::size_t n = 0; n < blob.size(); ++n) blob[n] = static_cast<u8>(n * 7);
  device.add(0x11, blob);
  EXPECT_EQ(dma(0x0011'000A, 6000, 0x1000), 0u);
  EXPECT_TRUE(std::equal(blob.begin(), blob.begin() + 6000, memory.bytes.begin() + 0x1000));
  EXPECT_EQ(memory.bytes[0x1000 + 6000], 0xEE);
  EXPECT_EQ(dma(0x4, 1000, 0), 0u);
  EXPECT_EQ(dma(0x2, 4, 0x200), 0u);
  EXPECT_EQ(memory.bytes[0x200], blob[7000]);
  EXPECT_EQ(dma(0x4, 0xFFFF'FFFF, 0), 0u);
  EXPECT_EQ(dma(0x2, 4, 0x200), 0u);
  EXPECT_EQ(word_at(0x200), 0u) << "past the end: zeros";
}

TEST_F(FwCfgTest, TwoHalvesOfTheAddressStartAtTheLowOne) {
  put(0x100, 0x0000'000A, 4);
  put(0x104, 4, 4);
  put(0x108, 0x300, 8);
  device.access({.offset = 0x10, .size = 4, .write = true, .value = 0});
  EXPECT_EQ(word_at(0x100), 0xAu);
  device.access({.offset = 0x14, .size = 4, .write = true, .value = __builtin_bswap32(0x100)});
  EXPECT_EQ(word_at(0x100), 0u);
  EXPECT_EQ(word_at(0x300), 0x51454D55u);
}

TEST_F(FwCfgTest, BadTransfersSaySo) {
  EXPECT_EQ(dma(0xA, 16, kMemoryBytes - 8), 1u) << "target is no memory";
  EXPECT_EQ(dma(0x18, 4, 0x200), 1u) << "nothing can be written";
  EXPECT_EQ(word_at(0x200), 0xEEEEEEEEu);
  const std::vector<u8> before = memory.bytes;
  device.access({.offset = 0x10, .size = 8, .write = true, .value = __builtin_bswap64(kMemoryBytes - 4)});
  EXPECT_EQ(memory.bytes, before) << "a descriptor that is no memory";
}

TEST_F(FwCfgTest, GarbageNeverThrows) {
  std::mt19937_64 random(1);
  for (int n = 0; n < 20000; ++n) {
    for (u64 at = 0x100; at < 0x110; ++at) memory.bytes[at] = static_cast<u8>(random());
    put(0x104, random() % 0x8000, 4);
    if (random() % 2) put(0x108, random() % 0x4000, 8);
    const u8 size = static_cast<u8>(1u << random() % 4);
    const bool start = random() % 4 == 0;
    device.access({.offset = start ? 0x10 : random() % 0x20,
                   .size = start ? u8{8} : size,
                   .write = random() % 2 != 0,
                   .value = start ? __builtin_bswap64(0x100) : random(),
                   .debug = random() % 8 == 0});
  }
}

}  // namespace
}  // namespace tw::devices
