#include "devices/virtio/console.hpp"

#include <algorithm>

namespace tw::devices::virtio {

namespace {

enum Queue : unsigned { kReceive, kTransmit, kQueues };
constexpr u16 kQueueSize = 128;
/// cols, rows, max_nr_ports, emerg_wr (5.3.4): no feature makes them valid.
constexpr std::size_t kConfigBytes = 12;
constexpr u64 kPieceBytes = 4096;

}  // namespace

Console::Console(CharacterPort& output, const Surroundings& around)
    : Device(DeviceType::Console, 0, std::vector(kQueues, Virtqueue(kQueueSize)), kConfigBytes, around),
      output_(output) {}

void Console::receive(u8 character) {
  if (!can_receive()) return;
  received_.push_back(character);
  work_arrived();
}

std::optional<Work> Console::execute() {
  if (const std::optional<Chain> chain = take(kTransmit)) return transmit(*chain);
  if (received_.empty()) return std::nullopt;
  const std::optional<Chain> chain = look(kReceive);
  if (!chain) return std::nullopt;
  const u64 size = std::min<u64>(received_.size(), total(chain->writable));
  const auto end = received_.begin() + static_cast<std::ptrdiff_t>(size);
  const std::vector<u8> bytes(received_.begin(), end);
  if (size == 0 || !Cursor(dma(), chain->writable).write(bytes)) {
    fail("a buffer for what the console receives is not in memory");
    return std::nullopt;
  }
  received_.erase(received_.begin(), end);
  finish(*chain, size);
  return Work{size};
}

std::optional<Work> Console::transmit(const Chain& chain) {
  Cursor cursor(dma(), chain.readable);
  const u64 size = cursor.left();
  std::vector<u8> piece;
  while (cursor.left() != 0) {
    piece.resize(std::min(cursor.left(), kPieceBytes));
    if (!cursor.read(piece)) {
      fail("what the console is to print is not in memory");
      return std::nullopt;
    }
    for (const u8 character : piece) output_.put(character);
  }
  finish(chain, 0);
  return Work{size};
}

}  // namespace tw::devices::virtio
