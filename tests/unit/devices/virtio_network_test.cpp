// virtio-net (virtio 1.2, section 5.1) and virtio-console (5.3) through virtio-mmio.
#include "support/virtio_driver.hpp"

#include "devices/virtio/console.hpp"
#include "devices/virtio/network.hpp"

namespace tw::test {
namespace {

constexpr u64 kMergeable = 1 << 15;
constexpr unsigned kReceive = 0, kTransmit = 1;

struct VirtioNetwork : testing::Test, VirtioBench, virtio::NetworkPort {
  std::vector<std::vector<u8>> sent;
  bool echo = false;

  void send(std::span<const u8> frame) override {
    sent.emplace_back(frame.begin(), frame.end());
    if (echo) network().receive(frame);
  }
  virtio::Network& network() { return static_cast<virtio::Network&>(*device); }
  void start(u64 features = 0) {
    carry(
        std::make_unique<virtio::Network>(virtio::MacAddress{0x52, 0x54, 0, 0x12, 0x34, 0x56}, *this, surroundings()));
    ASSERT_TRUE(bring_up(2, 16, virtio::feature::kVersion1 | features));
  }
  static std::vector<u8> frame(std::size_t size, u8 first = 1) {
    std::vector<u8> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<u8>(first + i);
    return bytes;
  }
  std::vector<u8> bytes_at(u64 address, std::size_t size) { return {memory.at(address), memory.at(address) + size}; }
};

TEST_F(VirtioNetwork, Configuration) {
  start();
  EXPECT_EQ(get(0x08), 1u);
  EXPECT_EQ(get(0x100), 0x12005452u);
  EXPECT_EQ(get(0x104, 2), 0x5634u);
  EXPECT_EQ(get(0x106, 2), 1u);
  put(0x14, 0);
  EXPECT_EQ(get(0x10) & 0xFFFFFF, (1u << 5 | 1u << 15 | 1u << 16));
  network().set_link(false);
  EXPECT_EQ(get(0x106, 2), 0u);
  EXPECT_EQ(get(0x60), 2u);
}

TEST_F(VirtioNetwork, Transmits) {
  start();
  const std::vector<u8> bytes = frame(100);
  std::memcpy(memory.at(kData + 0x100), bytes.data(), bytes.size());
  queue(kTransmit).add({{kData, 12}, {kData + 0x100, 60}, {kData + 0x100 + 60, 40}});
  EXPECT_EQ(notify_and_run(kTransmit), 1u);
  EXPECT_EQ(sent, std::vector<std::vector<u8>>({bytes}));
  EXPECT_EQ(queue(kTransmit).used_length(0), 0u);
  queue(kTransmit).add({{kData, 12 + 1519}});
  EXPECT_EQ(notify_and_run(kTransmit), 1u);
  EXPECT_EQ(sent.size(), 1u) << "too long for the line";
}

TEST_F(VirtioNetwork, ReceivesIntoOneBuffer) {
  start();
  queue(kReceive).add({{kData, 12, true}, {kData + 0x100, 1514, true}});
  notify_and_run(kReceive);
  network().receive(frame(64));
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(queue(kReceive).used_length(0), 76u);
  EXPECT_EQ(memory.get<u16>(kData + 10), 1u) << "num_buffers";
  EXPECT_EQ(bytes_at(kData + 0x100, 64), frame(64));
  EXPECT_TRUE(level);
}

TEST_F(VirtioNetwork, FramesWaitForBuffers) {
  start(virtio::feature::kEventIdx);
  network().receive(frame(64, 1));
  network().receive(frame(64, 2));
  EXPECT_EQ(run(), 0u);
  queue(kReceive).add({{kData, 200, true}});
  queue(kReceive).add({{kData + 0x100, 200, true}});
  EXPECT_EQ(queue(kReceive).available_event(), 0u) << "the driver is to say when there are buffers";
  EXPECT_EQ(notify_and_run(kReceive), 2u);
  EXPECT_EQ(bytes_at(kData + 12, 64), frame(64, 1));
  EXPECT_EQ(bytes_at(kData + 0x100 + 12, 64), frame(64, 2));
}

TEST_F(VirtioNetwork, MergesBuffers) {
  start(kMergeable);
  network().receive(frame(100));
  queue(kReceive).add({{kData, 50, true}});
  queue(kReceive).add({{kData + 0x100, 50, true}});
  EXPECT_EQ(notify_and_run(kReceive), 0u) << "112 bytes do not fit";
  EXPECT_EQ(queue(kReceive).used_index(), 0u);
  queue(kReceive).add({{kData + 0x200, 50, true}});
  EXPECT_EQ(notify_and_run(kReceive), 1u);
  EXPECT_EQ(queue(kReceive).used_index(), 3u);
  EXPECT_EQ(memory.get<u16>(kData + 10), 3u);
  EXPECT_EQ(queue(kReceive).used_length(2), 12u);
  std::vector<u8> got = bytes_at(kData + 12, 38);
  for (const auto& part : {bytes_at(kData + 0x100, 50), bytes_at(kData + 0x200, 12)}) {
    got.insert(got.end(), part.begin(), part.end());
  }
  EXPECT_EQ(got, frame(100));
}

TEST_F(VirtioNetwork, AFrameThatDoesNotFitIsLost) {
  start();
  queue(kReceive).add({{kData, 50, true}});
  notify_and_run(kReceive);
  network().receive(frame(100, 1));
  network().receive(frame(20, 2));
  EXPECT_EQ(run(), 1u);
  EXPECT_EQ(bytes_at(kData + 12, 20), frame(20, 2));
}

TEST_F(VirtioNetwork, ARelentlessLineLosesFrames) {
  start();
  for (unsigned n = 0; n < 10'000; ++n) network().receive(frame(1500));
  EXPECT_FALSE(network().can_receive());
  put(0x70, 0);
  EXPECT_FALSE(network().can_receive()) << "no driver";
  ASSERT_TRUE(bring_up(2, 16));
  EXPECT_TRUE(network().can_receive());
}

TEST_F(VirtioNetwork, AnAnswerFromInsideSend) {
  start();
  echo = true;
  queue(kReceive).add({{kData + 0x1000, 200, true}});
  queue(kTransmit).add({{kData, 72}});
  EXPECT_EQ(notify_and_run(kTransmit), 2u);
  EXPECT_EQ(queue(kReceive).used_index(), 1u);
}

TEST_F(VirtioNetwork, BadBuffersBreakTheDevice) {
  const std::vector<std::vector<Piece>> transmitted = {
      {{kData, 11}}, {{kData, 12}, {kData, 4, true}}, {{0x1000, 100}}, {{kData, 100, true}}};
  for (const auto& pieces : transmitted) {
    start();
    queue(kTransmit).add(pieces);
    notify_and_run(kTransmit);
    EXPECT_EQ(queue(kTransmit).used_index(), 0u);
    expect_broken();
  }
  const std::vector<std::vector<Piece>> received = {{{0x1000, 200, true}}, {{kData, 20}}};
  for (const auto& pieces : received) {
    start(kMergeable);
    queue(kReceive).add(pieces);
    queue(kReceive).add({{kData + 0x1000, 200, true}});
    notify_and_run(kReceive);
    network().receive(frame(64));
    run();
    EXPECT_EQ(queue(kReceive).used_index(), 0u);
    expect_broken();
  }
}

struct VirtioConsole : testing::Test, VirtioBench, CharacterPort {
  std::string printed;

  VirtioConsole() {
    carry(std::make_unique<virtio::Console>(*this, surroundings()));
    EXPECT_TRUE(bring_up(2, 16));
  }
  void put(u8 character) override { printed += static_cast<char>(character); }
  using VirtioBench::put;
  virtio::Console& console() { return static_cast<virtio::Console&>(*device); }
};

TEST_F(VirtioConsole, Prints) {
  EXPECT_EQ(get(0x08), 3u);
  std::memcpy(memory.at(kData), "hello, ", 7);
  std::memcpy(memory.at(kData + 0x100), "world", 5);
  queue(kTransmit).add({{kData, 7}, {kData + 0x100, 5}});
  EXPECT_EQ(notify_and_run(kTransmit), 1u);
  EXPECT_EQ(printed, "hello, world");
}

TEST_F(VirtioConsole, Receives) {
  for (const char c : std::string("typed")) console().receive(static_cast<u8>(c));
  EXPECT_EQ(run(), 0u);
  queue(kReceive).add({{kData, 3, true}});
  queue(kReceive).add({{kData + 0x100, 64, true}});
  EXPECT_EQ(notify_and_run(kReceive), 2u);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(memory.at(kData)), 3), "typ");
  EXPECT_EQ(queue(kReceive).used_length(1), 2u);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(memory.at(kData + 0x100)), 2), "ed");
  for (unsigned n = 0; n < 1000; ++n) console().receive('x');
  EXPECT_FALSE(console().can_receive());
}

TEST_F(VirtioConsole, BadBuffersBreakTheDevice) {
  queue(kTransmit).add({{0x1000, 7}});
  notify_and_run(kTransmit);
  expect_broken();
  ASSERT_TRUE(bring_up(2, 16));
  console().receive('x');
  queue(kReceive).add({{kData, 7}});
  notify_and_run(kReceive);
  expect_broken();
}

}  // namespace
}  // namespace tw::test
