// Advanced SIMD floating point: conversions between precisions, and with integers and fixed point, vector and scalar
// (Arm ARM C4.1 "two-register miscellaneous", "shift by immediate").
#include "cpu/isa/a64/groups.hpp"
#include "cpu/isa/a64/simd_fp.hpp"

namespace tw::cpu::a64 {
namespace {

using cost::Cause;
using enum fp::Rounding;

// ---- with integers and fixed point of the same width; imm is the number of fraction bits

template <fp::Rounding rounding>
constexpr auto kToSigned = [](auto n, unsigned fraction_bits, fp::FpEnv& env) {
  return fp::to_fixed<std::make_signed_t<decltype(n)>>(n, fraction_bits, rounding, env);
};
template <fp::Rounding rounding>
constexpr auto kToUnsigned = [](auto n, unsigned fraction_bits, fp::FpEnv& env) {
  return fp::to_fixed<decltype(n)>(n, fraction_bits, rounding, env);
};
constexpr auto kFromSigned = [](auto n, unsigned fraction_bits, fp::FpEnv& env) {
  return fp::from_fixed<decltype(n)>(static_cast<std::make_signed_t<decltype(n)>>(n), fraction_bits, env);
};
constexpr auto kFromUnsigned = [](auto n, unsigned fraction_bits, fp::FpEnv& env) {
  return fp::from_fixed<decltype(n)>(n, fraction_bits, env);
};

/// immh:immb is twice the element's width less the fraction bits; the leading one of immh gives the width.
template <auto fn, bool scalar>
Handler fixed_point(Op& op) {
  const u64 field = bits<22, 16>(op.insn);
  const unsigned bytes = static_cast<unsigned>(std::bit_floor(bits<22, 19>(op.insn)));
  if (bytes < 2 || (bytes == 8 && !scalar && !q_field(op))) return nullptr;
  decode_registers(op);
  op.imm = bytes * 16 - field;
  op.extra[kActive] = static_cast<u8>(scalar ? bytes : q_field(op) ? 16 : 8);
  return bytes == 2   ? with_fp_access<FpUnary<fn, u16>::run>
         : bytes == 4 ? with_fp_access<FpUnary<fn, u32>::run>
                      : with_fp_access<FpUnary<fn, u64>::run>;
}

// ---- between precisions

/// FCVTL: the lower or upper half of Vn to twice the width.
template <class From, class To>
const Op* lengthen(Cpu& cpu, const Op* op) {
  const auto n = lanes<From>(half(cpu.v[op->rn], op));
  return fp_lanes<To>(cpu, op, [&](unsigned i, fp::FpEnv& env) { return fp::convert<To>(n[i], env); });
}

constexpr auto kByFpcr = [](const fp::FpEnv& env) { return env.control.rounding; };
constexpr auto kToOdd = [](const fp::FpEnv&) { return Odd; };

/// FCVTN, FCVTXN: to half the width, into the lower half (upper half zero) or the upper one (lower half kept).
template <class From, class To, auto rounding>
const Op* narrow(Cpu& cpu, const Op* op) {
  const auto n = lanes<From>(cpu.v[op->rn]);
  const unsigned count = op->extra[kActive] / static_cast<unsigned>(sizeof(From));
  const u64 result = with_fp_env(cpu, [&](fp::FpEnv& env) {
    Lanes<To> d{};
    for (unsigned i = 0; i < count; ++i) d[i] = fp::convert<To>(n[i], rounding(env), env);
    return vector<To>(d).d[0];
  });
  VectorRegister& target = cpu.v[op->rd];
  target = op->extra[kHigh] ? VectorRegister{{target.d[0], result}} : VectorRegister{{result, 0}};
  return op + 1;
}

Handler select_lengthen(Op& op) {
  decode_registers(op);
  op.extra[kActive] = 16;
  op.extra[kHigh] = q_field(op);
  return is_double(op) ? with_fp_access<lengthen<u32, u64>> : with_fp_access<lengthen<u16, u32>>;
}
Handler select_narrow(Op& op) {
  select_lengthen(op);
  return is_double(op) ? with_fp_access<narrow<u64, u32, kByFpcr>> : with_fp_access<narrow<u32, u16, kByFpcr>>;
}
Handler select_narrow_odd(Op& op) {
  select_lengthen(op);
  return with_fp_access<narrow<u64, u32, kToOdd>>;
}
Handler select_narrow_odd_scalar(Op& op) {
  decode_registers(op);
  op.extra[kActive] = 8;
  return with_fp_access<narrow<u64, u32, kToOdd>>;
}

// `a` is the upper bit of the size field.
#define TW_INTEGER(name, u, a, opcode, fn)                                                                        \
  {name " (vector, integer)",                                                                                     \
   "0Q " u " 01110 " a "z 10000 " opcode " 10 nnnnn ddddd",                                                       \
   Cause::FpSimd,                                                                                                 \
   fp_vector<FpUnary, fn>,                                                                                        \
   kSimd,                                                                                                         \
   true},                                                                                                         \
      {name " (vector, integer, half)",                                                                           \
       "0Q " u " 01110 " a "1 11100 " opcode " 10 nnnnn ddddd",                                                   \
       Cause::FpSimd,                                                                                             \
       fp_vector_half<FpUnary, fn>,                                                                               \
       Feature::Fp16,                                                                                             \
       true},                                                                                                     \
      {name " (SIMD scalar, integer)",                                                                            \
       "01 " u " 11110 " a "z 10000 " opcode " 10 nnnnn ddddd",                                                   \
       Cause::FpSimd,                                                                                             \
       fp_scalar<FpUnary, fn>,                                                                                    \
       kSimd,                                                                                                     \
       true},                                                                                                     \
  {                                                                                                               \
    name " (SIMD scalar, integer, half)", "01 " u " 11110 " a "1 11100 " opcode " 10 nnnnn ddddd", Cause::FpSimd, \
        fp_scalar_half<FpUnary, fn>, Feature::Fp16, true                                                          \
  }
// A row a width, since immh = 0 is the modified-immediate group.
#define TW_FIXED(name, u, opcode, fn)                                                                               \
  {name " (vector, fixed-point, half)",                                                                             \
   "0Q " u " 011110 001h bbb " opcode " 1 nnnnn ddddd",                                                             \
   Cause::FpSimd,                                                                                                   \
   fixed_point<fn, false>,                                                                                          \
   Feature::Fp16,                                                                                                   \
   true},                                                                                                           \
      {name " (vector, fixed-point, single)",                                                                       \
       "0Q " u " 011110 01hh bbb " opcode " 1 nnnnn ddddd",                                                         \
       Cause::FpSimd,                                                                                               \
       fixed_point<fn, false>,                                                                                      \
       kSimd,                                                                                                       \
       true},                                                                                                       \
      {name " (vector, fixed-point, double)",                                                                       \
       "0Q " u " 011110 1hhh bbb " opcode " 1 nnnnn ddddd",                                                         \
       Cause::FpSimd,                                                                                               \
       fixed_point<fn, false>,                                                                                      \
       kSimd,                                                                                                       \
       true},                                                                                                       \
      {name " (SIMD scalar, fixed-point, half)",                                                                    \
       "01 " u " 111110 001h bbb " opcode " 1 nnnnn ddddd",                                                         \
       Cause::FpSimd,                                                                                               \
       fixed_point<fn, true>,                                                                                       \
       Feature::Fp16,                                                                                               \
       true},                                                                                                       \
      {name " (SIMD scalar, fixed-point, single)",                                                                  \
       "01 " u " 111110 01hh bbb " opcode " 1 nnnnn ddddd",                                                         \
       Cause::FpSimd,                                                                                               \
       fixed_point<fn, true>,                                                                                       \
       kSimd,                                                                                                       \
       true},                                                                                                       \
  {                                                                                                                 \
    name " (SIMD scalar, fixed-point, double)", "01 " u " 111110 1hhh bbb " opcode " 1 nnnnn ddddd", Cause::FpSimd, \
        fixed_point<fn, true>, kSimd, true                                                                          \
  }

constexpr Encoding kRows[] = {
    TW_INTEGER("FCVTNS", "0", "0", "11010", kToSigned<TieEven>),
    TW_INTEGER("FCVTNU", "1", "0", "11010", kToUnsigned<TieEven>),
    TW_INTEGER("FCVTPS", "0", "1", "11010", kToSigned<Plus>),
    TW_INTEGER("FCVTPU", "1", "1", "11010", kToUnsigned<Plus>),
    TW_INTEGER("FCVTMS", "0", "0", "11011", kToSigned<Minus>),
    TW_INTEGER("FCVTMU", "1", "0", "11011", kToUnsigned<Minus>),
    TW_INTEGER("FCVTZS", "0", "1", "11011", kToSigned<Zero>),
    TW_INTEGER("FCVTZU", "1", "1", "11011", kToUnsigned<Zero>),
    TW_INTEGER("FCVTAS", "0", "0", "11100", kToSigned<TieAway>),
    TW_INTEGER("FCVTAU", "1", "0", "11100", kToUnsigned<TieAway>),
    TW_INTEGER("SCVTF", "0", "0", "11101", kFromSigned),
    TW_INTEGER("UCVTF", "1", "0", "11101", kFromUnsigned),
    TW_FIXED("SCVTF", "0", "11100", kFromSigned),
    TW_FIXED("UCVTF", "1", "11100", kFromUnsigned),
    TW_FIXED("FCVTZS", "0", "11111", kToSigned<Zero>),
    TW_FIXED("FCVTZU", "1", "11111", kToUnsigned<Zero>),
    {"FCVTL, FCVTL2", "0Q 0 01110 0z 10000 10111 10 nnnnn ddddd", Cause::FpSimd, select_lengthen, kSimd, true},
    {"FCVTN, FCVTN2", "0Q 0 01110 0z 10000 10110 10 nnnnn ddddd", Cause::FpSimd, select_narrow, kSimd, true},
    {"FCVTXN, FCVTXN2", "0Q 1 01110 01 10000 10110 10 nnnnn ddddd", Cause::FpSimd, select_narrow_odd, kSimd, true},
    {"FCVTXN (scalar)", "01 1 11110 01 10000 10110 10 nnnnn ddddd", Cause::FpSimd, select_narrow_odd_scalar, kSimd,
     true},
};
#undef TW_FIXED
#undef TW_INTEGER

}  // namespace

std::span<const Encoding> simd_fp_convert_encodings() { return kRows; }

}  // namespace tw::cpu::a64
