// Packets m, M, X: memory, Z, z: breakpoints and watchpoints.
#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "platforms/gdb/handlers.hpp"

namespace tw::gdb {

namespace {

constexpr u64 kPage = 4096, kLongestWatched = u64{1} << 20;

struct Place {
  u64 address, bytes;
};

Place take_place(Scanner& rest) {
  Place place{};
  place.address = rest.number();
  rest.expect(",");
  place.bytes = rest.number();
  return place;
}

/// Less than asked for is an answer too: as far as there is something.
Answer read(Attached& attached, Scanner rest) {
  const Place place = take_place(rest);
  rest.expect_end();
  const u64 most = std::min<u64>(place.bytes, kPacketBytes / 2);
  if (most == 0) return {};
  try {
    return {to_hex(attached.target.read_memory(attached.view(), place.address, most))};
  } catch (const UserError&) {
    const u64 first = std::min(most, kPage - place.address % kPage);
    if (first == most) throw;
    return {to_hex(attached.target.read_memory(attached.view(), place.address, first))};
  }
}

Answer write(Attached& attached, const Place& place, std::span<const u8> bytes) {
  if (bytes.size() != place.bytes) throw Malformed{};
  if (!bytes.empty())
    attached.target.write_memory(attached.view(), place.address, std::vector<u8>(bytes.begin(), bytes.end()));
  return ok();
}

Answer write_digits(Attached& attached, Scanner rest) {
  const Place place = take_place(rest);
  rest.expect(":");
  const std::optional<std::vector<u8>> bytes = from_hex(rest.rest());
  if (!bytes) throw Malformed{};
  return write(attached, place, *bytes);
}

Answer write_binary(Attached& attached, Scanner rest) {
  const Place place = take_place(rest);
  rest.expect(":");
  const std::optional<std::string> bytes = unescape(rest.rest());
  if (!bytes) throw Malformed{};
  return write(attached, place, {reinterpret_cast<const u8*>(bytes->data()), bytes->size()});
}

Point take_point(Scanner& rest) {
  const u64 kind = rest.number();
  rest.expect(",");
  const Place place = take_place(rest);
  rest.expect_end();  // conditions and commands were not offered
  if (kind >= kPointKinds) throw Malformed{};
  Point point{.kind = static_cast<PointKind>(kind), .address = place.address, .bytes = 0};
  if (!is_watchpoint(point.kind)) {
    if (point.address % 4 != 0) throw Malformed{};
    return point;
  }
  const bool wraps = place.bytes != 0 && place.address > std::numeric_limits<u64>::max() - (place.bytes - 1);
  if (place.bytes == 0 || place.bytes > kLongestWatched || wraps) throw Malformed{};
  point.bytes = place.bytes;
  return point;
}

Answer insert(Attached& attached, Scanner rest) {
  attached.points.insert(take_point(rest));
  return ok();
}

Answer remove(Attached& attached, Scanner rest) {
  attached.points.remove(take_point(rest));
  return ok();
}

constexpr Packet kPackets[] = {
    {"m", read}, {"M", write_digits}, {"X", write_binary}, {"Z", insert}, {"z", remove},
};

}  // namespace

std::span<const Packet> memory_packets() { return kPackets; }

}  // namespace tw::gdb
