#include "platforms/importers/gem5.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "platforms/importers/wire.hpp"

namespace tw::importers {
namespace {

constexpr std::array<u8, 4> kMagic = {'g', 'e', 'm', '5'};
/// A header has a name for each requestor of the system; a packet is about 40 bytes.
constexpr u64 kMostMessage = 1 << 20;

// Of MemCmd (src/mem/packet.hh): the numbers behind these have changed from version to version.
constexpr u32 kReadReq = 1, kWriteReq = 4;
// Of Request (src/mem/request.hh).
constexpr u32 kInstFetch = 0x100, kPtWalk = 0x2000'0000;

// Fields of PacketHeader and of Packet.
constexpr u32 kObjId = 1, kTickFreq = 3;
constexpr u32 kTick = 1, kCmd = 2, kAddr = 3, kSize = 4, kFlags = 5;

constexpr u32 bit(u32 field) { return 1u << field; }

/// Messages, one after the other.
class Messages final {
 public:
  explicit Messages(Input& input) : input_(input) {}

  /// The next one; false at the end of the file. It stays until the next call.
  bool next() {
    const u64 start = input_.offset();
    u64 length = 0;
    for (unsigned shift = 0;; shift += 7) {
      const int byte = input_.get();
      if (byte < 0 && shift == 0) return false;
      if (byte < 0) input_.fail(start, "truncated: the file ends in the length of a message");
      length |= u64(byte & 0x7F) << shift;
      if (byte < 0x80) break;
      if (shift == 28) input_.fail(start, "no length of a message");
    }
    if (length > kMostMessage) input_.fail(start, fmt::format("a message of {} bytes", length));
    start_ = input_.offset();
    bytes_.resize(length);
    const std::size_t read = input_.read(bytes_);
    if (read < length) input_.fail(start_, fmt::format("truncated: {} bytes of a message's {}", read, length));
    return true;
  }
  wire::Message message() const { return wire::Message(bytes_); }
  u64 start() const { return start_; }

 private:
  Input& input_;
  std::vector<u8> bytes_;
  u64 start_ = 0;
};

void read_header(Input& input, Messages& messages) {
  std::array<u8, kMagic.size()> magic{};
  if (input.read(magic) < magic.size() || magic != kMagic) {
    input.fail(0, "no packet trace of gem5's (its first bytes, \"gem5\")");
  }
  if (!messages.next()) input.fail(input.offset(), "truncated: the file ends before its header");
  wire::Message message = messages.message();
  u32 seen = 0;
  while (const std::optional<wire::Field> field = message.next()) {
    if (field->number == kObjId && field->type == wire::Type::Bytes) seen |= bit(kObjId);
    if (field->number == kTickFreq && field->type == wire::Type::Varint) seen |= bit(kTickFreq);
  }
  if (message.bad() || seen != (bit(kObjId) | bit(kTickFreq))) {
    input.fail(messages.start(), "no PacketHeader of gem5's: another protobuf trace, or damaged");
  }
}

struct Packet {
  u64 addr = 0;
  u32 cmd = 0, size = 0, flags = 0;
};

std::optional<Packet> packet_of(wire::Message message) {
  Packet packet;
  u32 seen = 0;
  while (const std::optional<wire::Field> field = message.next()) {
    if (field->number > kFlags || field->type != wire::Type::Varint) continue;
    seen |= bit(field->number);
    const u32 low = static_cast<u32>(field->value);
    switch (field->number) {
      case kCmd:
        packet.cmd = low;
        break;
      case kAddr:
        packet.addr = field->value;
        break;
      case kSize:
        packet.size = low;
        break;
      case kFlags:
        packet.flags = low;
        break;
    }
  }
  constexpr u32 kRequired = bit(kTick) | bit(kCmd) | bit(kAddr) | bit(kSize);
  if (message.bad() || (seen & kRequired) != kRequired) return std::nullopt;
  return packet;
}

bool among(const std::vector<u32>& numbers, u32 number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}  // namespace

LeftOut import_gem5(Input& input, const Options& options, const Sink& sink) {
  Messages messages(input);
  read_header(input, messages);
  std::map<u32, u64> other_commands;
  u64 walks = 0;
  trace::Record record = options.context;
  while (messages.next()) {
    const std::optional<Packet> packet = packet_of(messages.message());
    if (!packet) input.fail(messages.start(), "no Packet of gem5's: damaged");
    const bool read = packet->cmd == kReadReq || among(options.reads, packet->cmd);
    const bool write = packet->cmd == kWriteReq || among(options.writes, packet->cmd);
    if (!read && !write) {
      ++other_commands[packet->cmd];
      continue;
    }
    if (packet->size == 0) input.fail(messages.start(), "an access of no bytes");
    if ((packet->flags & kPtWalk) != 0) {
      ++walks;
      continue;
    }
    const bool fetch = read && (packet->flags & kInstFetch) != 0;
    record.kind = fetch ? trace::Kind::Fetch : read ? trace::Kind::Read : trace::Kind::Write;
    record.va = Va{packet->addr};
    record.pa = Pa{packet->addr};
    record.size = packet->size;
    sink(record);
  }
  LeftOut left_out;
  for (const auto& [command, count] : other_commands) left_out[fmt::format("packets of command {}", command)] = count;
  if (walks != 0) left_out["packets of page-table walkers"] = walks;
  return left_out;
}

}  // namespace tw::importers
