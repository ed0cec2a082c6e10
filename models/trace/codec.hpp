// The records of one block as bytes, before they are packed: differences from what the records before make likely.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "trace/format.hpp"
#include "trace/record.hpp"

namespace tw::trace {

/// What the next record is guessed from, the same in writer and reader; new with every block.
class Guess final {
 public:
  Guess();
  /// The slot for the page of a VA.
  struct Page {
    u64 va, ipa, pa;  ///< page numbers; of `va` all ones: none
  };
  Page& page_of(u64 address) { return pages_[(address >> kPageBits) % pages_.size()]; }

  static constexpr unsigned kPageBits = 12;
  std::array<u64, kKinds> va{};
  std::array<u32, kKinds> size{};
  u64 ipa = 0, pa = 0;
  Record context;  ///< its el, vmid, asid and stream

 private:
  std::array<Page, 256> pages_;
};

class Encoder final {
 public:
  explicit Encoder(Contents contents) : contents_(contents) {}
  void add(const Record& record);
  u32 records() const { return records_; }
  std::span<const u8> bytes() const { return {bytes_.data(), at_}; }
  void clear();

 private:
  void put_varint(u64 value);
  u8 put_ipa_and_pa(const Record& record);

  Contents contents_;
  Guess guess_;
  u32 records_ = 0;
  Bytes bytes_;
  std::size_t at_ = 0;
};

/// Bytes that a decoder may look at behind the end.
inline constexpr std::size_t kDecoderSlack = 64;
static_assert(kDecoderSlack >= kMostRecordBytes);

/// Reads `records` out of `bytes`, behind which kDecoderSlack more can be read. False: they are not that.
bool decode(std::span<const u8> bytes, u32 records, Contents contents, std::vector<Record>& out,
            const Vocabulary& vocabulary = {});

}  // namespace tw::trace
