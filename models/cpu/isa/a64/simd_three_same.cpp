// Advanced SIMD three same, integer, vector and scalar (Arm ARM C4.1).
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_operations.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

/// Lanes of Vn, then lanes of Vm, in pairs: Vd.T[i] = fn(pair i).
template <auto fn, class T>
struct Pairwise {
  static const Op* run(Cpu& cpu, const Op* op) {
    const auto n = lanes<T>(cpu.v[op->rn]), m = lanes<T>(cpu.v[op->rm]);
    const unsigned count = op->extra[kActive] / static_cast<unsigned>(sizeof(T));
    const auto at = [&](unsigned i) { return i < count ? n[i] : m[i - count]; };
    Lanes<T> d{};
    for (unsigned i = 0; i < count; ++i) d[i] = static_cast<T>(fn(at(2 * i), at(2 * i + 1)));
    cpu.v[op->rd] = vector<T>(d);
    return op + 1;
  }
};

#define TW_VECTOR(name, u, opcode, shape, fn, types)                                                                  \
  {                                                                                                                   \
    name " (vector)", "0Q " u " 01110 zz 1 mmmmm " opcode " 1 nnnnn ddddd", Cause::FpSimd, by_size<shape, fn, types>, \
        kSimd, true                                                                                                   \
  }
#define TW_SCALAR(name, u, opcode, fn, types)                                              \
  {                                                                                        \
    name " (scalar)", "01 " u " 11110 zz 1 mmmmm " opcode " 1 nnnnn ddddd", Cause::FpSimd, \
        scalar_by_size<Same, fn, types>, kSimd, true                                       \
  }
// Signed with U = 0 and unsigned with U = 1.
#define TW_SIGNS(rest, opcode, fn, width) \
  TW_VECTOR("S" rest, "0", opcode, Same, fn, I8To##width), TW_VECTOR("U" rest, "1", opcode, Same, fn, U8To##width)
#define TW_SATURATING(rest, opcode, fn)                                                                     \
  TW_VECTOR("SQ" rest, "0", opcode, Same, fn, I8To64), TW_VECTOR("UQ" rest, "1", opcode, Same, fn, U8To64), \
      TW_SCALAR("SQ" rest, "0", opcode, fn, I8To64), TW_SCALAR("UQ" rest, "1", opcode, fn, U8To64)
#define TW_BOTH(name, u, opcode, fn, list, scalar_list) \
  TW_VECTOR(name, u, opcode, Same, fn, list), TW_SCALAR(name, u, opcode, fn, scalar_list)
#define TW_LOGIC(name, u, zz, fn)                                                                                 \
  {                                                                                                               \
    name " (vector)", "0Q " u " 01110 " zz " 1 mmmmm 00011 1 nnnnn ddddd", Cause::FpSimd, of_type<Same, fn, u64>, \
        kSimd, true                                                                                               \
  }

constexpr Encoding kRows[] = {
    TW_SIGNS("HADD", "00000", kHalvingAdd, 32),
    TW_SATURATING("ADD", "00001", kSatAdd),
    TW_SIGNS("RHADD", "00010", kRoundingHalvingAdd, 32),
    TW_LOGIC("AND", "0", "00", kAnd),
    TW_LOGIC("BIC", "0", "01", kBic),
    TW_LOGIC("ORR", "0", "10", kOrr),
    TW_LOGIC("ORN", "0", "11", kOrn),
    TW_LOGIC("EOR", "1", "00", kEor),
    TW_LOGIC("BSL", "1", "01", kBsl),
    TW_LOGIC("BIT", "1", "10", kBit),
    TW_LOGIC("BIF", "1", "11", kBif),
    TW_SIGNS("HSUB", "00100", kHalvingSub, 32),
    TW_SATURATING("SUB", "00101", kSatSub),
    TW_BOTH("CMGT", "0", "00110", kGreater, I8To64, I64Only),
    TW_BOTH("CMHI", "1", "00110", kGreater, U8To64, U64Only),
    TW_BOTH("CMGE", "0", "00111", kGreaterEqual, I8To64, I64Only),
    TW_BOTH("CMHS", "1", "00111", kGreaterEqual, U8To64, U64Only),
    TW_BOTH("SSHL", "0", "01000", kShift<false>, I8To64, I64Only),
    TW_BOTH("USHL", "1", "01000", kShift<false>, U8To64, U64Only),
    TW_SATURATING("SHL", "01001", kSatShift<false>),
    TW_BOTH("SRSHL", "0", "01010", kShift<true>, I8To64, I64Only),
    TW_BOTH("URSHL", "1", "01010", kShift<true>, U8To64, U64Only),
    TW_SATURATING("RSHL", "01011", kSatShift<true>),
    TW_SIGNS("MAX", "01100", kMax, 32),
    TW_SIGNS("MIN", "01101", kMin, 32),
    TW_SIGNS("ABD", "01110", kAbd, 32),
    TW_SIGNS("ABA", "01111", kAba, 32),
    TW_BOTH("ADD", "0", "10000", kAdd, U8To64, U64Only),
    TW_BOTH("SUB", "1", "10000", kSub, U8To64, U64Only),
    TW_BOTH("CMTST", "0", "10001", kTest, U8To64, U64Only),
    TW_BOTH("CMEQ", "1", "10001", kEqual, U8To64, U64Only),
    TW_VECTOR("MLA", "0", "10010", Same, kMla, U8To32),
    TW_VECTOR("MLS", "1", "10010", Same, kMls, U8To32),
    TW_VECTOR("MUL", "0", "10011", Same, kMul, U8To32),
    TW_VECTOR("PMUL", "1", "10011", Same, kPolynomial, U8Only),
    TW_VECTOR("SMAXP", "0", "10100", Pairwise, kMax, I8To32),
    TW_VECTOR("UMAXP", "1", "10100", Pairwise, kMax, U8To32),
    TW_VECTOR("SMINP", "0", "10101", Pairwise, kMin, I8To32),
    TW_VECTOR("UMINP", "1", "10101", Pairwise, kMin, U8To32),
    TW_BOTH("SQDMULH", "0", "10110", kDoublingHigh<false>, I16To32, I16To32),
    TW_BOTH("SQRDMULH", "1", "10110", kDoublingHigh<true>, I16To32, I16To32),
    TW_VECTOR("ADDP", "0", "10111", Pairwise, kAdd, U8To64),
};
#undef TW_LOGIC
#undef TW_BOTH
#undef TW_SATURATING
#undef TW_SIGNS
#undef TW_SCALAR
#undef TW_VECTOR

}  // namespace

std::span<const Encoding> simd_three_same_encodings() { return kRows; }

}  // namespace tw::cpu::a64
