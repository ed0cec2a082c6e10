// What the SMMU's tests share: a memory, and the tables of streams in it.
#pragma once

#include <map>
#include <set>
#include <span>
#include <vector>

#include "smmu/config.hpp"
#include "smmu/ports.hpp"
#include "smmu/state.hpp"
#include "support/page_tables.hpp"
#include "unit/smmu/structures.hpp"

namespace tw::test {

/// Sparse memory of words; unwritten memory reads as zero. `words` also serves TableTree.
class SmmuMemory final : public smmu::MemoryPort {
 public:
  struct Block {
    u64 at = 0;
    std::size_t bytes = 0;
    Security security = Security::NonSecure;
    u64 now = 0;
    bool timed = true;
  };

  vmsa::DescriptorReply fetch(const vmsa::DescriptorRequest& request) override { return words.fetch(request); }
  vmsa::DescriptorReply update(const vmsa::DescriptorRequest& request, u64 expected, u64 desired) override {
    return words.update(request, expected, desired);
  }
  smmu::MemoryReply read(Pa at, std::span<u8> into, Security security, u64 now, bool timed) override {
    reads.push_back({at.value, into.size(), security, now, timed});
    if (aborts(at.value, into.size())) return {false, words.latency};
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = byte(at.value + i);
    return {true, timed ? words.latency : 0};
  }
  smmu::MemoryReply write(Pa at, std::span<const u8> from, Security security, u64 now) override {
    writes.push_back({at.value, from.size(), security, now, true});
    if (aborts(at.value, from.size())) return {false, words.latency};
    for (std::size_t i = 0; i < from.size(); ++i) set_byte(at.value + i, from[i]);
    return {true, words.latency};
  }

  u64 word(u64 at) const { return words.read(at); }
  void set_word(u64 at, u64 value) { words.write(at, value); }
  template <std::size_t N>
  void set_words(u64 at, const std::array<u64, N>& values) {
    for (std::size_t i = 0; i < N; ++i) words.write(at + i * 8, values[i]);
  }
  u64 allocate(u64 bytes) { return words.allocate(bytes); }

  TestMemory words;  ///< latency, aborts (by word) and the descriptor requests are here
  std::vector<Block> reads, writes;

 private:
  bool aborts(u64 at, std::size_t bytes) const {
    for (u64 word = at & ~u64{7}; word < at + bytes; word += 8) {
      if (words.aborts.count(word) != 0) return true;
    }
    return false;
  }
  u8 byte(u64 at) const { return static_cast<u8>(words.read(at & ~u64{7}) >> (at % 8 * 8)); }
  void set_byte(u64 at, u8 value) {
    const unsigned shift = at % 8 * 8;
    const u64 mask = u64{0xFF} << shift;
    words.write(at & ~u64{7}, (words.read(at & ~u64{7}) & ~mask) | u64{value} << shift);
  }
};

/// A memory, registers and stream tables. SMMU_CR0.SMMUEN is on.
struct Streams {
  SmmuMemory memory;
  smmu::Config config;
  smmu::State state;

  Streams() { state.cr0 = state.cr0_ack = 1; }

  /// SMMU_STRTAB_BASE and SMMU_STRTAB_BASE_CFG of a table of 1 << `bits` STEs.
  void linear(unsigned bits = 8) {
    table_ = memory.allocate(u64{64} << bits);
    split_ = 0;
    state.strtab_base = table_;
    state.strtab_base_cfg = bits;
  }
  /// In two levels; `split` is 6, 8 or 10. Leaf tables come with the first STE in them.
  void two_level(unsigned bits, unsigned split) {
    const unsigned top = bits > split ? bits - split : 0;
    table_ = memory.allocate(std::max<u64>(64, u64{8} << top));
    split_ = split;
    state.strtab_base = table_;
    state.strtab_base_cfg = bits | split << 6 | 1u << 16;
  }
  /// Where the STE of a stream is.
  u64 ste_at(u32 stream) {
    if (split_ == 0) return table_ + u64{64} * stream;
    const u64 slot = table_ + u64{8} * (stream >> split_);
    if ((memory.word(slot) & 0x1F) == 0) memory.set_word(slot, l1std(memory.allocate(u64{64} << split_), split_ + 1));
    return (memory.word(slot) & ~u64{0x3F}) + u64{64} * (stream & ((1u << split_) - 1));
  }
  void put(u32 stream, const Ste& ste) { memory.set_words(ste_at(stream), ste.words); }
  /// A table of one CD, or of 1 << `bits`; its address.
  u64 cd_table(unsigned bits = 0) { return memory.allocate(u64{64} << bits); }
  void put_cd(u64 table, u32 substream, const Cd& cd) { memory.set_words(table + u64{64} * substream, cd.words); }

 private:
  u64 table_ = 0;
  unsigned split_ = 0;
};

/// A VMSAv8-64 CD; records faults and aborts (A, R). `upper` 0: TTB1 is disabled.
inline Cd cd_of(u64 lower, unsigned page_bits = 12, unsigned input_bits = 48, u64 upper = 0, u16 asid = 1) {
  Cd result{{cd::kV, 1},
            {cd::kAA64, 1},
            {cd::kA, 1},
            {cd::kR, 1},
            {cd::kT0SZ, 64 - input_bits},
            {cd::kT1SZ, 64 - input_bits},
            {cd::kTG0, granule_field(page_bits)},
            {cd::kTG1, upper_granule_field(page_bits)},
            {cd::kIR0, 1},
            {cd::kIR1, 1},
            {cd::kIPS, 5},
            {cd::kEPD1, upper == 0 ? u64{1} : 0},
            {cd::kASID, asid},
            {cd::kMAIR, 0x0000'0C'AA'00'04'44'FF}};
  return result.address(cd::kTTB0, lower).address(cd::kTTB1, upper);
}

/// An AArch32 LPAE CD: TTB0 of 32 - t0sz bits, TTB1 of 32 - t1sz.
inline Cd cd32_of(u64 lower, unsigned t0sz = 0, u64 upper = 0, unsigned t1sz = 0, u16 asid = 1) {
  return cd_of(lower, 12, 32, upper, asid).with({{cd::kAA64, 0}, {cd::kT0SZ, t0sz}, {cd::kT1SZ, t1sz}});
}

inline Ste bypass_ste() { return {{ste::kV, 1}, {ste::kConfig, ste::kBypass}, {ste::kSHCFG, 1}}; }

/// `cd_bits`: S1CDMax. Without a substream, substream 0's CD translates.
inline Ste stage1_ste(u64 cd_table, unsigned cd_bits = 0) {
  Ste result{{ste::kV, 1},
             {ste::kConfig, ste::kStage1},
             {ste::kS1CDMax, cd_bits},
             {ste::kS1DSS, ste::kSubstream0},
             {ste::kS1CIR, 1},
             {ste::kSHCFG, 1}};
  return result.address(ste::kS1ContextPtr, cd_table);
}

/// Adds stage 2 to `ste` (of Config bypass or stage 1): a VMSAv8-64 table that begins at level `start`.
inline Ste with_stage2(Ste ste, u64 table, u16 vmid = 1, unsigned page_bits = 12, unsigned input_bits = 40,
                       int start = 1) {
  ste.set(ste::kConfig, ste.get(ste::kConfig) | 2)
      .set(ste::kS2VMID, vmid)
      .set(ste::kS2T0SZ, 64 - input_bits)
      .set(ste::kS2SL0, static_cast<u64>((page_bits == 12 ? 2 : 3) - start))
      .set(ste::kS2TG, granule_field(page_bits))
      .set(ste::kS2IR0, 1)
      .set(ste::kS2PS, 5)
      .set(ste::kS2AA64, 1)
      .set(ste::kS2R, 1);
  return ste.address(ste::kS2TTB, table);
}

}  // namespace tw::test
