// Raw files as disks: what is refused, what stays in memory, what reaches the file, what a shrinking file gives.
#include "platforms/storage/disk_image.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"

namespace tw::storage {
namespace {

using Bytes = std::vector<u8>;

struct DiskImageTest : testing::Test {
  std::filesystem::path folder;
  std::vector<std::string> warnings;

  DiskImageTest() {
    std::string pattern = testing::TempDir() + "disk-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~DiskImageTest() override { std::filesystem::remove_all(folder); }
  std::string path() const { return folder / "disk"; }
  void make(const Bytes& contents) {
    std::ofstream(path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(contents.data()), static_cast<long>(contents.size()));
  }
  Bytes contents() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  DiskImage open(Access access) {
    return {path(), access, [this](std::string_view text) { warnings.emplace_back(text); }};
  }
  std::string refusal(const std::string& file, Access access) {
    try {
      const DiskImage image(file, access, {});
    } catch (const UserError& error) {
      return error.what();
    }
    return "";
  }
  static Bytes random(std::size_t size, unsigned seed) {
    std::mt19937 generator(seed);
    Bytes bytes(size);
    for (u8& byte : bytes) byte = static_cast<u8>(generator());
    return bytes;
  }
};

TEST_F(DiskImageTest, WhatCannotBeADisk) {
  EXPECT_NE(refusal(path(), Access::Snapshot).find("No such file"), std::string::npos);
  EXPECT_NE(refusal(folder, Access::Snapshot).find("is a directory"), std::string::npos);
  EXPECT_NE(refusal(folder, Access::WriteThrough).find("is a directory"), std::string::npos);
  EXPECT_NE(refusal("/dev/null", Access::ReadOnly).find("neither a file nor a disk"), std::string::npos);
  make({});
  EXPECT_NE(refusal(path(), Access::Snapshot).find("is empty"), std::string::npos);
  make(Bytes(1000));
  EXPECT_NE(refusal(path(), Access::Snapshot).find("1000 bytes, no multiple of 512"), std::string::npos);
  mkfifo((folder / "pipe").c_str(), 0600);
  EXPECT_NE(refusal(folder / "pipe", Access::Snapshot).find("neither a file nor a disk"), std::string::npos);
}

TEST_F(DiskImageTest, AWrittenFileBelongsToOneRun) {
  make(Bytes(512));
  {
    DiskImage writer = open(Access::WriteThrough);
    EXPECT_NE(refusal(path(), Access::WriteThrough).find("in use"), std::string::npos);
    EXPECT_NE(refusal(path(), Access::Snapshot).find("being written"), std::string::npos);
  }
  DiskImage reader = open(Access::Snapshot);
  EXPECT_EQ(refusal(path(), Access::Snapshot), "");
  EXPECT_NE(refusal(path(), Access::WriteThrough).find("in use"), std::string::npos);
}

/// Random operations against an array; the file is as it was, or as the array is.
TEST_F(DiskImageTest, ReadsGiveWhatWasWritten) {
  for (const Access access : {Access::Snapshot, Access::WriteThrough}) {
    const Bytes before = random(512 * 99, 1);  // no multiple of a page
    make(before);
    Bytes expected = before;
    {
      DiskImage image = open(access);
      ASSERT_EQ(image.bytes(), before.size());
      std::mt19937 generator(2);
      for (unsigned n = 0; n < 2000; ++n) {
        const u64 sector = generator() % 99, sectors = 1 + generator() % std::min<u64>(40, 99 - sector);
        const u64 offset = sector * 512, bytes = sectors * 512;
        const auto at = expected.begin() + static_cast<long>(offset);
        switch (generator() % 4) {
          case 0: {
            const Bytes data = random(bytes, n);
            ASSERT_TRUE(image.write(offset, data));
            std::copy(data.begin(), data.end(), at);
            break;
          }
          case 1:
            if (n % 5 != 0) break;
            ASSERT_TRUE(image.write_zeroes(offset, bytes));
            std::fill_n(at, bytes, u8{0});
            break;
          default: {
            Bytes data(bytes);
            ASSERT_TRUE(image.read(offset, data));
            ASSERT_TRUE(std::equal(data.begin(), data.end(), at)) << n;
          }
        }
      }
      EXPECT_TRUE(image.flush());
      EXPECT_TRUE(image.write_zeroes(0, 0));
    }
    EXPECT_EQ(contents(), access == Access::Snapshot ? before : expected);
    EXPECT_EQ(contents().size(), before.size());
  }
  EXPECT_TRUE(warnings.empty());
}

TEST_F(DiskImageTest, ReadOnly) {
  make(Bytes(1024, 5));
  DiskImage image = open(Access::ReadOnly);
  EXPECT_TRUE(image.read_only());
  EXPECT_FALSE(image.write(0, Bytes(512)));
  EXPECT_FALSE(image.write_zeroes(0, 512));
  EXPECT_FALSE(image.discard(0, 512));
  EXPECT_EQ(contents(), Bytes(1024, 5));
}

TEST_F(DiskImageTest, DiscardIsAHint) {
  make(Bytes(4096 * 4, 5));
  {
    DiskImage image = open(Access::Snapshot);
    EXPECT_TRUE(image.discard(0, 4096 * 4));
  }
  EXPECT_EQ(contents(), Bytes(4096 * 4, 5));
  {
    DiskImage image = open(Access::WriteThrough);
    EXPECT_TRUE(image.discard(4096, 4096));
  }
  EXPECT_EQ(contents().size(), 4096u * 4);
  EXPECT_EQ(contents().front(), 5);
}

TEST_F(DiskImageTest, AFileThatShrinksGivesErrorsAndOneWarning) {
  make(random(4096 * 4, 3));
  DiskImage image = open(Access::Snapshot);
  ASSERT_TRUE(image.write(4096, Bytes(512, 9)));
  std::filesystem::resize_file(path(), 4096);
  Bytes data(512);
  EXPECT_TRUE(image.read(0, data));
  EXPECT_FALSE(image.read(8192, data));
  EXPECT_TRUE(image.read(4096, data));
  EXPECT_EQ(data.front(), 9);
  EXPECT_FALSE(image.write(8192, Bytes(512))) << "the rest of its page cannot be read";
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("shorter"), std::string::npos);
}

}  // namespace
}  // namespace tw::storage
