// Numbers that look random and are the same on every host, a sequence a seed.
#pragma once

#include "base/types.hpp"

namespace tw {

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): every seed is a good one.
class SplitMix64 final {
 public:
  explicit SplitMix64(u64 seed) : state_(seed) {}
  u64 next() { return mix(state_ += kGamma); }
  /// In [0, n), n not zero. The bias is n / 2^64.
  u64 below(u64 n) { return next() % n; }
  /// What next() makes of its state: a hash of a number.
  static u64 mix(u64 z) {
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
  }

 private:
  static constexpr u64 kGamma = 0x9E37'79B9'7F4A'7C15;
  u64 state_;
};

/// xorshift64* (Vigna, ACM TOMS 2016).
class XorShift64 final {
 public:
  explicit XorShift64(u64 seed) : state_(seed != 0 ? seed : 0x9E37'79B9'7F4A'7C15) {}
  u64 next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545'F491'4F6C'DD1D;
  }

 private:
  u64 state_;
};

}  // namespace tw
