// The fuzzer's bytes as values. An exhausted input gives zeros.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/types.hpp"

namespace tw::fuzz {

class Input final {
 public:
  Input(const u8* data, std::size_t size) : at_(data), left_(size) {}

  bool empty() const { return left_ == 0; }
  template <class T>
  T take() {
    T value{};
    const std::size_t bytes = left_ < sizeof(T) ? left_ : sizeof(T);
    std::memcpy(&value, at_, bytes);
    at_ += bytes;
    left_ -= bytes;
    return value;
  }
  bool flag() { return (take<u8>() & 1) != 0; }
  /// Below `count`, which is at most 256.
  unsigned below(unsigned count) { return take<u8>() % count; }

 private:
  const u8* at_;
  std::size_t left_;
};

/// A property that does not hold: libFuzzer saves the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace tw::fuzz
