// Advanced SIMD two-register miscellaneous, integer, vector and scalar; across lanes; scalar pairwise (Arm ARM C4.1).
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_operations.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;

/// Vd.2T[i] = Vn.T[2i] + Vn.T[2i + 1], or the same added to Vd.
template <auto fn, class T>
struct PairsLong {
  static const Op* run(Cpu& cpu, const Op* op) {
    using W = Wider<T>;
    const auto n = lanes<T>(cpu.v[op->rn]);
    auto d = lanes<W>(cpu.v[op->rd]);
    for (unsigned i = 0; i < kLanes<W>; ++i) d[i] = static_cast<W>(fn(W{n[2 * i]}, W{n[2 * i + 1]}, d[i]));
    write_active(cpu, op, vector<W>(d));
    return op + 1;
  }
};
constexpr auto kAddPair = [](auto a, auto b, auto) { return wrap(a) + wrap(b); };
constexpr auto kAccumulatePair = [](auto a, auto b, auto d) { return wrap(d) + wrap(a) + wrap(b); };

/// One lane of Result from all lanes.
template <auto fn, class T, class Result>
const Op* reduce(Cpu& cpu, const Op* op) {
  const auto n = lanes<T>(cpu.v[op->rn]);
  const unsigned count = op->extra[kActive] / static_cast<unsigned>(sizeof(T));
  Result result = n[0];
  for (unsigned i = 1; i < count; ++i) result = static_cast<Result>(fn(result, Result{n[i]}));
  cpu.v[op->rd] = {{wrap(static_cast<std::make_unsigned_t<Result>>(result)), 0}};
  return op + 1;
}
template <auto fn, class T>
struct Across {
  static const Op* run(Cpu& cpu, const Op* op) { return reduce<fn, T, T>(cpu, op); }
};
template <auto fn, class T>
struct AcrossLong {
  static const Op* run(Cpu& cpu, const Op* op) { return reduce<fn, T, Wider<T>>(cpu, op); }
};

/// Two 32-bit lanes are a pair, not a vector to reduce: unallocated.
template <template <auto, class> class Shape, auto fn, class List>
Handler across(Op& op) {
  return size_field(op) == 2 && !q_field(op) ? nullptr : by_size<Shape, fn, List>(op);
}

/// ADDP (scalar): both halves of Vn.
Handler add_pair(Op& op) {
  if (size_field(op) != 3) return nullptr;
  decode_registers(op);
  op.extra[kActive] = 16;
  return with_fp_access<Across<kAdd, u64>::run>;
}

/// XTN and relatives, scalar: one lane.
template <auto fn, class List>
Handler scalar_narrow(Op& op) {
  decode_registers(op);
  op.extra[kActive] = 1;
  return handler_of_size<Narrow, fn>(size_field(op), List{});
}

/// SHLL: to the left by the narrow width.
template <class List>
Handler shift_left_long(Op& op) {
  op.imm = u64{8} << size_field(op);
  return by_half<WidenShift, kLeftWide, List>(op);
}

// The tables of the estimates, computed (Arm ARM J1, UnsignedRecipEstimate and UnsignedRSqrtEstimate).
constexpr auto kReciprocalEstimate = [](u32 n, auto&&...) {
  if (n < 0x8000'0000) return ~u32{0};
  const u32 a = (n >> 23) * 2 + 1;
  const u32 b = (u32{1} << 19) / a;
  return ((b + 1) / 2) << 23;
};
constexpr auto kReciprocalRootEstimate = [](u32 n, auto&&...) {
  if (n < 0x4000'0000) return ~u32{0};
  u32 a = n >> 23;
  a = a < 256 ? a * 2 + 1 : ((a >> 1 << 1) + 1) * 2;
  u32 b = 512;
  while (u64{a} * (b + 1) * (b + 1) < u64{1} << 28) ++b;
  return ((b + 1) / 2) << 23;
};

#define TW_VECTOR(name, u, opcode, select) \
  { name, "0Q " u " 01110 zz 10000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, select, kSimd, true }
#define TW_SCALAR(name, u, opcode, select) \
  { name " (scalar)", "01 " u " 11110 zz 10000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, select, kSimd, true }
#define TW_FIXED(name, u, zz, opcode, fn, type)                                                                    \
  {                                                                                                                \
    name, "0Q " u " 01110 " zz " 10000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, of_type<Unary, fn, type>, kSimd, \
        true                                                                                                       \
  }
#define TW_BOTH(name, u, opcode, fn, list, scalar_list)               \
  TW_VECTOR(name " (vector)", u, opcode, (by_size<Unary, fn, list>)), \
      TW_SCALAR(name, u, opcode, (scalar_by_size<Unary, fn, scalar_list>))
#define TW_ZERO(name, u, opcode, fn)                                                            \
  TW_VECTOR(name " (zero, vector)", u, opcode, (by_size<Unary, fn, I8To64>)), {                 \
    name " (zero, scalar)", "01 " u " 11110 zz 10000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, \
        scalar_by_size<Unary, fn, I64Only>, kSimd, true                                         \
  }
#define TW_ACROSS(name, u, opcode, shape, fn, list) \
  { name, "0Q " u " 01110 zz 11000 " opcode " 10 nnnnn ddddd", Cause::FpSimd, across<shape, fn, list>, kSimd, true }

constexpr Encoding kRows[] = {
    TW_VECTOR("SADDLP", "0", "00010", (by_size<PairsLong, kAddPair, I8To32>)),
    TW_VECTOR("UADDLP", "1", "00010", (by_size<PairsLong, kAddPair, U8To32>)),
    TW_BOTH("SUQADD", "0", "00011", kAddUnsigned, I8To64, I8To64),
    TW_BOTH("USQADD", "1", "00011", kAddSigned, U8To64, U8To64),
    TW_VECTOR("CLS (vector)", "0", "00100", (by_size<Unary, kCountLeadingSigns, U8To32>)),
    TW_VECTOR("CLZ (vector)", "1", "00100", (by_size<Unary, kCountLeadingZeros, U8To32>)),
    TW_FIXED("CNT", "0", "00", "00101", kPopulation, u8),
    TW_FIXED("NOT", "1", "00", "00101", kNot, u64),
    TW_FIXED("RBIT (vector)", "1", "01", "00101", kReverseBits, u8),
    TW_VECTOR("SADALP", "0", "00110", (by_size<PairsLong, kAccumulatePair, I8To32>)),
    TW_VECTOR("UADALP", "1", "00110", (by_size<PairsLong, kAccumulatePair, U8To32>)),
    TW_BOTH("SQABS", "0", "00111", kSatAbs, I8To64, I8To64),
    TW_BOTH("SQNEG", "1", "00111", kSatNeg, I8To64, I8To64),
    TW_ZERO("CMGT", "0", "01000", kGreater),
    TW_ZERO("CMGE", "1", "01000", kGreaterEqual),
    TW_ZERO("CMEQ", "0", "01001", kEqual),
    TW_ZERO("CMLE", "1", "01001", kLessEqual),
    TW_ZERO("CMLT", "0", "01010", kLess),
    TW_BOTH("ABS", "0", "01011", kAbs, I8To64, I64Only),
    TW_BOTH("NEG", "1", "01011", kNeg, U8To64, U64Only),
    TW_VECTOR("XTN, XTN2", "0", "10010", (by_half<Narrow, kExtract, U8To32>)),
    TW_VECTOR("SQXTUN, SQXTUN2", "1", "10010", (by_half<Narrow, kSatExtractUnsigned, U8To32>)),
    TW_SCALAR("SQXTUN", "1", "10010", (scalar_narrow<kSatExtractUnsigned, U8To32>)),
    TW_VECTOR("SHLL, SHLL2", "1", "10011", shift_left_long<U8To32>),
    TW_VECTOR("SQXTN, SQXTN2", "0", "10100", (by_half<Narrow, kSatExtract, I8To32>)),
    TW_VECTOR("UQXTN, UQXTN2", "1", "10100", (by_half<Narrow, kSatExtract, U8To32>)),
    TW_SCALAR("SQXTN", "0", "10100", (scalar_narrow<kSatExtract, I8To32>)),
    TW_SCALAR("UQXTN", "1", "10100", (scalar_narrow<kSatExtract, U8To32>)),
    TW_FIXED("URECPE", "0", "10", "11100", kReciprocalEstimate, u32),
    TW_FIXED("URSQRTE", "1", "10", "11100", kReciprocalRootEstimate, u32),
    // ---- across lanes
    TW_ACROSS("SADDLV", "0", "00011", AcrossLong, kAdd, I8To32),
    TW_ACROSS("UADDLV", "1", "00011", AcrossLong, kAdd, U8To32),
    TW_ACROSS("SMAXV", "0", "01010", Across, kMax, I8To32),
    TW_ACROSS("UMAXV", "1", "01010", Across, kMax, U8To32),
    TW_ACROSS("SMINV", "0", "11010", Across, kMin, I8To32),
    TW_ACROSS("UMINV", "1", "11010", Across, kMin, U8To32),
    TW_ACROSS("ADDV", "0", "11011", Across, kAdd, U8To32),
    // ---- scalar pairwise
    {"ADDP (scalar)", "01 0 11110 zz 11000 11011 10 nnnnn ddddd", Cause::FpSimd, add_pair, kSimd, true},
};
#undef TW_ACROSS
#undef TW_ZERO
#undef TW_BOTH
#undef TW_FIXED
#undef TW_SCALAR
#undef TW_VECTOR

}  // namespace

std::span<const Encoding> simd_two_register_encodings() { return kRows; }

}  // namespace tw::cpu::a64
