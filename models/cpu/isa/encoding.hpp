// Instruction encodings as rows. A group file (isa/a64/<group>.cpp) declares its rows; the decoder, the fuzzer, the
// disassembly names and the tables test are read off them.
#pragma once

#include <span>
#include <string_view>

#include "base/types.hpp"
#include "cost/causes.hpp"
#include "cpu/op.hpp"

namespace tw::arm {
struct CpuModel;
}

namespace tw::cpu {

/// An encoding pattern of 32 characters, bit 31 first: '0' and '1' are fixed, anything else is a field (by convention
/// the field's initial). Spaces are ignored. Evaluated at compile time; a wrong length does not compile.
struct Pattern {
  u32 mask = 0;
  u32 value = 0;
  consteval Pattern(const char* text) {  // NOLINT: implicit, so that rows read as text
    unsigned count = 0;
    for (; *text; ++text) {
      if (*text == ' ') continue;
      mask = mask << 1 | (*text == '0' || *text == '1');
      value = value << 1 | (*text == '1');
      ++count;
    }
    if (count != 32) throw "an encoding pattern has 32 bits";
  }
  constexpr bool matches(u32 insn) const { return (insn & mask) == value; }
};

/// Features that a row may need (ID registers of the CPU model).
enum class Feature : u8 {
  Base,
  FpSimd,
  Aes,
  Pmull,
  Sha1,
  Sha256,
  Crc32,
  Lse,
  Lor,
  Rdm,
  Fp16,
  DotProd,
  Rcpc,
  Pauth,
  Fhm,
  Fcma,
  Jscvt,
  Frintts,
  FlagM,
  FlagM2,
  Rcpc2,
  Sha512,
  Sha3,
  Sm3,
  Sm4
};

/// One encoding. `select` fills the op's fields from `op.insn` (already set, with everything else zero) and returns the
/// handler; nullptr means that this combination of fields is unallocated (UNDEFINED).
/// Rows of all groups are disjoint, except where `overrides` is set: the row is tried before the others.
struct Encoding {
  std::string_view name;  ///< the manual's, e.g. "ADD (immediate)"
  Pattern pattern;
  cost::Cause cost;
  Handler (*select)(Op& op);
  Feature feature = Feature::Base;
  bool overrides = false;
  bool half_is_fp16 = false;  ///< scalar floating point: members with ptype (bits 23:22) 11 need FEAT_FP16
};

/// The feature that a member of `row` needs.
constexpr Feature feature_of(const Encoding& row, u32 insn) {
  return row.half_is_fp16 && ((insn >> 22) & 3) == 3 ? Feature::Fp16 : row.feature;
}

/// All A64 rows, group by group, in the manual's order (isa/a64/groups.cpp).
std::span<const std::span<const Encoding>> a64_groups();

/// The row that `insn` matches (feature not considered), or nullptr: unallocated or not implemented.
const Encoding* find_a64(u32 insn);

/// Decodes `op.insn` into `op`. An encoding that is unallocated, or that needs a feature which the model lacks, becomes
/// an op that raises UNDEFINED.
void decode_a64(Op& op, const arm::CpuModel& model);

}  // namespace tw::cpu
