#include "devices/virtio/network.hpp"

#include <algorithm>
#include <utility>

namespace tw::devices::virtio {

namespace {

/// Feature bits (5.1.3).
constexpr u64 kMac = 1u << 5, kMergeReceiveBuffers = 1u << 15, kStatus = 1u << 16;
/// Offsets in the configuration space (5.1.4).
constexpr std::size_t kMacAt = 0, kStatusAt = 6, kConfigBytes = 8;
constexpr u16 kLinkUp = 1;
enum Queue : unsigned { kReceive, kTransmit, kQueues };
constexpr u16 kQueueSize = 256;
/// struct virtio_net_hdr with num_buffers, which is always there in version 1 (5.1.6).
constexpr std::size_t kHeaderBytes = 12, kBuffersAt = 10;

}  // namespace

Network::Network(const MacAddress& mac, NetworkPort& line, const Surroundings& around)
    : Device(DeviceType::Network, kMac | kMergeReceiveBuffers | kStatus, std::vector(kQueues, Virtqueue(kQueueSize)),
             kConfigBytes, around),
      line_(line) {
  std::copy(mac.begin(), mac.end(), config().begin() + kMacAt);
  store_le<u16>(config().subspan(kStatusAt), kLinkUp);
}

void Network::set_link(bool up) {
  const u16 status = up ? kLinkUp : 0;
  if (load_le<u16>(config().subspan(kStatusAt)) == status) return;
  store_le<u16>(config().subspan(kStatusAt), status);
  changed_config();
}

void Network::receive(std::span<const u8> frame) {
  if (!can_receive()) return;
  received_.emplace_back(frame.begin(), frame.end());
  work_arrived();
}

/// Both directions in turn, when both have something to do.
std::optional<Work> Network::execute() {
  const bool first = std::exchange(transmit_first_, !transmit_first_);
  if (const std::optional<Work> work = first ? transmit() : deliver()) return work;
  return first ? deliver() : transmit();
}

std::optional<Work> Network::transmit() {
  const std::optional<Chain> chain = take(kTransmit);
  if (!chain) return std::nullopt;
  Cursor cursor(dma(), chain->readable);
  if (!cursor.skip(kHeaderBytes) || !chain->writable.empty()) {
    fail("a frame to send without a header, or with a writable buffer");
    return std::nullopt;
  }
  // A frame that is too long for the line is lost.
  const u64 size = cursor.left();
  if (size <= kMostFrameBytes) {
    std::vector<u8> frame(size);
    if (!cursor.read(frame)) {
      fail("a frame to send is not in memory");
      return std::nullopt;
    }
    line_.send(frame);
  }
  finish(*chain, 0);
  return Work{size};
}

/// Without VIRTIO_NET_F_MRG_RXBUF a frame has one chain; with it as many as it needs, given back together (5.1.6.4).
std::optional<Work> Network::deliver() {
  if (received_.empty()) return std::nullopt;
  const std::vector<u8>& frame = received_.front();
  const u64 size = kHeaderBytes + frame.size();
  std::vector<Chain> chains;
  u64 room = 0;
  while (room < size) {
    std::optional<Chain> chain = look(kReceive);
    if (!chain) {
      // Not enough buffers: they stay available, and the frame waits for the next notification.
      queue(kReceive).take_back(static_cast<u16>(chains.size()));
      return std::nullopt;
    }
    room += total(chain->writable);
    chains.push_back(std::move(*chain));
    if (!accepted(kMergeReceiveBuffers)) break;
  }
  if (room < size) {
    // The driver's only buffer is too small: the frame is lost, the buffer stays.
    queue(kReceive).take_back(1);
    received_.pop_front();
    work_arrived();
    return std::nullopt;
  }
  std::vector<u8> bytes(kHeaderBytes);
  store_le<u16>(std::span(bytes).subspan(kBuffersAt), static_cast<u16>(chains.size()));
  bytes.insert(bytes.end(), frame.begin(), frame.end());
  std::span<const u8> left(bytes);
  for (const Chain& chain : chains) {
    const u64 part = std::min<u64>(left.size(), total(chain.writable));
    if (part == 0 || !Cursor(dma(), chain.writable).write(left.first(part))) {
      fail("a buffer for a received frame is not in memory");
      return std::nullopt;
    }
    left = left.subspan(part);
    finish(chain, part);
  }
  received_.pop_front();
  return Work{size};
}

}  // namespace tw::devices::virtio
