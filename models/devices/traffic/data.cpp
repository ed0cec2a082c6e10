#include "devices/traffic/data.hpp"

#include <algorithm>
#include <cstring>

#include "base/bits.hpp"
#include "base/random.hpp"

namespace tw::devices::traffic {

namespace {

constexpr u64 kWord = 8;
constexpr u64 kLowBits = 0x0101'0101'0101'0101;  ///< one a byte

u64 word_at(u64 address, u64 salt) { return SplitMix64::mix(address / kWord * kWord + salt); }

/// Calls `part(bytes of it, word, first byte in the word)` for each aligned doubleword that `data` touches.
template <class Bytes, class Part>
void for_words(std::span<Bytes> data, Iova at, Part part) {
  u64 address = at.value;
  while (!data.empty()) {
    const u64 first = address % kWord;
    const u64 length = std::min<u64>(kWord - first, data.size());
    part(data.first(length), address, first);
    data = data.subspan(length);
    address += length;
  }
}

/// The word's bytes from `first` on, in the low bytes.
u64 expected(u64 address, u64 first, u64 salt, Version version) {
  const u64 word = word_at(address, salt);
  return (version == Version::Written ? ~word : word) >> (8 * first);
}

u64 value_of(std::span<const u8> bytes) {
  u64 value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

}  // namespace

u64 salt_of(StreamId stream, u32 substream) {
  return SplitMix64::mix((u64{stream.value} << 32) + substream) & ~(kWord - 1);
}

void fill(std::span<u8> data, Iova at, u64 salt, Version version) {
  for_words(data, at, [&](std::span<u8> part, u64 address, u64 first) {
    const u64 value = expected(address, first, salt, version);
    std::memcpy(part.data(), &value, part.size());
  });
}

bool is_right(std::span<const u8> data, Iova at, u64 salt, bool written_too) {
  bool right = true;
  for_words(data, at, [&](std::span<const u8> part, u64 address, u64 first) {
    const u64 mask = low_mask(8 * static_cast<unsigned>(part.size()));
    const u64 difference = (value_of(part) ^ expected(address, first, salt, Version::Initial)) & mask;
    // A write may have ended inside the word: each byte is of one version or the other.
    if (difference != 0 && (!written_too || (difference & kLowBits) * 0xFF != difference)) right = false;
  });
  return right;
}

u64 written_words(std::span<const u8> data, Iova at, u64 salt) {
  u64 words = 0;
  for_words(data, at, [&](std::span<const u8> part, u64 address, u64 first) {
    const u64 mask = low_mask(8 * static_cast<unsigned>(part.size()));
    if (((value_of(part) ^ expected(address, first, salt, Version::Initial)) & mask) != 0) ++words;
  });
  return words;
}

}  // namespace tw::devices::traffic
