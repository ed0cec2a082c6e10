#include "platforms/gdb/packet.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace tw::gdb {

namespace {

constexpr char kInterrupt = '\x03', kEscape = '}', kEscapedBit = 0x20;
constexpr std::size_t kTail = 3;  ///< "#", and a checksum of two digits

u8 checksum_of(std::string_view body) {
  unsigned sum = 0;
  for (const char byte : body) sum += static_cast<u8>(byte);
  return static_cast<u8>(sum);
}

std::optional<u8> byte_of(std::string_view digits) {
  u8 value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string frame(std::string_view body) { return fmt::format("${}#{:02x}", body, checksum_of(body)); }

std::string escape(std::string_view data) {
  std::string escaped;
  for (const char byte : data) {
    const bool means_something = byte == '#' || byte == '$' || byte == '*' || byte == kEscape;
    if (means_something) escaped += kEscape;
    escaped += means_something ? static_cast<char>(byte ^ kEscapedBit) : byte;
  }
  return escaped;
}

std::optional<std::string> unescape(std::string_view data) {
  std::string plain;
  for (std::size_t at = 0; at < data.size(); ++at) {
    if (data[at] != kEscape) {
      plain += data[at];
    } else if (++at == data.size()) {
      return std::nullopt;
    } else {
      plain += static_cast<char>(data[at] ^ kEscapedBit);
    }
  }
  return plain;
}

std::string to_hex(std::span<const u8> bytes) {
  std::string digits;
  digits.reserve(2 * bytes.size());
  for (const u8 byte : bytes) fmt::format_to(std::back_inserter(digits), "{:02x}", byte);
  return digits;
}

std::string to_hex(std::string_view text) {
  return to_hex(std::span(reinterpret_cast<const u8*>(text.data()), text.size()));
}

std::string to_hex(u64 value, unsigned bytes) {
  std::string digits;
  for (unsigned n = 0; n < bytes; ++n) {
    fmt::format_to(std::back_inserter(digits), "{:02x}", n < sizeof value ? value >> 8 * n & 0xFF : 0);
  }
  return digits;
}

std::optional<std::vector<u8>> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::vector<u8> bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    const std::optional<u8> byte = byte_of(digits.substr(at, 2));
    if (!byte) return std::nullopt;
    bytes.push_back(*byte);
  }
  return bytes;
}

std::optional<PacketReader::Item> PacketReader::next() {
  const std::size_t begin = received_.find_first_of("$+-\x03");
  received_.erase(0, begin);  // all, when nothing is there that means something
  if (received_.empty()) return std::nullopt;
  if (received_.front() != '$') {
    const char what = received_.front();
    received_.erase(0, 1);
    return Item{what == kInterrupt ? Kind::Interrupt : what == '+' ? Kind::Acknowledged : Kind::AskedAgain};
  }
  // Whoever begins anew has given up what was begun.
  const std::size_t end = received_.find('#'), again = received_.rfind('$', end);
  if (end == std::string::npos || received_.size() < end + kTail) return std::nullopt;
  Item item{Kind::Packet, received_.substr(again + 1, end - again - 1)};
  if (byte_of(std::string_view(received_).substr(end + 1, kTail - 1)) != checksum_of(item.body)) item = {Kind::Damaged};
  received_.erase(0, end + kTail);
  return item;
}

}  // namespace tw::gdb
