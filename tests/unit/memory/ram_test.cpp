#include "memory/ram.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "memory/config.hpp"

namespace tw::memory {
namespace {

TEST(Ram, IsZeroAndKeepsWhatIsWritten) {
  Ram ram(1 << 20);
  u64 value = 1;
  ASSERT_TRUE(ram.read(0x1000, 8, value));
  EXPECT_EQ(value, 0u);
  ASSERT_TRUE(ram.write(0x1001, 4, 0xFFFF'FFFF'1234'5678));
  ASSERT_TRUE(ram.read(0x1000, 8, value));
  EXPECT_EQ(value, 0x0000'0012'3456'7800u) << "little-endian, and only four bytes";
  EXPECT_EQ(*ram.host(0x1001, 1), 0x78);
  ram.clear();
  ASSERT_TRUE(ram.read(0x1000, 8, value));
  EXPECT_EQ(value, 0u);
}

TEST(Ram, BoundsAreExact) {
  Ram ram(4096);
  u64 value = 0;
  EXPECT_TRUE(ram.read(4088, 8, value));
  EXPECT_FALSE(ram.read(4089, 8, value));
  EXPECT_FALSE(ram.write(4096, 1, 0));
  EXPECT_FALSE(ram.write(~u64{0}, 2, 0)) << "offset + size wraps";
  EXPECT_FALSE(ram.write(~u64{0} - 7, 8, 0));
  EXPECT_FALSE(ram.read(0, 9, value)) << "wider than a number";
  EXPECT_EQ(ram.host(0, 4096), ram.bytes().data());
  EXPECT_EQ(ram.host(1, 4096), nullptr);
  EXPECT_EQ(ram.host(0, ~u64{0}), nullptr);
  EXPECT_NE(ram.host(4096, 0), nullptr) << "no bytes are inside everywhere up to the end";
}

TEST(Ram, ImagesFitWhollyOrNotAtAll) {
  Ram ram(4096);
  const std::vector<u8> image(100, 0xA5);
  ram.load(4096 - 100, image, "kernel.bin");
  EXPECT_EQ(ram.bytes()[4095], 0xA5);
  ram.clear();
  try {
    ram.load(4096 - 99, image, "kernel.bin");
    FAIL() << "an image beyond the end was accepted";
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("kernel.bin"), std::string::npos);
  }
  EXPECT_EQ(ram.bytes()[4095], 0) << "nothing half-written";
}

TEST(Ram, ZeroBytesIsAnErrorOfTheUser) { EXPECT_THROW(Ram(0), UserError); }

TEST(Ram, UntouchedPagesAreNotResident) {
  const u64 page = static_cast<u64>(::sysconf(_SC_PAGESIZE));
  Ram ram(u64{64} << 20);
  ASSERT_TRUE(ram.write(u64{32} << 20, 1, 1));
  std::vector<unsigned char> resident((u64{64} << 20) / page);
  ASSERT_EQ(::mincore(ram.bytes().data(), ram.size(), resident.data()), 0);
  // Huge pages may bring in up to 2 MB around the byte.
  const auto pages = std::ranges::count_if(resident, [](unsigned char state) { return state & 1; });
  EXPECT_GE(pages, 1);
  EXPECT_LE(static_cast<u64>(pages) * page, u64{2} << 20);
}

TEST(Ram, RandomAccessesAgreeWithAVector) {
  Ram ram(1 << 16);
  std::vector<u8> model(1 << 16);
  std::mt19937_64 random(20261121);
  for (int i = 0; i < 100000; ++i) {
    const unsigned bytes = 1 + random() % 8;
    const u64 offset = random() % ((1 << 16) + 16);
    const bool inside = offset + bytes <= model.size();
    const u64 value = random();
    if (random() & 1) {
      ASSERT_EQ(ram.write(offset, bytes, value), inside);
      for (unsigned k = 0; inside && k < bytes; ++k) model[offset + k] = static_cast<u8>(value >> (8 * k));
    } else {
      u64 expected = 0, got = 0;
      for (unsigned k = 0; inside && k < bytes; ++k) expected |= u64{model[offset + k]} << (8 * k);
      ASSERT_EQ(ram.read(offset, bytes, got), inside);
      ASSERT_EQ(got, expected);
    }
  }
}

TEST(MemoryConfig, DefaultsAreInRange) {
  const Config config;
  for (const auto& row : kParameters) {
    EXPECT_FALSE(row.source.empty()) << row.key;
    const auto* const number = std::get_if<u64 Config::*>(&row.member);
    if (number == nullptr) continue;
    EXPECT_GE(config.**number, row.min) << row.key;
    EXPECT_LE(config.**number, row.max) << row.key;
  }
}

}  // namespace
}  // namespace tw::memory
