// The numbers of docs/trace-format.md.
#pragma once

#include <array>
#include <boost/crc.hpp>
#include <span>
#include <vector>

#include "base/types.hpp"

namespace tw::trace {

using Bytes = std::vector<u8>;

// As in PNG: a file that has been through a text filter is not taken for one that is damaged somewhere else.
inline constexpr std::array<u8, 8> kMagic = {0x93, 'T', 'W', 'T', '\r', '\n', 0x1A, '\n'};
inline constexpr u16 kVersion = 3, kOldestVersion = 1;
inline constexpr u16 kHasIpa = 1, kHasPa = 2;

inline constexpr u32 kBlockTag = 0x314B'4C42;    // "BLK1"
inline constexpr u32 kIndexTag = 0x3158'4449;    // "IDX1"
inline constexpr u32 kTrailerTag = 0x3144'4E45;  // "END1"

inline constexpr u64 kPreambleBytes = 16;     // magic, version, contents, bytes of provenance
inline constexpr u64 kBlockHeaderBytes = 16;  // tag, records, coded bytes, packed bytes
inline constexpr u64 kIndexHeaderBytes = 8;   // tag, blocks
inline constexpr u64 kIndexEntryBytes = 16;   // offset, number of its first record
inline constexpr u64 kTrailerBytes = 24;      // tag, offset of the index, records, checksum
inline constexpr u64 kCheckBytes = 4;

inline constexpr u32 kMostProvenanceBytes = 1u << 20;
inline constexpr u32 kMostBlockRecords = 1u << 20;
/// Of one record as it is coded: flags, VA, IPA, PA, size, context, invalidation.
inline constexpr u64 kMostRecordBytes = 1 + 10 + 10 + 10 + 5 + (1 + 3 + 3 + 5) + 2;

/// CRC-32 as in zlib, gzip and PNG.
inline u32 check_of(std::span<const u8> bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

/// Little-endian.
template <class T>
void put(Bytes& bytes, T value) {
  for (unsigned n = 0; n < sizeof(T); ++n) bytes.push_back(static_cast<u8>(u64{value} >> 8 * n));
}
template <class T>
T get(const u8* at) {
  u64 value = 0;
  for (unsigned n = 0; n < sizeof(T); ++n) value |= u64{at[n]} << 8 * n;
  return static_cast<T>(value);
}

}  // namespace tw::trace
