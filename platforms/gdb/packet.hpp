// Packets of gdb's remote serial protocol (GDB manual, appendix "Remote Protocol", Overview): what goes over the line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.hpp"

namespace tw::gdb {

/// "$body#checksum". What is binary in `body` is escaped already.
std::string frame(std::string_view body);

/// Binary data in a packet: '#', '$', '*' and '}' would mean something there.
std::string escape(std::string_view data);
/// Nothing: it ends inside an escape.
std::optional<std::string> unescape(std::string_view data);

/// Two digits a byte.
std::string to_hex(std::span<const u8> bytes);
std::string to_hex(std::string_view text);
/// `bytes` bytes of a number, the lowest one first, as a little-endian core has it.
std::string to_hex(u64 value, unsigned bytes);
/// Nothing: it is not pairs of digits.
std::optional<std::vector<u8>> from_hex(std::string_view digits);

/// Cuts what comes over the line into packets. What is none is skipped.
class PacketReader final {
 public:
  /// A longer one is no packet: whoever sends one is cut off.
  static constexpr std::size_t kLongest = std::size_t{1} << 20;

  enum class Kind : u8 {
    Packet,
    Damaged,  ///< with a wrong checksum
    Interrupt,
    Acknowledged,
    AskedAgain,
  };
  struct Item {
    Kind kind;
    std::string body = {};  ///< of Packet, still escaped
  };

  void add(std::string_view bytes) { received_ += bytes; }
  /// Nothing: it is not complete yet.
  std::optional<Item> next();
  bool is_overlong() const { return received_.size() > kLongest; }

 private:
  std::string received_;
};

}  // namespace tw::gdb
