#include "base/sha256.hpp"

#include <algorithm>
#include <bit>

namespace tw {
namespace {

// 4.2.2: of the cube roots of the first 64 primes, the first 32 bits of their fractions.
constexpr std::array<u32, 64> kConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

}  // namespace

void Sha256::take_block(const u8* block) {
  std::array<u32, 64> w;
  for (unsigned n = 0; n < 16; ++n) {
    w[n] = u32{block[4 * n]} << 24 | u32{block[4 * n + 1]} << 16 | u32{block[4 * n + 2]} << 8 | u32{block[4 * n + 3]};
  }
  for (unsigned n = 16; n < 64; ++n) {
    const u32 low = std::rotr(w[n - 15], 7) ^ std::rotr(w[n - 15], 18) ^ w[n - 15] >> 3;
    const u32 high = std::rotr(w[n - 2], 17) ^ std::rotr(w[n - 2], 19) ^ w[n - 2] >> 10;
    w[n] = w[n - 16] + low + w[n - 7] + high;
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (unsigned n = 0; n < 64; ++n) {
    const u32 choice = (e & f) ^ (~e & g), majority = (a & b) ^ (a & c) ^ (b & c);
    const u32 first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + choice + kConstants[n] + w[n];
    const u32 second = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + majority;
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  const std::array<u32, 8> more = {a, b, c, d, e, f, g, h};
  for (unsigned n = 0; n < 8; ++n) state_[n] += more[n];
}

void Sha256::add(std::span<const u8> bytes) {
  while (!bytes.empty()) {
    const std::size_t held = bytes_ % block_.size();
    if (held == 0 && bytes.size() >= block_.size()) {
      take_block(bytes.data());
      bytes_ += block_.size();
      bytes = bytes.subspan(block_.size());
      continue;
    }
    const std::size_t some = std::min(bytes.size(), block_.size() - held);
    std::copy_n(bytes.begin(), some, block_.begin() + static_cast<std::ptrdiff_t>(held));
    bytes_ += some;
    bytes = bytes.subspan(some);
    if (bytes_ % block_.size() == 0) take_block(block_.data());
  }
}

std::string Sha256::digest() {
  const u64 bits = bytes_ * 8;
  add(std::string_view("\x80", 1));
  while (bytes_ % block_.size() != block_.size() - 8) add(std::string_view("\0", 1));
  std::array<u8, 8> length;
  for (unsigned n = 0; n < 8; ++n) length[n] = static_cast<u8>(bits >> (56 - 8 * n));
  add(length);
  std::string text;
  for (const u32 word : state_) {
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 0xF];
  }
  return text;
}

}  // namespace tw
