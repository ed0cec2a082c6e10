// The fields of a protobuf message (the wire format of Protocol Buffers: protobuf.dev, "Encoding"). By hand, and not by
// libprotobuf: it is these lines, tells the offset of what is wrong, and brings no compiler, generated code and library
// into every build. tests/study/importers.py holds it against Google's own.
#pragma once

#include <optional>
#include <span>

#include "base/types.hpp"

namespace tw::importers::wire {

enum class Type : u8 { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct Field {
  u32 number = 0;
  Type type = Type::Varint;
  u64 value = 0;  ///< of a varint, else 0
};

class Message final {
 public:
  explicit Message(std::span<const u8> bytes) : bytes_(bytes) {}
  /// The next field; none at the end, or where the rest is no field (bad()).
  std::optional<Field> next() {
    if (at_ == bytes_.size()) return std::nullopt;
    const std::optional<u64> tag = varint();
    if (!tag || *tag > 0xFFFF'FFFF || *tag >> 3 == 0) return wrong();
    const Field field{static_cast<u32>(*tag >> 3), static_cast<Type>(*tag & 7), 0};
    switch (field.type) {
      case Type::Varint:
        if (const std::optional<u64> value = varint()) return Field{field.number, field.type, *value};
        return wrong();
      case Type::Fixed64:
        return skip(8) ? std::optional(field) : wrong();
      case Type::Fixed32:
        return skip(4) ? std::optional(field) : wrong();
      case Type::Bytes: {
        const std::optional<u64> length = varint();
        return length && skip(*length) ? std::optional(field) : wrong();
      }
    }
    return wrong();
  }
  bool bad() const { return bad_; }
  std::size_t offset() const { return at_; }

 private:
  static constexpr unsigned kMostBytes = 10;

  std::optional<u64> varint() {
    u64 value = 0;
    for (unsigned n = 0; n < kMostBytes && at_ < bytes_.size(); ++n) {
      const u8 byte = bytes_[at_++];
      value |= u64{byte & 0x7Fu} << 7 * n;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  bool skip(u64 bytes) {
    if (bytes > bytes_.size() - at_) return false;
    at_ += bytes;
    return true;
  }
  std::nullopt_t wrong() {
    bad_ = true;
    return std::nullopt;
  }

  std::span<const u8> bytes_;
  std::size_t at_ = 0;
  bool bad_ = false;
};

}  // namespace tw::importers::wire
