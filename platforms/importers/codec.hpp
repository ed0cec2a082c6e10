// What a file may be packed by: zlib's, liblzma's and zstd's streams alike. (Boost's filters over them end without a
// word where a file is truncated.)
#pragma once

#include <memory>
#include <span>

#include "base/types.hpp"

namespace tw::importers {

class Codec {
 public:
  virtual ~Codec() = default;
  /// Unpacks from the front of `in` to the front of `out`, and takes away from both what it has used. `last`: nothing
  /// follows `in`. What is wrong with the file, or null.
  virtual const char* step(std::span<const u8>& in, std::span<u8>& out, bool last) = 0;
  /// The file may end here.
  virtual bool whole() const = 0;
};

/// By the file's first bytes (up to kMagicBytes); null: it is not packed.
std::unique_ptr<Codec> codec_of(std::span<const u8> start);
inline constexpr std::size_t kMagicBytes = 6;

}  // namespace tw::importers
