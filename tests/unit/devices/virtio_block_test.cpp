// virtio-blk (virtio 1.2, section 5.2) through virtio-mmio, on a disk in memory.
#include "support/virtio_driver.hpp"

#include <numeric>

#include "devices/virtio/block.hpp"

namespace tw::test {
namespace {

class MemoryDisk final : public virtio::BlockPort {
 public:
  std::vector<u8> contents = std::vector<u8>(64 * 512);
  bool writable = true, works = true;
  unsigned flushes = 0;
  std::vector<std::pair<u64, u64>> discarded;

  u64 bytes() const override { return contents.size(); }
  bool read_only() const override { return !writable; }
  bool read(u64 offset, std::span<u8> into) override {
    if (works) std::copy_n(contents.begin() + static_cast<long>(offset), into.size(), into.begin());
    return works;
  }
  bool write(u64 offset, std::span<const u8> from) override {
    if (works) std::copy(from.begin(), from.end(), contents.begin() + static_cast<long>(offset));
    return works;
  }
  bool write_zeroes(u64 offset, u64 size) override {
    std::fill_n(contents.begin() + static_cast<long>(offset), size, u8{0});
    return works;
  }
  bool discard(u64 offset, u64 size) override {
    discarded.emplace_back(offset, size);
    return works;
  }
  bool flush() override {
    ++flushes;
    return works;
  }
};

constexpr u64 kHeader = kData, kStatus = kData + 0x40, kBuffer = kData + 0x1000;
enum Type : u32 { kIn = 0, kOut = 1, kFlush = 4, kGetId = 8, kDiscard = 11, kWriteZeroes = 13 };
enum : u8 { kOk = 0, kIoError = 1, kUnsupported = 2, kUntouched = 0xEE };

struct VirtioBlock : testing::Test, VirtioBench {
  MemoryDisk disk;

  VirtioBlock() { std::iota(disk.contents.begin(), disk.contents.end(), u8{1}); }
  void start(u64 features = virtio::feature::kVersion1) {
    carry(std::make_unique<virtio::Block>(disk, "disk-of-the-test", surroundings()));
    ASSERT_TRUE(bring_up(1, 16, features));
  }
  u8 request(u32 type, u64 sector, const std::vector<Piece>& data) {
    memory.set<u32>(kHeader, type);
    memory.set<u64>(kHeader + 8, sector);
    memory.set<u8>(kStatus, kUntouched);
    std::vector<Piece> pieces{{kHeader, 16}};
    pieces.insert(pieces.end(), data.begin(), data.end());
    pieces.push_back({kStatus, 1, true});
    queue().add(pieces);
    notify_and_run();
    return memory.get<u8>(kStatus);
  }
  u32 last_length() { return queue().used_length(static_cast<u16>(queue().used_index() - 1)); }
};

TEST_F(VirtioBlock, Configuration) {
  start();
  EXPECT_EQ(get(0x08), 2u);
  EXPECT_EQ(get(0x100), 64u);
  EXPECT_EQ(get(0x104), 0u);
  EXPECT_EQ(get(0x10C), 254u) << "seg_max";
  EXPECT_EQ(get(0x114), 512u) << "blk_size";
  EXPECT_EQ(get(0x124), 0x400000u) << "max_discard_sectors";
  EXPECT_EQ(get(0x134), 1u) << "max_write_zeroes_seg";
  put(0x14, 0);
  EXPECT_EQ(get(0x10) & 0xFFFFFF, (1u << 2 | 1u << 6 | 1u << 9 | 1u << 13 | 1u << 14));
}

TEST_F(VirtioBlock, ReadsAndWrites) {
  start();
  EXPECT_EQ(request(kIn, 3, {{kBuffer, 512, true}, {kBuffer + 0x400, 1024, true}}), kOk);
  EXPECT_EQ(last_length(), 1537u);
  EXPECT_EQ(memory.get<u8>(kBuffer), disk.contents[3 * 512]);
  EXPECT_EQ(memory.get<u8>(kBuffer + 0x400 + 1023), disk.contents[6 * 512 - 1]);
  std::memset(memory.at(kBuffer), 0xAB, 512);
  EXPECT_EQ(request(kOut, 63, {{kBuffer, 100}, {kBuffer + 100, 412}}), kOk);
  EXPECT_EQ(last_length(), 1u);
  EXPECT_EQ(disk.contents[63 * 512 - 1], u8(63 * 512));
  EXPECT_EQ(disk.contents[63 * 512], 0xAB);
  EXPECT_EQ(disk.contents[64 * 512 - 1], 0xAB);
}

/// Section 2.6.4: a device must not depend on how a request is cut.
TEST_F(VirtioBlock, TheCutDoesNotMatter) {
  start();
  memory.set<u32>(kHeader, kIn);
  memory.set<u64>(kHeader + 8, 1);
  queue().add({{kHeader, 7}, {kHeader + 7, 9}, {kBuffer, 513, true}});
  notify_and_run();
  EXPECT_EQ(memory.get<u8>(kBuffer + 511), disk.contents[1023]);
  EXPECT_EQ(memory.get<u8>(kBuffer + 512), kOk);
  EXPECT_EQ(last_length(), 513u);
}

TEST_F(VirtioBlock, LargeTransfersInPieces) {
  disk.contents.assign(1200 * 512, 7);
  start();
  EXPECT_EQ(request(kIn, 1, {{kData + 0x1'0000, 0x4'0000, true}, {kData, 0, true}}), kUntouched) << "no bytes: broken";
  start();
  EXPECT_EQ(request(kIn, 1, {{kData + 0x1'0000, 0x6'0000, true}}), kOk);
  EXPECT_EQ(memory.get<u8>(kData + 0x6'FFFF), 7);
}

TEST_F(VirtioBlock, IoErrors) {
  start();
  EXPECT_EQ(request(kIn, 64, {{kBuffer, 512, true}}), kIoError) << "beyond the end";
  EXPECT_EQ(request(kIn, 63, {{kBuffer, 1024, true}}), kIoError);
  EXPECT_EQ(request(kIn, ~u64{0}, {{kBuffer, 512, true}}), kIoError);
  EXPECT_EQ(request(kIn, u64{1} << 55, {{kBuffer, 512, true}}), kIoError) << "the byte offset would wrap around";
  EXPECT_EQ(request(kIn, 0, {{kBuffer, 100, true}}), kIoError) << "no whole sectors";
  EXPECT_EQ(request(kOut, 64, {{kBuffer, 512}}), kIoError);
  EXPECT_EQ(request(kOut, 0, {{kBuffer, 511}}), kIoError);
  EXPECT_EQ(request(kIn, 64, {}), kOk) << "nothing";
  disk.works = false;
  EXPECT_EQ(request(kIn, 0, {{kBuffer, 512, true}}), kIoError);
  EXPECT_EQ(last_length(), 1u);
  EXPECT_EQ(request(kOut, 0, {{kBuffer, 512}}), kIoError);
  EXPECT_EQ(request(kFlush, 0, {}), kIoError);
  EXPECT_EQ(request(99, 0, {}), kUnsupported);
  EXPECT_EQ(status(), 15u) << "an I/O error does not break the device";
}

TEST_F(VirtioBlock, ReadOnly) {
  disk.writable = false;
  start();
  put(0x14, 0);
  EXPECT_EQ(get(0x10) & 0xFFFFFF, (1u << 2 | 1u << 5 | 1u << 6 | 1u << 9));
  const std::vector<u8> before = disk.contents;
  EXPECT_EQ(request(kOut, 0, {{kBuffer, 512}}), kIoError);
  EXPECT_EQ(request(kDiscard, 0, {{kBuffer, 16}}), kIoError);
  EXPECT_EQ(request(kWriteZeroes, 0, {{kBuffer, 16}}), kIoError);
  EXPECT_EQ(request(kIn, 0, {{kBuffer, 512, true}}), kOk);
  EXPECT_EQ(disk.contents, before);
}

TEST_F(VirtioBlock, FlushAndId) {
  start();
  EXPECT_EQ(request(kFlush, 0, {}), kOk);
  EXPECT_EQ(disk.flushes, 1u);
  EXPECT_EQ(request(kGetId, 0, {{kBuffer, 20, true}}), kOk);
  EXPECT_STREQ(reinterpret_cast<char*>(memory.at(kBuffer)), "disk-of-the-test");
  EXPECT_EQ(last_length(), 21u);
}

TEST_F(VirtioBlock, DiscardAndWriteZeroes) {
  start();
  const auto segment = [&](u64 sector, u32 sectors, u32 flags) {
    memory.set<u64>(kBuffer, sector);
    memory.set<u32>(kBuffer + 8, sectors);
    memory.set<u32>(kBuffer + 12, flags);
    return std::vector<Piece>{{kBuffer, 16}};
  };
  EXPECT_EQ(request(kWriteZeroes, 0, segment(2, 3, 1)), kOk);
  EXPECT_EQ(disk.contents[2 * 512 - 1], u8(2 * 512));
  for (u64 at = 2 * 512; at < 5 * 512; ++at) ASSERT_EQ(disk.contents[at], 0u);
  EXPECT_EQ(disk.contents[5 * 512], u8(5 * 512 + 1));
  EXPECT_EQ(request(kDiscard, 0, segment(10, 4, 0)), kOk);
  EXPECT_EQ(disk.discarded, (std::vector<std::pair<u64, u64>>{{10 * 512, 4 * 512}}));
  EXPECT_EQ(request(kDiscard, 0, segment(10, 4, 1)), kUnsupported) << "unmap is write zeroes' alone";
  EXPECT_EQ(request(kWriteZeroes, 0, segment(10, 4, 2)), kUnsupported);
  EXPECT_EQ(request(kDiscard, 0, segment(62, 3, 0)), kIoError);
  EXPECT_EQ(request(kDiscard, 0, segment(~u64{0}, 2, 0)), kIoError);
  EXPECT_EQ(request(kDiscard, 0, segment(0, 0x400001, 0)), kIoError);
  EXPECT_EQ(request(kDiscard, 0, {{kBuffer, 15}}), kUnsupported);
  EXPECT_EQ(request(kDiscard, 0, {{kBuffer, 32}}), kUnsupported) << "max_discard_seg";
}

TEST_F(VirtioBlock, BadRequestsBreakTheDevice) {
  const std::vector<std::vector<Piece>> requests = {
      {{kHeader, 15}, {kStatus, 1, true}},                       // a short header
      {{kHeader, 16}},                                           // no status
      {{kStatus, 1, true}},                                      // no header
      {{0x1000, 16}, {kStatus, 1, true}},                        // a header that is not in memory
      {{kHeader, 16}, {0x1000, 1, true}},                        // a status that is not
      {{kHeader, 16}, {0x1000, 512, true}, {kStatus, 1, true}},  // data that are not
      {{kHeader, 16}, {kBuffer, 512, true}, {kHeader, 16}},      // out of order
  };
  for (const auto& pieces : requests) {
    start();
    memory.set<u32>(kHeader, kIn);
    memory.set<u64>(kHeader + 8, 0);
    queue().add(pieces);
    notify_and_run();
    EXPECT_EQ(queue().used_index(), 0u);
    expect_broken();
  }
  start();
  const std::vector<u8> before = disk.contents;
  EXPECT_EQ(request(kOut, 0, {{0x1000, 512}}), kUntouched);
  EXPECT_EQ(disk.contents, before);
  expect_broken();
}

}  // namespace
}  // namespace tw::test
