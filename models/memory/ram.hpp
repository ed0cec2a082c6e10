// Plain memory: bytes that cost the host nothing until they are written.
#pragma once

#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/types.hpp"

namespace tw::memory {

/// `bytes` of zeroed memory, backed by an anonymous mapping that the host populates page by page on first use.
/// Offsets are from the start of the memory; an access that is not wholly inside does nothing and says so.
class Ram final {
 public:
  /// Throws UserError of `key`, the parameter with the size, when that is zero or the host refuses the mapping.
  explicit Ram(u64 bytes, const std::string& key = "memory.size");
  ~Ram();
  Ram(const Ram&) = delete;
  Ram& operator=(const Ram&) = delete;

  u64 size() const { return size_; }
  std::span<u8> bytes() { return {data_, size_}; }
  std::span<const u8> bytes() const { return {data_, size_}; }

  /// Host address of `bytes` bytes at `offset`, or nullptr when they are not all inside.
  u8* host(u64 offset, u64 bytes) { return contains(offset, bytes) ? data_ + offset : nullptr; }
  bool contains(u64 offset, u64 bytes) const { return bytes <= size_ && offset <= size_ - bytes; }

  [[nodiscard]] bool read(u64 offset, std::span<u8> into) const;
  [[nodiscard]] bool write(u64 offset, std::span<const u8> from);
  /// A little-endian number of 1..8 bytes.
  [[nodiscard]] bool read(u64 offset, unsigned bytes, u64& value) const {
    if (bytes > sizeof value || !contains(offset, bytes)) return false;
    value = 0;
    std::memcpy(&value, data_ + offset, bytes);
    return true;
  }
  [[nodiscard]] bool write(u64 offset, unsigned bytes, u64 value);

  /// Puts an image of the user at `offset`. Throws UserError, naming `what`, when it does not fit; nothing is written.
  void load(u64 offset, std::span<const u8> image, std::string_view what);

  /// All zero again, and the host's pages given back.
  void clear();

 private:
  u8* data_ = nullptr;
  u64 size_ = 0;
};

}  // namespace tw::memory
