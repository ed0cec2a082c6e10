// SHA-256 (FIPS 180-4), for naming what a result was made of.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "base/types.hpp"

namespace tw {

class Sha256 final {
 public:
  void add(std::span<const u8> bytes);
  void add(std::string_view text) { add({reinterpret_cast<const u8*>(text.data()), text.size()}); }
  /// 64 hexadecimal digits, of all that was added. Once.
  std::string digest();

 private:
  void take_block(const u8* block);

  std::array<u32, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<u8, 64> block_{};
  u64 bytes_ = 0;
};

}  // namespace tw
