// Memory and page tables for tests, written apart from the walker: its own arithmetic, its own encodings.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "vmsa/descriptor_port.hpp"

namespace tw::test {

/// Sparse memory that counts the walker's fetches. Unwritten memory reads as zero.
class TestMemory final : public vmsa::DescriptorPort {
 public:
  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override {
    requests.push_back(request);
    vmsa::DescriptorReply reply;
    reply.cycles = latency;
    if (aborts.count(request.address.value) != 0) {
      reply.ok = false;
      return reply;
    }
    if (garbage) {
      reply.value = garbage();
      return reply;
    }
    const auto& words = request.security == Security::Secure && separate_secure ? secure_words : words_;
    const auto word = words.find(request.address.value);
    if (word != words.end()) reply.value = word->second;
    return reply;
  }
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override {
    if (before_update) before_update(request.address.value);
    if (not_atomic.count(request.address.value) != 0) return {.atomic = false};
    updates.push_back(request);
    vmsa::DescriptorReply reply{.value = read(request.address.value), .cycles = latency};
    if (update_aborts.count(request.address.value) != 0) {
      reply.ok = false;
    } else if (reply.value == expected) {
      write(request.address.value, desired);
    }
    return reply;
  }
  void write(u64 address, u64 value) { words_[address] = value; }
  u64 read(u64 address) const {
    const auto word = words_.find(address);
    return word == words_.end() ? 0 : word->second;
  }
  /// Room for a table; grows upwards from 0x1000'0000.
  u64 allocate(u64 bytes) {
    next_ = (next_ + bytes - 1) / bytes * bytes;
    const u64 address = next_;
    next_ += bytes;
    return address;
  }
  void swap_all_words() {
    for (auto& [address, value] : words_) value = __builtin_bswap64(value);
  }

  std::vector<vmsa::DescriptorRequest> requests;
  std::vector<vmsa::DescriptorRequest> updates;
  std::set<u64> aborts;                    ///< addresses that answer with an external abort
  std::set<u64> update_aborts;             ///< ... when they are updated
  std::set<u64> not_atomic;                ///< addresses that take no hardware update
  std::function<void(u64)> before_update;  ///< what another observer does meanwhile
  std::function<u64()> garbage;
  u64 latency = 10;
  bool separate_secure = false;
  std::unordered_map<u64, u64> secure_words;

 private:
  std::unordered_map<u64, u64> words_;
  u64 next_ = 0x1000'0000;
};

/// Attribute bits of leaves. The address, the type bits and AF are added by the tree.
namespace s1 {
inline constexpr u64 kUserAccess = u64{1} << 6;  // AP[1]
inline constexpr u64 kReadOnly = u64{1} << 7;    // AP[2]
inline constexpr u64 kNonSecure = u64{1} << 5;
inline constexpr u64 kInnerShareable = u64{3} << 8;
inline constexpr u64 kOuterShareable = u64{2} << 8;
inline constexpr u64 kNotGlobal = u64{1} << 11;
inline constexpr u64 kDbm = u64{1} << 51;
inline constexpr u64 kContiguous = u64{1} << 52;
inline constexpr u64 kPxn = u64{1} << 53;
inline constexpr u64 kUxn = u64{1} << 54;
constexpr u64 index(unsigned attr_index) { return u64{attr_index} << 2; }
inline constexpr u64 kNsTable = u64{1} << 63;
inline constexpr u64 kTableReadOnly = u64{1} << 62;
inline constexpr u64 kTableNoUser = u64{1} << 61;
inline constexpr u64 kUxnTable = u64{1} << 60;
inline constexpr u64 kPxnTable = u64{1} << 59;
}  // namespace s1
namespace s2 {
inline constexpr u64 kRead = u64{1} << 6;
inline constexpr u64 kWrite = u64{1} << 7;
inline constexpr u64 kReadWrite = kRead | kWrite;
inline constexpr u64 kDbm = u64{1} << 51;
inline constexpr u64 kNormal = u64{0xF} << 2;
inline constexpr u64 kDevice = u64{0x1} << 2;  // nGnRE
inline constexpr u64 kXn = u64{1} << 54;
inline constexpr u64 kXn0 = u64{1} << 53;
inline constexpr u64 kPlain = kReadWrite | kNormal;
}  // namespace s2
inline constexpr u64 kAccessFlag = u64{1} << 10;

/// A translation table of any granule. `displacement` is where its words lie, relative to the addresses that are in its
/// descriptors: for stage-1 tables whose IPAs are not PAs.
class TableTree final {
 public:
  TableTree(TestMemory& memory, unsigned page_bits, unsigned input_bits, int start_level, u64 displacement = 0)
      : memory_(memory), page_bits_(page_bits), input_bits_(input_bits), start_(start_level), move_(displacement) {
    root_ = memory.allocate(u64{8} << (input_bits - shift(start_level)));
    tables.push_back(root_);
  }
  u64 root() const { return root_; }
  unsigned shift(int level) const { return page_bits_ + static_cast<unsigned>(3 - level) * (page_bits_ - 3); }

  /// Maps the page or block of `level` around `input`.
  void map(u64 input, u64 output, int level, u64 attributes, u64 table_attributes = 0) {
    const u64 size = u64{1} << shift(level);
    const u64 type = level == 3 ? 3 : 1;
    write_leaf(input, level, output / size * size | attributes | kAccessFlag | type, table_attributes);
  }
  /// Puts any descriptor at `level`, with tables above it.
  void write_leaf(u64 input, int level, u64 descriptor, u64 table_attributes = 0) {
    u64 table = root_;
    for (int at = start_; at < level; ++at) {
      const u64 slot = table + index(input, at) * 8;
      u64 word = memory_.read(slot + move_);
      if ((word & 1) == 0) {
        word = memory_.allocate(u64{1} << page_bits_) | 3 | table_attributes;
        memory_.write(slot + move_, word);
        tables.push_back(word & 0x0000'FFFF'FFFF'F000);
      } else if ((word & 3) != 3) {
        throw std::logic_error("the test maps a page under a block");
      }
      table = word & 0x0000'FFFF'FFFF'F000 & ~((u64{1} << page_bits_) - 1);
    }
    memory_.write(slot_in(table, input, level) + move_, descriptor);
  }
  /// Where the descriptor of `level` for `input` lies (a PA); the tables above it must exist.
  u64 slot(u64 input, int level) const {
    u64 table = root_;
    for (int at = start_; at < level; ++at) {
      table = memory_.read(slot_in(table, input, at) + move_) & 0x0000'FFFF'FFFF'F000;
    }
    return slot_in(table, input, level) + move_;
  }
  std::vector<u64> tables;  ///< addresses of all tables, as descriptors have them

 private:
  u64 index(u64 input, int level) const {
    const unsigned width = level == start_ ? input_bits_ - shift(level) : page_bits_ - 3;
    return (input >> shift(level)) & ((u64{1} << width) - 1);
  }
  u64 slot_in(u64 table, u64 input, int level) const { return table + index(input, level) * 8; }

  TestMemory& memory_;
  unsigned page_bits_;
  unsigned input_bits_;
  int start_;
  u64 move_;
  u64 root_;
};

}  // namespace tw::test
