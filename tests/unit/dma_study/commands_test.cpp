// Commands as IHI 0070, 4 has them, by hand.
#include "platforms/dma_study/commands.hpp"

#include <gtest/gtest.h>

namespace tw::study {
namespace {

TEST(Commands, Fields) {
  EXPECT_EQ(cfgi_all(), (Command{0x04, 31}));
  EXPECT_EQ(tlbi_nsnh_all(), (Command{0x30, 0}));
  EXPECT_EQ(tlbi_nh_asid(Asid{0x1234}), (Command{0x1234'0000'0000'0011, 0}));
  EXPECT_EQ(tlbi_nh_va(Asid{7}, 0x1234'5678), (Command{0x0007'0000'0000'0012, 0x1234'5001}));
  EXPECT_EQ(resume_retry(StreamId{0x1234}, 0x56), (Command{0x1234'0000'1044, 0x56}));
  EXPECT_EQ(resume_abort(StreamId{0x1234}, 0x56), (Command{0x1234'0000'2044, 0x56}));
  EXPECT_EQ(sync(), (Command{0x46, 0}));
  EXPECT_EQ(sync_with_message(Pa{0x4000'0010}), (Command{0x0FC0'1046, 0x4000'0010}));
}

/// What a range command covers (4.4.1.1).
u64 pages_of(const Command& command) { return (((command[0] >> 12) & 31) + 1) << ((command[0] >> 20) & 31); }

TEST(Commands, RangesCoverAllPagesOnceAndWithFewCommands) {
  for (const u64 pages : {1, 2, 31, 32, 33, 511, 512, 513, 12345}) {
    const auto commands = tlbi_nh_va_range(Asid{1}, 0x10'0000, pages, 4096);
    u64 address = 0x10'0000;
    for (const Command& command : commands) {
      EXPECT_EQ((command[1] >> 10) & 3, 1u) << "TG: 4K";
      EXPECT_EQ(command[1] & ~u64{0xFFF}, address);
      address += pages_of(command) * 4096;
    }
    EXPECT_EQ(address, 0x10'0000 + pages * 4096);
    EXPECT_LE(commands.size(), 3u) << pages;
  }
  EXPECT_EQ(tlbi_nh_va_range(Asid{1}, 0, 512, 4096).size(), 1u);
  EXPECT_EQ((tlbi_nh_va_range(Asid{1}, 0, 1, 65536)[0][1] >> 10) & 3, 3u) << "TG: 64K";
  EXPECT_EQ((tlbi_nh_va_range(Asid{1}, 0, 1, 16384)[0][1] >> 10) & 3, 2u) << "TG: 16K";
}

}  // namespace
}  // namespace tw::study
