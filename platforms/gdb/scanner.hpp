// Reads a packet's body from left to right.
#pragma once

#include <charconv>
#include <string_view>

#include "base/types.hpp"

namespace tw::gdb {

/// The packet is not what its first letters say.
struct Malformed {};

class Scanner final {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  // What follows throws Malformed.
  void expect(std::string_view text) {
    if (!take(text)) throw Malformed{};
  }
  void expect_end() const {
    if (!at_end()) throw Malformed{};
  }
  /// Hexadecimal digits, as all numbers are.
  u64 number() {
    u64 value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, 16);
    if (error != std::errc{}) throw Malformed{};
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  /// Up to `end`, which is taken too, or all.
  std::string_view until(char end) {
    const std::size_t at = rest_.find(end);
    const std::string_view text = rest_.substr(0, at);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + 1);
    return text;
  }

 private:
  std::string_view rest_;
};

}  // namespace tw::gdb
