// The flash against the CFI publication and the Intel command set: what a driver such as U-Boot's does.
#include "devices/cfi_flash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tw::devices {
namespace {

struct Recorder final : FlashPort {
  void direct_reads(bool allowed) override { changes.push_back(allowed); }
  void content_changed(u64 offset, u64 bytes) override {
    low = std::min(low, offset);
    high = std::max(high, offset + bytes);
  }
  std::vector<bool> changes;
  u64 low = ~u64{0}, high = 0;
};

constexpr u64 kSize = 1 << 20;  // four sectors

struct CfiFlashTest : testing::Test {
  std::vector<u8> array = std::vector<u8>(kSize, 0);
  Recorder recorder;
  CfiFlash flash{array, recorder};

  u64 read(u64 offset, u8 size = 4) {
    const MmioResult result = flash.access({.offset = offset, .size = size});
    EXPECT_TRUE(result.ok);
    return result.value;
  }
  void write(u64 offset, u64 value, u8 size = 4) {
    EXPECT_TRUE(flash.access({.offset = offset, .size = size, .write = true, .value = value}).ok);
  }
  /// One command to both chips.
  void command(u64 offset, u32 code) { write(offset, code | code << 16); }
  /// A query byte, from both chips at once; they agree.
  u64 query(u64 word) {
    const u64 value = read(word * 4);
    EXPECT_EQ(value & 0xFFFF, value >> 16);
    return value & 0xFFFF;
  }
};

TEST_F(CfiFlashTest, StartsAsPlainMemory) {
  array[5] = 0xAB;
  EXPECT_EQ(read(4), 0xAB00u);
  EXPECT_EQ(read(5, 1), 0xABu);
  EXPECT_EQ(read(0, 8), 0xAB'0000'0000'00u);
  EXPECT_TRUE(flash.reads_are_direct());
  EXPECT_TRUE(recorder.changes.empty());
}

TEST_F(CfiFlashTest, QueryTable) {
  command(0x55 * 4, 0x98);
  EXPECT_FALSE(flash.reads_are_direct());
  EXPECT_EQ(query(0x10), u64{'Q'});
  EXPECT_EQ(query(0x11), u64{'R'});
  EXPECT_EQ(query(0x12), u64{'Y'});
  EXPECT_EQ(query(0x13) | query(0x14) << 8, 0x0001u) << "Intel/Sharp extended";
  const u64 primary = query(0x15) | query(0x16) << 8;
  EXPECT_EQ(query(primary), u64{'P'});
  EXPECT_EQ(query(primary + 1), u64{'R'});
  EXPECT_EQ(query(primary + 2), u64{'I'});
  EXPECT_EQ(query(0x17) | query(0x19), 0u) << "no alternate set";
  // Geometry: a driver multiplies a chip's numbers by the two chips.
  EXPECT_EQ((u64{1} << query(0x27)) * 2, kSize);
  EXPECT_EQ(query(0x28), 1u) << "x16";
  EXPECT_EQ(u64{1} << (query(0x2A) | query(0x2B) << 8), 2048u) << "write buffer of a chip";
  ASSERT_EQ(query(0x2C), 1u);
  const u64 blocks = (query(0x2D) | query(0x2E) << 8) + 1;
  const u64 block_bytes = (query(0x2F) | query(0x30) << 8) * 256;
  EXPECT_EQ(blocks, 4u);
  EXPECT_EQ(block_bytes * 2, u64{256} * 1024);
  command(0, 0xFF);
  EXPECT_EQ(read(0x10 * 4), 0u);
  EXPECT_EQ(recorder.changes, (std::vector<bool>{false, true}));
}

TEST_F(CfiFlashTest, GeometryOfTheVirtMachine) {
  std::vector<u8> big(u64{64} << 20);
  CfiFlash flash64(big, recorder);
  static_cast<void>(flash64.access({.offset = 0x154, .size = 4, .write = true, .value = 0x00980098}));
  const auto at = [&](u64 word) { return flash64.access({.offset = word * 4, .size = 2}).value; };
  EXPECT_EQ(at(0x27), 25u);
  EXPECT_EQ((at(0x2D) | at(0x2E) << 8) + 1, 256u);
}

TEST_F(CfiFlashTest, Identification) {
  command(0, 0x90);
  EXPECT_EQ(read(0), 0x00890089u);
  EXPECT_EQ(read(4), 0x00180018u);
  EXPECT_EQ(read(8), 0u) << "block not locked";
  command(0, 0xF0);
  EXPECT_TRUE(flash.reads_are_direct()) << "an unknown command leads back to the array";
}

TEST_F(CfiFlashTest, EraseOneSector) {
  std::ranges::fill(array, 0x5A);
  command(0x40000, 0x20);
  EXPECT_EQ(read(0x40000), 0x00800080u) << "status";
  command(0x40000, 0xD0);
  EXPECT_EQ(read(0x40000), 0x00800080u);
  command(0, 0xFF);
  for (u64 i = 0; i < kSize; ++i) ASSERT_EQ(array[i], i >= 0x40000 && i < 0x80000 ? 0xFF : 0x5A) << i;
  EXPECT_EQ(recorder.low, 0x40000u);
  EXPECT_EQ(recorder.high, 0x80000u);
}

TEST_F(CfiFlashTest, EraseWithoutConfirmationIsASequenceError) {
  array[0] = 0x5A;
  command(0, 0x20);
  command(0, 0xFF);
  EXPECT_EQ(read(0), 0x00B000B0u) << "ready, SR.5 and SR.4";
  EXPECT_EQ(array[0], 0x5A);
  command(0, 0x50);
  command(0, 0x70);
  EXPECT_EQ(read(0), 0x00800080u);
}

TEST_F(CfiFlashTest, ProtectedKeepsItsContents) {
  std::ranges::fill(array, 0x5A);
  flash.protect();
  command(0, 0x20);
  command(0, 0xD0);
  EXPECT_EQ(read(0), 0x00A800A8u) << "ready, SR.5 and SR.3";
  command(0, 0x50);
  command(0, 0x40);
  write(0, 0);
  EXPECT_EQ(read(0), 0x00980098u) << "ready, SR.4 and SR.3";
  command(0, 0x50);
  command(0, 0xE8);
  command(0, 0);
  write(0, 0);
  command(0, 0xD0);
  EXPECT_EQ(read(0), 0x00980098u) << "buffered";
  for (const u8 byte : array) ASSERT_EQ(byte, 0x5A);
}

TEST_F(CfiFlashTest, WordProgramClearsBitsOnly) {
  std::fill_n(array.begin(), 0x40000, u8{0xFF});
  for (const u32 setup : {0x40u, 0x10u}) {
    const u64 offset = setup * 4;
    command(offset, setup);
    write(offset, 0x1234'5678);
    EXPECT_EQ(read(offset), 0x00800080u);
    command(offset, 0xFF);
    EXPECT_EQ(read(offset), 0x1234'5678u);
    command(offset, setup);
    write(offset, 0xFFFF'0000);
    command(offset, 0xFF);
    EXPECT_EQ(read(offset), 0x1234'0000u);
  }
}

TEST_F(CfiFlashTest, ByteProgramLeavesItsNeighbours) {
  std::fill_n(array.begin(), 16, u8{0xFF});
  write(0, 0x40, 1);
  write(3, 0x77, 1);  // the other chip: a command that it does not know
  write(1, 0x21, 1);
  write(0, 0xFF, 1);
  EXPECT_EQ(read(0), 0xFFFF'21FFu);
}

TEST_F(CfiFlashTest, ChipsAreCommandedApart) {
  array[2] = 0x11;
  write(0, 0x70, 2);
  EXPECT_EQ(read(0), 0x0011'0080u) << "one chip shows status, the other its array";
  EXPECT_FALSE(flash.reads_are_direct());
}

TEST_F(CfiFlashTest, BufferedProgram) {
  std::fill_n(array.begin(), 0x40000, u8{0xFF});
  command(0x1000, 0xE8);
  EXPECT_EQ(read(0x1000), 0x00800080u) << "the buffer is available";
  command(0x1000, 4 - 1);
  for (u32 i = 0; i < 4; ++i) write(0x1000 + 4 * i, 0xA000'0000 + i);
  EXPECT_EQ(array[0x1000], 0xFF) << "nothing before the confirmation";
  command(0x1000, 0xD0);
  EXPECT_EQ(read(0x1000), 0x00800080u);
  command(0, 0xFF);
  for (u32 i = 0; i < 4; ++i) EXPECT_EQ(read(0x1000 + 4 * i), 0xA000'0000u + i);
  EXPECT_EQ(read(0x1010), 0xFFFF'FFFFu);
}

TEST_F(CfiFlashTest, BufferedProgramErrors) {
  std::fill_n(array.begin(), 0x80000, u8{0xFF});
  command(0, 0xE8);
  command(0, 1024);
  EXPECT_EQ(read(0), 0x00B000B0u) << "more than the buffer holds";
  command(0, 0x50);
  command(0, 0xE8);
  command(0, 0);
  write(0x40000, 0);
  EXPECT_EQ(read(0), 0x00B000B0u) << "another sector";
  command(0, 0x50);
  command(0, 0xE8);
  command(0, 0);
  write(0, 0);
  command(0, 0xFF);
  EXPECT_EQ(read(0), 0x00B000B0u) << "no confirmation";
  command(0, 0xFF);
  EXPECT_EQ(read(0), 0xFFFF'FFFFu);
  EXPECT_EQ(read(0x40000), 0xFFFF'FFFFu);
}

TEST_F(CfiFlashTest, UnlockIsAccepted) {
  command(0, 0x60);
  command(0, 0xD0);
  EXPECT_EQ(read(0), 0x00800080u);
}

TEST_F(CfiFlashTest, WritesInArrayModeDoNotReachTheArray) {
  write(0x100, 0x00AA00AA);
  EXPECT_EQ(array[0x100], 0);
}

TEST_F(CfiFlashTest, DebugLooksAtTheArrayAndMayLoadIt) {
  command(0, 0x98);
  EXPECT_EQ(flash.access({.offset = 0x40, .size = 4, .debug = true}).value, 0u);
  EXPECT_TRUE(flash.access({.offset = 0x40, .size = 4, .write = true, .value = 0xCAFE, .debug = true}).ok);
  EXPECT_EQ(array[0x40], 0xFE);
  EXPECT_EQ(query(0x10), u64{'Q'}) << "the mode is unchanged";
}

TEST_F(CfiFlashTest, ResetReturnsToTheArray) {
  command(0, 0x98);
  flash.reset();
  EXPECT_TRUE(flash.reads_are_direct());
  EXPECT_EQ(recorder.changes, (std::vector<bool>{false, true}));
}

TEST_F(CfiFlashTest, OutOfRangeIsASlaveError) {
  EXPECT_FALSE(flash.access({.offset = kSize, .size = 4}).ok);
  EXPECT_FALSE(flash.access({.offset = ~u64{0}, .size = 8}).ok);
}

TEST_F(CfiFlashTest, RandomAccessesNeverCrash) {
  std::mt19937_64 random(0xC0F1);
  const u32 codes[] = {0xFF, 0x90, 0x98, 0x70, 0x50, 0x40, 0x10, 0x20, 0xE8, 0x60, 0xD0, 0xB0, 0x01, 0x03};
  for (int i = 0; i < 300000; ++i) {
    const u8 size = static_cast<u8>(1u << (random() % 4));
    const u64 offset = (random() % 8 ? random() % kSize : random()) & ~u64{size - 1u};
    const u64 code = codes[random() % std::size(codes)];
    const u64 value = random() % 3 ? code * 0x0001'0001'0001'0001 : random();
    static_cast<void>(flash.access({.offset = offset, .size = size, .write = (random() & 1) != 0, .value = value}));
    ASSERT_EQ(flash.reads_are_direct(), recorder.changes.empty() || recorder.changes.back());
  }
}

}  // namespace
}  // namespace tw::devices
